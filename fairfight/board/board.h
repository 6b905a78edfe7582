#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/board/adjudication.h"
#include "fairfight/board/forecast.h"
#include "fairfight/board/predictions.h"
#include "fairfight/board/scoring.h"
#include "fairfight/board/verdicts.h"

namespace fairfight {

/// Which of the essay's predictions came true: all that its page and its tables show, worked out of held fights and of adjudications.
struct Board {
  enum class Came { yes,
                    no,
                    open,       // fought, and no verdict is settled, or they contradict each other
                    not_yet };  // nobody has fought about it
  /// A prediction, or a named system, and what says whether it came true.
  struct Row {
    std::string_view id;
    double probability = 0;                 // of a system: 0
    Came came = Came::not_yet;
    Came fought = Came::not_yet;            // what its fights say; another one than `came` where a hand has set that
    std::string why;                        // in a sentence; empty where one verdict says it all
    std::vector<const HeldFight*> fights;   // those that decide it first: of a sample of models, then of fixed ones
    const Adjudication* by = nullptr;       // who overrode them, or stands in their place
    double p = 1;                           // of the fight that decides, one-sided; 1 where there is none
    bool holds_among_all = false;           // after Holm's correction over the list, with one chance in twenty of a single false one
    int64_t tier = 0;                       // the highest that a fight of it supports; 0: none
    std::string for_next_tier;              // that fight's sentence
  };
  /// One set of outcomes of a whole list.
  struct Scored {
    const PredictionList* list;
    std::string of, by;
    std::vector<int> came;
    Scoring scoring;
  };
  struct Guessed {
    const Forecast* forecast;
    Forecast::Guess guess;
    const HeldFight* fight = nullptr;  // of its card; null: not held yet
    std::optional<bool> came;          // none: not held, or not settled
  };

  std::vector<HeldFight> held;
  std::vector<Adjudication> adjudications;
  std::vector<Forecast> forecasts;

  std::vector<Row> rows;       // the eight
  std::vector<Row> systems;
  std::vector<Scored> scored;  // every adjudicated paper; then nothing done and everything done of the eight
  struct {
    double settled = 0, low = 0, high = 0;  // over what is settled, and what the rest can still make of it
    size_t yes = 0, no = 0, open = 0, not_yet = 0;
    size_t by_hand = 0;  // rows that a hand has set; nothing above counts it
  } ours;
  std::vector<Guessed> guessed;
  int64_t tier = 0;               // the highest of all
  std::string for_next_tier;

  /// Errors: an adjudication of our own that is not about the eight; two of them about one prediction; a forecast that is younger than a fight of its card; somebody's second one of a card.
  Board(std::vector<HeldFight> held, std::vector<Adjudication> adjudications, std::vector<Forecast> forecasts);
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  /// Of the forecasts whose fights are settled, one forecaster's.
  struct Forecaster {
    std::string by;
    size_t scored = 0;
    double brier = 0, log_loss = 0;  // means
  };
  std::vector<Forecaster> forecasters() const;

  std::string headline() const;  // in a sentence or two
};

/// "came true", "did not", "open", "not yet".
std::string_view name_of(Board::Came came);

/// For a terminal, at most `columns` wide.
std::string board_text(const Board& board, size_t columns = 100);

/// The table of the eight for a README.
std::string board_markdown(const Board& board);

/// A self-contained page, without scripts, light or dark. `folder`: where it will lie; the reports that lie beside the results are linked from there.
std::string board_html(const Board& board, const std::filesystem::path& folder);

}  // namespace fairfight
