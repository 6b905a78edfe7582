#include "fairfight/board/board.h"

#include <fmt/format.h>
#include <unistd.h>

#include <ctime>

#include "cli/plain_verbs.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/toml.h"

namespace fairfight {
namespace {

using Paths = std::vector<std::filesystem::path>;

struct BoardOptions {
  Paths results, adjudications, forecasts;
  std::filesystem::path out;
  bool markdown = false;
};

void show_board(const BoardOptions& o) {
  auto adjudications = shipped_adjudications();
  for (const auto& path : o.adjudications) adjudications.push_back(Adjudication::read(path));
  std::vector<Forecast> forecasts;
  for (const auto& path : o.forecasts) forecasts.push_back(Forecast::read(path));
  const Board board(read_fights(o.results), std::move(adjudications), std::move(forecasts));
  if (!o.out.empty()) {
    write_atomic(o.out, board_html(board, std::filesystem::absolute(o.out).parent_path()));
    fmt::print("{}\n", std::filesystem::absolute(o.out).lexically_normal().string());
  } else {
    fmt::print("{}", o.markdown ? board_markdown(board) : board_text(board));
  }
}

struct ForecastOptions {
  std::vector<std::string> guesses;  // CARD=PROBABILITY
  std::string by;
  std::filesystem::path out;
};

std::string now() {
  const std::time_t time = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
  return text;
}

void write_forecast(const ForecastOptions& o) {
  if (std::filesystem::exists(o.out)) fail("[forecast] {} exists, and a forecast is not changed; choose another --out", o.out.string());
  Forecast forecast{o.by, now(), {}};
  for (const auto& guess : o.guesses) {
    const size_t equals = guess.rfind('=');
    char* end = nullptr;
    const std::string number = equals == std::string::npos ? "" : guess.substr(equals + 1);
    const double probability = std::strtod(number.c_str(), &end);
    if (number.empty() || number.find_first_not_of("0123456789.e-") != std::string::npos || *end != 0 || !(probability > 0 && probability < 1)) fail("[forecast] got \"{}\", expected CARD=PROBABILITY with a probability between 0 and 1", guess);
    const std::string card = guess.substr(0, equals);
    const std::string hash = sha256_file(given_or_shipped(card));
    for (const auto& other : forecast.guesses)
      if (other.card_sha256 == hash) fail("[forecast] {} and {} are one card", other.card, card);
    if (!read_toml(given_or_shipped(card)).contains("fight")) fail("[forecast] {}: is no card, for it names no fight", card);
    forecast.guesses.push_back({card, hash, probability});
  }
  Forecast::parse(forecast.toml(), "the forecast");  // what it writes can be read
  write_atomic(o.out, forecast.toml());
  fmt::print("{}\nseal {}: show it to somebody now, and it proves later that nothing was changed\n", std::filesystem::absolute(o.out).lexically_normal().string(), forecast.seal());
}

}  // namespace

void add_board(CLI::App& app) {
  auto* verb = app.add_subcommand("board", "Shows which of the essay's predictions came true, from the results of fights");
  verb->footer("Each RESULT is a folder that a fight has written, or its result.json; registration.json lies beside it.\n"
               "Example:  fairfight board docs/results/* --out board.html");
  static BoardOptions o;
  verb->add_option("results", o.results, "what fights have written; none: the essay's lists alone");
  verb->add_option("--adjudication", o.adjudications, "a TOML file with somebody's signed ruling, of a paper or of fairfight's own board; the option may be repeated")->allow_extra_args(false);
  verb->add_option("--forecast", o.forecasts, "what `fairfight forecast` has written; the option may be repeated")->allow_extra_args(false);
  auto* out = verb->add_option("--out", o.out, "write the page there; without it a table is printed");
  verb->add_flag("--markdown", o.markdown, "print the eight as a table in Markdown")->excludes(out);
  verb->callback([] { show_board(o); });
}

void add_forecast(CLI::App& app) {
  auto* verb = app.add_subcommand("forecast", "Writes down, sealed, how likely fights come out COMPETITIVE or better, before they are held");
  verb->footer("Example:  fairfight forecast cards/anomaly.toml=0.2 cards/represented.toml=0.5 --by \"A. Reader\" --out forecast.toml");
  static ForecastOptions o;
  verb->add_option("guesses", o.guesses, "CARD=PROBABILITY, one or several")->required();
  verb->add_option("--by", o.by, "whose forecast it is")->required();
  verb->add_option("--out", o.out, "the file to write; `fairfight board --forecast` scores it")->required();
  verb->callback([] { write_forecast(o); });
}

}  // namespace fairfight
