#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>

#include "fairfight/board/board.h"
#include "fairfight/report/page.h"
#include "fairfight/report/statement.h"
#include "fairfight/report/style.h"
#include "fairfight/report/svg.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr std::string_view kBoardStyle = R"css(
a { color: inherit; }
.lead { max-width: 46rem; font-size: 1.3rem; line-height: 1.45; margin-bottom: 2rem; }
.came { --said: var(--ahead); } .didnot { --said: var(--behind); } .stillopen { --said: var(--near); }
.notyet { --said: var(--faint); }
.board th, .board td { padding: .7rem 1rem .7rem 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
.board thead th { color: var(--muted); font-size: .8rem; padding: 0 1rem .4rem 0; vertical-align: bottom; border-bottom: 1.5px solid var(--ink); }
.board tbody th { font-weight: 400; min-width: 13rem; } .board tbody th b { margin-right: .35rem; }
.board .aside { display: block; margin-top: .15rem; }
.board p { margin: 0 0 .45rem; font: inherit; max-width: 30rem; } .board p:last-child { margin-bottom: 0; }
.board .number { text-align: right; white-space: nowrap; }
.wide + p { margin-top: 1.4rem; }
.chance { white-space: nowrap; }
.scale { display: inline-block; vertical-align: baseline; width: 3.2rem; height: .6rem; margin-right: .5rem;
  background: linear-gradient(var(--near), var(--near)) 0 / calc(100% * var(--part)) 100% no-repeat var(--grid);
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.figures { width: auto; min-width: min(100%, 36rem); }
.figures th, .figures td { padding: .3rem 1.2rem .3rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
.figures td { text-align: right; white-space: nowrap; } .figures thead th { color: var(--muted); font-size: .8rem; border-bottom: 1.5px solid var(--ink); }
.figures thead th + th { text-align: right; }
.figures .aside { display: block; }
.rules { list-style: none; margin: .3rem 0 .8rem; padding: 0; font: .88rem/1.5 var(--sans); }
.rules li { margin: 0 0 .25rem; padding-left: 1.3rem; text-indent: -1.3rem; }
.rules .yes::before { content: "✓\00a0\00a0"; } .rules .no::before { content: "✗\00a0\00a0"; }
.rules .no { font-weight: 400; }
.fight { margin: 0 0 1.1rem; } .fight h3 { font: 600 .92rem/1.5 var(--sans); margin: 0 0 .3rem; }
.fight .hash { font-size: .76rem; }
@media screen and (max-width: 52rem) {
  .board, .board tbody, .board tr, .board th, .board td { display: block; } .board thead { display: none; }
  .board tr { border-bottom: 1px solid var(--rule); padding: .6rem 0; } .board th, .board td { border: 0; padding: .15rem 0; }
  .board .number { text-align: left; }
}
)css";

namespace fs = std::filesystem;
using Came = Board::Came;

std::string_view style_of(Came came) {
  switch (came) {
    case Came::yes: return "came";
    case Came::no: return "didnot";
    case Came::open: return "stillopen";
    case Came::not_yet: break;
  }
  return "notyet";
}

std::string came_chip(Came came) { return fmt::format("<span class=\"chip {}\">{}</span>", style_of(came), name_of(came)); }

std::string probability_html(double p) { return fmt::format(R"(<span class="chance"><span class="scale" style="--part:{:.3f}"></span>{}</span>)", p, sentence_html(percent(p, 0))); }

std::string p_text(double p) { return p < 1e-4 ? "&lt; 0.0001" : fixed(p, 4); }

std::string short_hash(const HeldFight& fight) { return fmt::format("<span class=\"hash\">{:.12}</span>", fight.result.registration.sha256); }

/// A link to the report that lies beside a result.
std::string report_link(const HeldFight& fight, const fs::path& folder) {
  const fs::path report = fight.path.parent_path() / "report.html";
  if (!fs::exists(report)) return "";
  std::string to;
  for (const unsigned char c : fs::relative(report, folder).generic_string()) to += std::isalnum(c) || c == '/' || c == '.' || c == '-' || c == '_' ? std::string(1, char(c)) : fmt::format("%{:02X}", c);
  return fmt::format(", <a href=\"{}\">report</a>", to);
}

std::string verdict_line(const HeldFight& fight, const fs::path& folder) {
  const auto& v = fight.result.verdict;
  std::string html = fmt::format("<p>{} {}, tier {}", chip(v.ruling.label), escape(v.scope), fight.result.tier.value);
  for (const auto& threat : v.rulings) html += fmt::format("<span class=\"aside\">with {}: {}</span>", escape(threat.title), name_of(threat.ruling.label));
  if (fight.as_good() && !fight.result.necessity.passed) html += "<span class=\"aside\">the dictionary is not shown to be needed</span>";
  if (const auto why = fight.set_aside(); !why.empty()) html += "<span class=\"aside\">does not count: " + sentence_html(why) + "</span>";
  return html + fmt::format("<span class=\"aside\">registration {}{}</span></p>", short_hash(fight), report_link(fight, folder));
}

std::string verdict_cell(const Board::Row& row, const fs::path& folder) {
  std::string html;
  for (const auto* fight : row.fights) html += verdict_line(*fight, folder);
  if (!row.for_next_tier.empty()) html += "<p class=\"aside\">" + sentence_html(row.for_next_tier) + "</p>";
  if (row.by) html += "<p>" + sentence_html(row.why) + "</p>";
  else if (!row.why.empty()) html += "<p class=\"aside\">" + sentence_html(row.why) + "</p>";
  return html;
}

std::string row_of_board(std::string_view id, std::string_view claim, std::string_view aside, const std::string& number, const Board::Row& row, const fs::path& folder) {
  return fmt::format("<tr><th scope=\"row\"><b>{}</b>{}<span class=\"aside\">{}</span></th><td>{}</td><td>{}</td><td>{}</td></tr>\n", id, escape(claim), aside, number, came_chip(row.came), verdict_cell(row, folder));
}

std::string eight(const Board& board, const fs::path& folder) {
  std::string rows;
  for (const auto& row : board.rows) {
    const auto& prediction = fought_list().prediction(row.id);
    rows += row_of_board(row.id, prediction.claim, "against " + escape(prediction.baselines), probability_html(row.probability), row, folder);
  }
  return table("class=\"board\"", heads_html({"prediction", "the essay's probability", "outcome", "verdicts"}), rows);
}

std::string systems(const Board& board, const fs::path& folder) {
  std::string rows;
  for (const auto& system : named_systems()) {
    const auto row = std::find_if(board.systems.begin(), board.systems.end(), [&](const auto& r) { return r.id == system.id; });
    rows += row_of_board(system.id, system.title, escape(system.does), escape(system.tier), *row, folder);
  }
  return table("class=\"board\"", heads_html({"system", "the essay's tier", "outcome", "verdicts"}), rows);
}

/// A list with what papers made of it.
std::string ruled(const PredictionList& list, const std::vector<const Adjudication*>& by) {
  Row heads{"prediction", "probability"};
  for (const auto* one : by) heads.push_back(fmt::format("{}<span class=\"aside\">{}, {}</span>", escape(one->of), escape(one->by), escape(one->date)));
  std::string rows;
  for (const auto& prediction : list.predictions) {
    rows += fmt::format("<tr><th scope=\"row\"><b>{}</b>{}</th><td>{}</td>", prediction.id, escape(prediction.claim), probability_html(prediction.probability));
    for (const auto* one : by) {
      const auto* outcome = one->outcome(prediction.id);
      rows += fmt::format("<td>{}<span class=\"aside\">{}</span></td>", came_chip(outcome->came ? Came::yes : Came::no), escape(outcome->reason));
    }
    rows += "</tr>\n";
  }
  return figure(escape(list.title), sentence_html(list.about), table("class=\"board\"", heads_html(heads), rows));
}

std::string papers(const Board& board) {
  std::string html;
  for (const auto& list : prediction_lists()) {
    std::vector<const Adjudication*> by;
    for (const auto& adjudication : board.adjudications)
      if (adjudication.list == list.name && !adjudication.our_own()) by.push_back(&adjudication);
    if (!by.empty()) html += ruled(list, by);
  }
  return html;
}

std::string score_html(double score) { return signed_fixed(score, 2); }

std::string scores(const Board& board) {
  std::vector<Row> rows;
  for (const auto& s : board.scored)
    rows.push_back({fmt::format("{}<span class=\"aside\">{}{}</span>", escape(s.of), escape(s.list->title), s.by.empty() ? "" : ", " + escape(s.by)), "<b>" + score_html(s.scoring.score) + "</b>", fixed(s.scoring.sd, 2), signed_fixed(s.scoring.z, 2), fixed(s.scoring.brier, 3), fixed(s.scoring.log_loss, 3)});
  return figure("The essay's score", "Σ (1 − p) over what came true and Σ −p over what did not. It is 0 in the mean if the probabilities are right, and no proper score: whoever says less than he believes has more of it in the mean. z is the score in "
                                     "standard deviations, were the events independent: neither of the two that the essay's author published is unusual. Brier score and logarithmic loss are proper, and better the smaller they are.",
                table("figures", {"whose outcomes", "score", "sd", "z", "Brier", "log loss"}, rows));
}

std::string dependence(const PredictionList& list) {
  std::vector<Row> rows;
  for (const double rho : {0.0, 0.25, 0.5}) {
    const Dependence d = dependence_of(list.probabilities(), rho);
    rows.push_back({fmt::format("ρ = {}", rho), fixed(d.sd, 2), score_html(d.low) + " to " + score_html(d.high)});
  }
  return figure(escape(list.title) + ", were its events tied", "The events are not independent. Tied by a Gaussian copula with this correlation the score has this standard deviation, if the probabilities are right, and lies within this band with a chance of at least 90 % (it moves in steps of 1).",
                table("figures", {"correlation", "sd", "at least 90 %"}, rows));
}

/// What the score would be with one tick the other way, whatever it is now.
std::string sensitivity(const Board::Scored& s) {
  std::vector<Row> rows;
  for (size_t i = 0; i < s.came.size(); ++i) {
    auto other = s.came;
    other[i] = 1 - other[i];
    const Scoring flipped = scoring_of(s.list->probabilities(), other);
    rows.push_back({fmt::format("{}<span class=\"aside\">{}</span>", s.list->predictions[i].id, escape(s.list->predictions[i].claim)), s.came[i] ? "yes" : "no", score_html(flipped.score), signed_fixed(flipped.z, 2), fixed(flipped.brier, 3), fixed(flipped.log_loss, 3)});
  }
  return folded(fmt::format("What each tick is worth: {}{}", escape(s.of), s.by.empty() ? "" : ", " + escape(s.by)),
                figure("With one outcome the other way", fmt::format("As it stands: {}.", score_html(s.scoring.score)), table("figures", {"prediction", "ticked", "score", "z", "Brier", "log loss"}, rows)));
}

std::string all_scores(const Board& board) {
  std::string html = fmt::format("<p>These fights stand at <b>{}</b>; once all eight are settled it will lie between {} and {}.</p>\n", score_html(board.ours.settled), score_html(board.ours.low), score_html(board.ours.high));
  html += scores(board);
  for (const auto& list : prediction_lists()) html += dependence(list);
  for (const auto& s : board.scored)
    if (!s.by.empty()) html += sensitivity(s);
  return html;
}

std::string rules_html(const HeldFight& fight) {
  std::string items;
  size_t kept = 0;
  const auto rules = market_rules(fight.result);
  for (const auto& rule : rules) {
    kept += rule.holds;
    items += fmt::format("<li class=\"{}\">{} <span class=\"aside\">{}</span></li>\n", rule.holds ? "yes" : "no", sentence_html(rule.rule), sentence_html(rule.how));
  }
  const auto& r = fight.result;
  return fmt::format("<div class=\"fight\">\n<h3>{} {} {}</h3>\n<p>{}</p>\n<p>{} of {} of the market's rules hold.</p>\n<ul class=\"rules\">\n{}</ul>\n<p class=\"aside\">{}</p>\n<p class=\"aside\">{}, margin {}, from {}, begun {}; p against “behind by the margin or more”: {}</p>\n<p>{}</p></div>\n",
                     escape(r.fight.prediction), escape(r.fight.title), chip(fight.ruling().label), sentence_html(without_label(r.verdict.sentence, fight.ruling().label)), kept, rules.size(), items, sentence_html(r.tier.sentence), escape(r.verdict.scope),
                     fixed(r.verdict.margin, 3), escape(r.registration.card), escape(r.timing.started), p_text(fight.p_competitive()), hash_span(r.registration.sha256));
}

std::string all_rules(const Board& board) {
  std::string html = "<p>“Will SAEs be successfully used on a downstream task in the next year and beat baselines?” was a market on Manifold, with rules of its own. They ask for more than the essay does: to beat, not to keep up. The market was resolved by its author's judgement; whether a task is one that people "
                     "cared about beforehand, a result cannot say.</p>\n";
  for (const auto& fight : board.held) html += rules_html(fight);
  return html;
}

std::string many(const Board& board) {
  std::vector<Row> rows;
  for (const auto& row : board.rows)
    if (row.came == Came::yes) rows.push_back({std::string(row.id), p_text(row.p), row.holds_among_all ? "holds" : "does not hold"});
  std::string html = fmt::format("<p>{} of {} came true. Of eight predictions one may seem to come true by chance; by Holm's correction the chance of a single false one among those that hold is one in twenty. What nobody has fought about, and what a hand has set, counts with p = 1. p is read off the judge's interval, times the number of fights about the prediction; it is no smaller than 0.05 where a baseline was under-tuned. The highest tier of any fight: {}</p>\n", board.ours.yes, board.rows.size(), sentence_html(board.for_next_tier));
  return rows.empty() ? html : html + table("figures", {"prediction", "p", "among all eight"}, rows);
}

std::string forecasts(const Board& board) {
  std::vector<Row> rows;
  for (const auto& one : board.guessed) {
    rows.push_back({escape(one.guess.card), fmt::format("{}<span class=\"aside\">by its own date of {}, seal {:.12}</span>", escape(one.forecast->by), escape(one.forecast->at), one.forecast->seal()), sentence_html(percent(one.guess.probability, one.guess.probability < 0.01 || one.guess.probability > 0.99 ? 2 : 0)), one.came ? *one.came ? "it did" : "it did not" : one.fight ? "open"
                                                                                                                                                                                                                                                                                                                                                                                        : "not held yet"});
  }
  std::string so_far;
  for (const auto& f : board.forecasters())
    so_far += f.scored == 0 ? fmt::format(" None of {}'s can be scored yet.", escape(f.by)) : fmt::format(" {}: {} settled, Brier score {}, logarithmic loss {} nats.", escape(f.by), f.scored, fixed(f.brier, 3), fixed(f.log_loss, 3));
  return figure("That a fight comes out COMPETITIVE or better", "Written down and sealed, by their own dates before the fights were held: whoever has seen a seal then can compare it." + so_far, table("figures", {"card", "by", "probability", "outcome"}, rows));
}

}  // namespace

std::string board_html(const Board& board, const fs::path& folder) {
  std::string body = "<header>\n<p class=\"kicker\">fairfight</p>\n<h1>Which of the essay's predictions came true</h1>\n<p class=\"question\">Is mechanistic interpretability about to be practically useful?</p>\n</header>\n";
  body += "<p class=\"lead\">" + sentence_html(board.headline()) + "</p>\n";
  body += part("The eight of October 2024", fmt::format("<p>The probabilities that S. Casper gave to {}. The essay predicted a paper; here each prediction is put to fights of fairfight's: “did not” says that the dictionary fell behind in them.</p>\n", sentence_html(fought_list().about)) + eight(board, folder));
  body += part("The systems that it names", systems(board, folder));
  if (!board.held.empty()) body += part("All eight at once", many(board)) + part("The market's rules", all_rules(board));
  body += part("What papers made of them", papers(board));
  body += part("Scores", all_scores(board));
  if (!board.guessed.empty()) body += part("Forecasts", forecasts(board));
  body += "<footer>Outcomes are computed from the result.json of the fights that were handed in, each checked against its registration; what was not handed in does not stand here. What a hand has set is signed and dated.</footer>\n";
  return whole_page("Which of the essay's predictions came true", std::string(kPageStyle) + std::string(kBoardStyle), body);
}

}  // namespace fairfight
