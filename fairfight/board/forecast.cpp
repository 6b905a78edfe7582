#include "fairfight/board/forecast.h"

#include <fmt/format.h>

#include <algorithm>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/json.h"
#include "fairfight/io/toml.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

bool is_time(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  return text.size() == kForm.size() && std::equal(text.begin(), text.end(), kForm.begin(), [](char c, char form) { return form == '0' ? c >= '0' && c <= '9' : c == form; });
}

}  // namespace

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

Forecast Forecast::read(const std::filesystem::path& path) {
  const Json file = read_toml(path);
  Fields fields(file, path.string());
  Forecast f{fields.text("by"), fields.text("at"), {}};
  if (f.by.empty() || !is_time(f.at)) fail("[forecast] {}: got by \"{}\" at \"{}\", expected a name and a time like 2026-11-30T12:00:00Z", path.string(), plain(f.by), plain(f.at));
  const std::string seal = fields.text("seal");
  const Json& given = fields.any("guess");
  if (!given.is_array() || given.empty()) fail("[forecast] {}: expected [[guess]] tables", path.string());
  for (const Json& table : given) {
    Fields guess(table, fmt::format("{}: guess {}", path.string(), f.guesses.size() + 1));
    Guess one{guess.text("card"), guess.text("card_sha256"), guess.number("probability", 0, 1)};
    guess.finish();
    if (one.probability <= 0 || one.probability >= 1) fail("[forecast] {}: {}: probability: got {}, expected more than 0 and less than 1", path.string(), plain(one.card), one.probability);
    if (std::any_of(f.guesses.begin(), f.guesses.end(), [&](const auto& other) { return other.card_sha256 == one.card_sha256; })) fail("[forecast] {}: {} stands twice", path.string(), plain(one.card));
    f.guesses.push_back(std::move(one));
  }
  fields.finish();
  if (f.seal() != seal) fail("[forecast] {}: its seal is {:.12}, and that of what it says {:.12}; it was changed after it was sealed", path.string(), plain(seal), f.seal());
  return f;
}

}  // namespace fairfight
