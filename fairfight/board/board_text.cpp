#include <fmt/format.h>

#include <algorithm>

#include "fairfight/board/board.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr size_t kFigures = 43;  // columns of a line of scores, its margins included

std::string probability_text(double p) { return percent(p, 0); }
std::string score_text(double score) { return signed_fixed(score, 2); }

/// What is printed of a probability: "20 %", and no 0 % of what is possible.
std::string chance_text(double p) { return percent(p, p < 0.01 || p > 0.99 ? 2 : 0); }

/// What would be more than text in Markdown is text.
std::string markdown(std::string_view untrusted) {
  std::string text;
  for (const char c : plain(untrusted)) {
    if (std::string_view("\\|<>[]`*_#").find(c) != std::string_view::npos) text += '\\';
    text += c;
  }
  return text;
}

/// "LOSES on models like these, tier 3, open weights: LOSES, registration 0123456789ab"
std::string verdict_text(const HeldFight& fight) {
  const auto& v = fight.result.verdict;
  std::string text = fmt::format("{} {}, tier {}", name_of(v.ruling.label), plain(v.scope), fight.result.tier.value);
  for (const auto& threat : v.rulings) text += fmt::format(", {}: {}", plain(threat.title), name_of(threat.ruling.label));
  if (const auto why = fight.set_aside(); !why.empty()) text += ", does not count: " + why;
  if (fight.as_good() && !fight.result.necessity.passed) text += ", the dictionary not shown to be needed";
  return text + fmt::format(", registration {:.12}", fight.result.registration.sha256);
}

class BoardPrinter {
 public:
  BoardPrinter(const Board& board, size_t columns) : board_(board), columns_(std::max<size_t>(columns, 60)) {}

  std::string print() {
    paragraph(board_.headline(), 2);
    if (board_.tier > 0) paragraph("The highest tier of any fight: " + board_.for_next_tier, 2);
    if (!board_.held.empty()) paragraph("What was not handed in does not stand here.", 2);
    line();
    for (const auto& row : board_.rows) {
      const auto& prediction = fought_list().prediction(row.id);
      line(fmt::format("  {:<4}{}  {:>5}  {}", row.id, align_left(prediction.claim, columns_ - 4 - 4 - 2 - 7 - 12), probability_text(row.probability), name_of(row.came)));
      details(row);
    }
    systems();
    papers();
    scores();
    guesses();
    return std::move(text_);
  }

 private:
  void line(std::string_view text = "") {
    text_ += text;
    text_.erase(text_.find_last_not_of(' ') + 1);
    text_ += '\n';
  }
  void paragraph(std::string_view text, size_t indent) {
    for (const auto& part : wrapped(plain(text), columns_ - indent - 2)) line(std::string(indent, ' ') + part);
  }
  void details(const Board::Row& row) {
    for (const auto* fight : row.fights) paragraph(verdict_text(*fight), 6);
    if (!row.why.empty()) paragraph(row.why, 6);
    if (!row.for_next_tier.empty()) paragraph(row.for_next_tier, 6);
  }

  void systems() {
    line();
    line("  The systems that the essay names, and the tier it gives them");
    for (const auto& system : named_systems()) {
      const auto row = std::find_if(board_.systems.begin(), board_.systems.end(), [&](const auto& r) { return r.id == system.id; });
      line(fmt::format("  {:<4}{}  {:>9}  {}", system.id, align_left(system.title, columns_ - 4 - 4 - 2 - 11 - 12), system.tier, name_of(row->came)));
      details(*row);
    }
  }

  /// What papers made of the list that nobody fights about.
  void papers() {
    for (const auto& adjudication : board_.adjudications) {
      const PredictionList& list = prediction_list(adjudication.list);
      if (&list == &fought_list()) continue;
      line();
      paragraph(fmt::format("{}, and what came true of them in {}, by {}", list.title, adjudication.of, adjudication.by), 2);
      for (const auto& prediction : list.predictions)
        line(fmt::format("  {:<4}{}  {:>5}  {}", prediction.id, align_left(prediction.claim, columns_ - 4 - 4 - 2 - 7 - 12), probability_text(prediction.probability), name_of(adjudication.outcome(prediction.id)->came ? Board::Came::yes : Board::Came::no)));
    }
  }

  void scores() {
    line();
    line(fmt::format("  {}  {:>6} {:>6} {:>6} {:>7} {:>8}", align_left("Scores: Σ (1 - p) of what came, Σ -p of what did not", columns_ - kFigures), "score", "sd", "z", "Brier", "log loss"));
    for (const auto& s : board_.scored) {
      line(fmt::format("  {}  {:>6} {:>6} {:>6} {:>7} {:>8}", align_left(fmt::format("{}: {}", s.list->name, plain(s.of)), columns_ - kFigures), score_text(s.scoring.score), fixed(s.scoring.sd, 2),
                       signed_fixed(s.scoring.z, 2), fixed(s.scoring.brier, 3), fixed(s.scoring.log_loss, 3)));
      if (!s.by.empty()) paragraph("by " + s.by, 6);
    }
    paragraph(fmt::format("These fights so far: {}; once all eight are settled it will lie between {} and {}.", score_text(board_.ours.settled), score_text(board_.ours.low), score_text(board_.ours.high)), 2);
  }

  void guesses() {
    if (board_.guessed.empty()) return;
    line();
    line("  Forecasts that a fight comes out COMPETITIVE or better");
    for (const auto& one : board_.guessed) {
      const std::string_view outcome = one.came ? *one.came ? "it did" : "it did not" : one.fight ? "open"
                                                                                                  : "not held yet";
      line(fmt::format("  {}  {:>8}  {}", align_left(plain(one.guess.card) + ", " + plain(one.forecast->by), columns_ - 30), chance_text(one.guess.probability), outcome));
      line(fmt::format("      seal {:.12}, by its own date of {}", one.forecast->seal(), one.forecast->at));
    }
    for (const auto& f : board_.forecasters())
      if (f.scored > 0) paragraph(fmt::format("{}: {} settled, Brier score {}, log loss {}", f.by, f.scored, fixed(f.brier, 3), fixed(f.log_loss, 3)), 2);
  }

  const Board& board_;
  size_t columns_;
  std::string text_;
};

}  // namespace

std::string board_text(const Board& board, size_t columns) { return BoardPrinter(board, columns).print(); }

std::string board_markdown(const Board& board) {
  std::string text = "| | prediction | the essay's p | outcome | verdict |\n|---|---|---|---|---|\n";
  for (const auto& row : board.rows) {
    std::string said;
    for (const auto* fight : row.fights) said += (said.empty() ? "" : "; ") + verdict_text(*fight);
    if (!row.why.empty()) said += (said.empty() ? "" : "; ") + row.why;
    text += fmt::format("| {} | {} | {} | {} | {} |\n", row.id, fought_list().prediction(row.id).claim, probability_text(row.probability), name_of(row.came), markdown(said));
  }
  return text;
}

}  // namespace fairfight
