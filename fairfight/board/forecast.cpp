#include "fairfight/board/forecast.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/json.h"
#include "fairfight/board/adjudication.h"
#include "fairfight/io/toml.h"
#include "fairfight/report/text.h"

namespace fairfight {

bool is_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  const auto fits = [](char c, char form) { return form == '0' ? c >= '0' && c <= '9' : c == form; };
  if (text.size() != kForm.size() || !std::equal(text.begin(), text.end(), kForm.begin(), fits)) return false;
  const auto two_digits = [&](size_t at) { return 10 * (text[at] - '0') + text[at + 1] - '0'; };
  return is_date(text.substr(0, 10)) && two_digits(11) < 24 && two_digits(14) < 60 && two_digits(17) < 60;
}

std::string Forecast::seal() const {
  Json all{{"by", by}, {"at", at}, {"guesses", Json::array()}};
  for (const auto& guess : guesses) all["guesses"].push_back({{"card", guess.card}, {"card_sha256", guess.card_sha256}, {"probability", guess.probability}});
  return sha256(dump_json(all));
}

std::string Forecast::toml() const {
  std::string text = fmt::format("# The probability that each of these fights comes out COMPETITIVE or better, written down before it was held.\nby = {}\nat = {}\nseal = {}\n", Json(by).dump(), Json(at).dump(), Json(seal()).dump());
  for (const auto& guess : guesses) text += fmt::format("\n[[guess]]\ncard = {}\ncard_sha256 = {}\nprobability = {}\n", Json(guess.card).dump(), Json(guess.card_sha256).dump(), Json(guess.probability).dump());
  return text;
}

Forecast Forecast::read(const std::filesystem::path& path) { return parse(read_file(path), path.string()); }

Forecast Forecast::parse(std::string_view text, const std::string& what) {
  const Json file = parse_toml(text, what);
  Fields fields(file, what);
  Forecast f{fields.text("by"), fields.text("at"), {}};
  if (!is_signature(f.by) || !is_time(f.at)) fail("[forecast] {}: got by \"{}\" at \"{}\", expected a name and a time like 2026-11-30T12:00:00Z", what, plain(f.by), plain(f.at));
  const std::string seal = fields.text("seal");
  const Json& given = fields.any("guess");
  if (!given.is_array() || given.empty()) fail("[forecast] {}: expected [[guess]] tables", what);
  for (const Json& table : given) {
    Fields guess(table, fmt::format("{}: guess {}", what, f.guesses.size() + 1));
    Guess one{guess.text("card"), guess.text("card_sha256"), guess.number("probability", 0, 1)};
    guess.finish();
    if (one.probability <= 0 || one.probability >= 1) fail("[forecast] {}: {}: probability: got {}, expected more than 0 and less than 1", what, plain(one.card), one.probability);
    if (std::any_of(f.guesses.begin(), f.guesses.end(), [&](const auto& other) { return other.card_sha256 == one.card_sha256; })) fail("[forecast] {}: {} stands twice", what, plain(one.card));
    f.guesses.push_back(std::move(one));
  }
  fields.finish();
  if (f.seal() != seal) fail("[forecast] {}: its seal is {:.12}, and that of what it says {:.12}; it was changed after it was sealed", what, plain(seal), f.seal());
  return f;
}

}  // namespace fairfight
