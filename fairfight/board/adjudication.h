#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace fairfight {

/// Somebody's ruling on what came true of a list, in a TOML file: signed, dated, with a reason for every outcome.
struct Adjudication {
  struct Outcome {
    std::string prediction;
    bool came = false;
    std::string reason;
  };
  std::string list;    // "2024-10"
  std::string of;      // whose outcomes: a paper, or kOurOwn
  std::string by, date;  // "S. Casper, EIS XV", "2025-03" or "2025-03-13"
  std::vector<Outcome> outcomes;

  static constexpr const char* kOurOwn = "fairfight";
  bool our_own() const { return of == kOurOwn; }
  const Outcome* outcome(std::string_view prediction) const;  // null: none

  /// Errors: unknown keys, lists and predictions, one twice, no name, date or reason; of a paper, a prediction that is left out.
  static Adjudication read(const std::filesystem::path& path);
};

/// Those that come with fairfight: of the papers that the essay's author scored, and one that disputes him.
std::vector<Adjudication> shipped_adjudications();

/// A name or a reason: it is not blank, and a reader sees all of it.
bool is_signature(std::string_view text);

/// "2025-03" or "2025-03-13".
bool is_date(std::string_view text);

}  // namespace fairfight
