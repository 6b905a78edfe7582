#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

#include "fairfight/arena/fight.h"
#include "fairfight/base/stop.h"

namespace fairfight {

/// One contestant in one seed: what it chose, what it scored on the sealed test, what it spent.
struct Bout {
  Json settings;
  ItemScores scores;
  Ledger ledger;
};

/// One seed after the fight.
struct RoundOutcome {
  Result::Model model;
  Result::Quality dictionary;
  double dictionary_flops = 0;  // harvest and training: charged to challengers at 0, 10 and 100 %
  std::vector<Bout> bouts;      // parallel to the contestants
};

/// The dictionary of one seed with the rows it was learned from.
struct Learned {
  at::Tensor rows;  // [rows, d_model], shuffled
  int64_t pool_tokens;
  std::unique_ptr<Dictionary> dictionary;
  Result::Quality quality;
  double flops;
};
Learned learn_dictionary(const Card& card, int64_t seed, const LoadedModel& model, const Batch& pool, const Venue& venue, Progress& progress);

/// The stages of a whole fight with their expected seconds.
std::vector<Progress::Stage> plan_of(const Card& card, size_t contestants);

Json registration_of(const Card& card, const FightInfo& info, const std::vector<ContestantInfo>& contestants, const Json& data);

/// Names of the card that the roster lacks are an error; an empty list means everyone.
std::vector<size_t> chosen_contestants(const Card& card, const std::vector<ContestantInfo>& roster);

/// Runs the protocol: data are drawn and registered, then every contestant of every seed gets its trials on validation, then
/// the test split opens and each contestant's chosen artifact is scored on it once.
template <class Artifact>
class Referee {
 public:
  Referee(const Fight<Artifact>& fight, const Card& card, const Venue& venue)
      : fight_(fight), card_(card), venue_(venue), infos_(describe(fight.roster())), chosen_(chosen_contestants(card, infos_)) {}

  std::vector<RoundOutcome> run() {
    Progress progress(plan_of(card_, chosen_.size()), venue_.progress);
    progress.next();
    std::vector<std::unique_ptr<Round<Artifact>>> rounds;
    Json data = Json::object();
    for (size_t i = 0; i < card_.models.size(); ++i) {
      check_stop();
      rounds.push_back(fight_.round(card_, i));
      const Json hashes = rounds.back()->hashes();
      for (const auto& [name, hash] : hashes.items()) data[fmt::format("{}/{}", card_.seeds[i], name)] = hash;
    }
    const Registration registration(registration_of(card_, fight_.info(), contestants(), data), venue_.folder, venue_.resume);
    registration_sha256_ = registration.sha256();
    progress.done();

    std::vector<RoundOutcome> outcomes;
    for (size_t i = 0; i < rounds.size(); ++i) outcomes.push_back(play(i, *rounds[i], registration, progress));
    return outcomes;
  }

  std::vector<ContestantInfo> contestants() const {
    std::vector<ContestantInfo> list;
    for (size_t i : chosen_) list.push_back(infos_[i]);
    return list;
  }
  const std::string& registration_sha256() const { return registration_sha256_; }

 private:
  struct Prepared {
    std::unique_ptr<Corner> corner;
    std::unique_ptr<Artifact> artifact;
    Settings settings{Json::object()};
    double seconds = 0;
  };

  RoundOutcome play(size_t index, Round<Artifact>& round, const Registration& registration, Progress& progress) {
    const int64_t seed = card_.seeds[index];
    const Learned learned = learn_dictionary(card_, seed, round.model(), round.pool(), venue_, progress);
    const Ground ground{round.model().model, card_.site, learned.rows, learned.pool_tokens, *learned.dictionary, uint64_t(seed)};
    Memo memo;

    const Tick tick = progress.next();
    std::vector<Prepared> prepared;
    for (size_t c = 0; c < chosen_.size(); ++c) {
      tick(double(c) / double(chosen_.size()), infos_[chosen_[c]].name);
      prepared.push_back(tune(*fight_.roster()[chosen_[c]], ground, round, memo));
    }
    round.open_test(registration);
    RoundOutcome outcome{{card_.models[index], seed, round.model().sha256, round.papers()}, learned.quality, learned.flops, {}};
    for (auto& p : prepared) {
      const auto start = std::chrono::steady_clock::now();
      Bout bout{p.settings.json(), round.test(*p.artifact, p.corner->model()), {}};
      bout.ledger = p.corner->ledger();
      bout.ledger.seconds = p.seconds + seconds_since(start);
      outcome.bouts.push_back(std::move(bout));
    }
    progress.done();
    return outcome;
  }

  /// The best of the card's number of trials on validation; the first of equals.
  Prepared tune(const Contestant<Artifact>& contestant, const Ground& ground, const Round<Artifact>& round, Memo& memo) const {
    const auto start = std::chrono::steady_clock::now();
    Prepared best;
    best.corner = std::make_unique<Corner>(ground, std::string(contestant.name()), contestant.role() == Role::challenger, memo);
    double best_score = -std::numeric_limits<double>::infinity();
    for (const auto& settings : contestant.space().draw(size_t(card_.trials), best.corner->random("trials"))) {
      check_stop();
      auto artifact = contestant.prepare(*best.corner, settings);
      const double score = round.validate(*artifact, best.corner->model());
      ++best.corner->ledger().trials;
      if (score > best_score) {
        best_score = score;
        best.artifact = std::move(artifact);
        best.settings = settings;
      }
    }
    best.seconds = seconds_since(start);
    return best;
  }

  static double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  const Fight<Artifact>& fight_;
  const Card& card_;
  const Venue& venue_;
  std::vector<ContestantInfo> infos_;
  std::vector<size_t> chosen_;
  std::string registration_sha256_;
};

}  // namespace fairfight
