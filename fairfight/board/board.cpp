#include "fairfight/board/board.h"

#include <algorithm>
#include <numeric>
#include <span>
#include <tuple>

#include "fairfight/base/error.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

constexpr double kLevel = 0.05;  // of Holm's correction

Board::Scored scored(const PredictionList& list, std::string of, std::string by, std::vector<int> came) {
  const Scoring scoring = scoring_of(list.probabilities(), came);
  return {&list, std::move(of), std::move(by), std::move(came), scoring};
}

/// What counts decides; a sample of models says more than models alone; what is settled more than what is not.
bool decides_before(const HeldFight* a, const HeldFight* b) {
  const auto rank = [](const HeldFight* f) { return std::tuple(!f->set_aside().empty(), !f->of_a_sample(), !f->settled()); };
  return rank(a) < rank(b);
}

/// What the fights of a row say.
void decide(Board::Row& row) {
  std::stable_sort(row.fights.begin(), row.fights.end(), decides_before);
  if (row.fights.empty()) return;
  row.came = Board::Came::open;
  row.tier = row.fights.front()->result.tier.value;
  row.for_next_tier = row.fights.front()->result.tier.sentence;
  const HeldFight& first = *row.fights.front();
  if (!first.set_aside().empty()) return;
  row.p = first.p_competitive();
  if (!first.settled()) return;
  std::vector<const HeldFight*> equals;  // of its scope, and settled
  for (const HeldFight* fight : row.fights)
    if (fight->set_aside().empty() && fight->of_a_sample() == first.of_a_sample() && fight->settled()) equals.push_back(fight);
  const auto as_good = std::count_if(equals.begin(), equals.end(), [](const HeldFight* f) { return f->as_good(); });
  if (as_good == 0) row.came = Board::Came::no;
  else if (size_t(as_good) == equals.size()) row.came = Board::Came::yes;
  else row.why = fmt::format("{} of {} settled verdicts say that it keeps up, the others that it does not", as_good, equals.size());
  const auto tried = std::count_if(row.fights.begin(), row.fights.end(), [&](const HeldFight* f) { return f->set_aside().empty() && f->of_a_sample() == first.of_a_sample(); });
  for (const HeldFight* fight : equals) row.p = std::max(row.p, fight->p_competitive());
  row.p = std::min(1.0, row.p * double(tried));  // whoever tries again until it works pays for it (Bonferroni)
  if (row.why.empty() && size_t(tried) > equals.size()) row.why = fmt::format("{} of {} verdicts are settled", equals.size(), tried);
}

void adjudicate(std::vector<Board::Row>& rows, const Adjudication& adjudication) {
  if (adjudication.list != fought_list().name) fail("[board] an adjudication of fairfight's own is about the list {}, got {}", fought_list().name, adjudication.list);
  for (auto& row : rows) {
    const auto* outcome = adjudication.outcome(row.id);
    if (!outcome) continue;
    if (row.by) fail("[board] {} is adjudicated twice, by {} and by {}", row.id, plain(row.by->by), plain(adjudication.by));
    const std::string_view said = name_of(row.came);
    row.by = &adjudication;
    row.came = outcome->came ? Board::Came::yes : Board::Came::no;
    row.p = 1;  // a ruling by hand has no p-value
    row.why = fmt::format("by hand, {}, {}: {}{}", adjudication.by, adjudication.date, outcome->reason, row.fights.empty() ? "" : fmt::format(" (fights: {})", said));
  }
}

}  // namespace

std::string_view name_of(Board::Came came) {
  switch (came) {
    case Board::Came::yes: return "came true";
    case Board::Came::no: return "did not";
    case Board::Came::open: return "open";
    case Board::Came::not_yet: break;
  }
  return "not yet";
}

