#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

/// Somebody's probabilities that fights come out COMPETITIVE or better, written down before they are held. The seal is the hash of all the rest: it shows a change to whoever
/// has seen it before, and proves no date.
struct Forecast {
  struct Guess {
    std::string card;         // as it was given: "cards/anomaly.toml"
    std::string card_sha256;  // of the file: another card is another fight
    double probability = 0;   // strictly between 0 and 1
  };
  std::string by, at;  // "2026-11-30T12:00:00Z"
  std::vector<Guess> guesses;

  std::string seal() const;
  std::string toml() const;
  static Forecast parse(std::string_view text, const std::string& what);
  /// Errors: unknown keys, a probability that is out of range, a card twice, a seal that is not that of the rest.
  static Forecast read(const std::filesystem::path& path);
};

/// "2026-11-30T12:00:00Z", and a time that there is.
bool is_time(std::string_view text);

}  // namespace fairfight