Board::Board(std::vector<HeldFight> held_in, std::vector<Adjudication> adjudications_in, std::vector<Forecast> forecasts_in)
    : held(std::move(held_in)), adjudications(std::move(adjudications_in)), forecasts(std::move(forecasts_in)) {
  const auto fill = [&](Row& row) {
    for (const auto& fight : held)
      if (fight.result.fight.prediction == row.id) row.fights.push_back(&fight);
    decide(row);
    row.fought = row.came;
  };
  for (const auto& prediction : fought_list().predictions) fill(rows.emplace_back(Row{.id = prediction.id, .probability = prediction.probability}));
  for (const auto& system : named_systems()) fill(systems.emplace_back(Row{.id = system.id}));
  for (const auto& adjudication : adjudications)
    if (adjudication.our_own()) adjudicate(rows, adjudication);

  std::vector<double> p;
  for (const auto& row : rows) p.push_back(row.came == Came::yes ? row.p : 1);
  const auto rejected = holm(p, kLevel);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].holds_among_all = rejected[i];

  for (const auto& fight : held)
    if (fight.result.tier.value > tier) tier = fight.result.tier.value, for_next_tier = fight.result.tier.sentence;
  for (const auto& row : rows) {
    ours.by_hand += row.by != nullptr;
    if (row.fought == Came::yes) ++ours.yes, ours.settled += 1 - row.probability;
    if (row.fought == Came::no) ++ours.no, ours.settled -= row.probability;
    if (row.fought == Came::open) ++ours.open;
    if (row.fought == Came::not_yet) ++ours.not_yet;
    if (row.fought == Came::open || row.fought == Came::not_yet) ours.low -= row.probability, ours.high += 1 - row.probability;
  }
  ours.low += ours.settled;
  ours.high += ours.settled;

  for (const auto& adjudication : adjudications) {
    if (adjudication.our_own()) continue;
    const PredictionList& list = prediction_list(adjudication.list);
    std::vector<int> came;
    for (const auto& prediction : list.predictions) came.push_back(adjudication.outcome(prediction.id)->came);
    scored.push_back(::fairfight::scored(list, adjudication.of, adjudication.by, came));
  }
  scored.push_back(::fairfight::scored(fought_list(), "nothing done", "", std::vector<int>(fought_list().predictions.size(), 0)));
  scored.push_back(::fairfight::scored(fought_list(), "everything done", "", std::vector<int>(fought_list().predictions.size(), 1)));

  for (const auto& forecast : forecasts)
    for (const auto& guess : forecast.guesses) {
      Guessed one{&forecast, guess, nullptr, {}};
      for (const auto& other : guessed)
        if (other.forecast->by == forecast.by && other.guess.card_sha256 == guess.card_sha256) fail("[board] {} forecast {} twice; leave one of the files out", plain(forecast.by), plain(guess.card));
      for (const auto& fight : held) {
        if (fight.result.registration.card_sha256 != guess.card_sha256) continue;
        const auto& begun = fight.result.timing.started;
        if (!is_time(begun) || begun <= forecast.at) fail("[board] {} forecast {} at {}, and a fight of it had begun at {}; that is no forecast", plain(forecast.by), plain(guess.card), forecast.at, plain(begun));
        if (!one.fight || begun < one.fight->result.timing.started) one.fight = &fight;  // the first that was held
      }
      if (one.fight && one.fight->settled()) one.came = one.fight->as_good();
      guessed.push_back(std::move(one));
    }
}

std::vector<Board::Forecaster> Board::forecasters() const {
  std::vector<Forecaster> all;
  for (const auto& one : guessed) {
    auto found = std::find_if(all.begin(), all.end(), [&](const auto& f) { return f.by == one.forecast->by; });
    if (found == all.end()) found = all.insert(all.end(), {one.forecast->by});
    if (!one.came) continue;
    const int came = *one.came;
    const Scoring s = scoring_of(std::span(&one.guess.probability, 1), std::span(&came, 1));
    ++found->scored;
    found->brier += (s.brier - found->brier) / double(found->scored);
    found->log_loss += (s.log_loss - found->log_loss) / double(found->scored);
  }
  return all;
}

std::string Board::headline() const {
  const size_t all = rows.size();
  std::string text;
  if (held.empty()) {
    text = fmt::format("None of the essay's {} predictions has been put to a fight yet", all);
  } else {
    text = fmt::format("Put to a fight, of the essay's {} predictions {} came true", all, ours.yes == 0 ? "none" : std::to_string(ours.yes));
    if (ours.no > 0) text += fmt::format(", {} did not", ours.no);
    if (ours.open > 0) text += fmt::format("; {} {} open after a fight", ours.open, ours.open == 1 ? "is" : "are");
    if (ours.not_yet > 0) text += fmt::format("; nobody has fought about {} yet", ours.not_yet == all ? "any" : ours.yes + ours.no + ours.open == 0 ? "them"
                                                                                                                                                    : fmt::format("the other {}", ours.not_yet));
    const auto sure = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.holds_among_all; });
    if (ours.yes > 0) text += fmt::format("; {} of those that came true {} when all {} are counted (Holm)", sure, sure == 1 ? "holds" : "hold", all);
  }
  text += ".";
  if (ours.by_hand > 0) text += fmt::format(" A hand has set {} {}.", ours.by_hand, ours.by_hand == 1 ? "outcome" : "outcomes");
  return text;
}

}  // namespace fairfight
