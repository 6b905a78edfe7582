#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <mutex>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/fight.h"
#include "fairfight/arena/outcome.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/engine.h"

namespace fairfight {

/// The stages of a whole fight with their expected seconds: drawing, five an organism, judging.
std::vector<Progress::Stage> plan_of(const Card& card, size_t bases, size_t challengers, size_t others);

Json registration_of(const Card& card, const FightInfo& info, const std::vector<ContestantInfo>& contestants, const std::vector<Basis>& bases,
                     const Json& data);

/// Names of the card that the roster lacks are an error, and a card without a challenger or a baseline; an empty list means
/// everyone.
std::vector<size_t> chosen_contestants(const Card& card, const std::vector<ContestantInfo>& roster);

/// Runs the protocol: data are drawn, registered and sealed; dictionaries are learned; every contestant gets its trials on
/// validation, challengers with every basis; then the test split opens and what was chosen is scored on it once.
template <class Artifact>
class Referee {
 public:
  Referee(const Fight<Artifact>& fight, const Card& card, const Venue& venue)
      : fight_(fight),
        card_(card),
        venue_(venue),
        infos_(describe(fight.roster())),
        chosen_(chosen_contestants(card, infos_)),
        bases_(bases_of(card)),
        progress_(plan_of(card, bases_.size(), count(Role::challenger), chosen_.size() - count(Role::challenger)), venue.progress) {}

  std::vector<RoundOutcome> run() {
    progress_.next();
    std::vector<std::unique_ptr<Round<Artifact>>> rounds;
    Json data = Json::object();
    for (size_t i = 0; i < card_.models.size(); ++i) {
      check_stop();
      rounds.push_back(fight_.round(card_, i));
      const Json hashes = rounds.back()->hashes();
      for (const auto& [name, hash] : hashes.items()) data[fmt::format("{}/{}", card_.seeds[i], name)] = hash;
    }
    const Registration registration(registration_of(card_, fight_.info(), contestants(), bases_, data), venue_.folder, venue_.resume);
    registration_sha256_ = registration.sha256();
    for (size_t i = 0; i < rounds.size(); ++i)
      rounds[i]->close_test(registration, venue_.folder / fmt::format("test-{}.sealed", card_.seeds[i]));
    progress_.done();

    std::vector<RoundOutcome> outcomes;
    for (size_t i = 0; i < rounds.size(); ++i) outcomes.push_back(play(i, *rounds[i], registration));
    return outcomes;
  }

  /// Who fights, in the order of Entry::contestant.
  std::vector<ContestantInfo> contestants() const {
    std::vector<ContestantInfo> list;
    for (size_t i : chosen_) list.push_back(infos_[i]);
    return list;
  }
  std::vector<std::optional<Calibration>> calibrations() const {
    const Timed timed(*venue_.profile, "calibrating the baselines");
    std::vector<std::optional<Calibration>> list;
    for (size_t i : chosen_) list.push_back(fight_.calibrate(*fight_.roster()[i]));
    return list;
  }
  const std::vector<Basis>& bases() const { return bases_; }
  const std::string& registration_sha256() const { return registration_sha256_; }
  Progress& progress() { return progress_; }  // its last stage is the judge's

 private:
  /// A contestant after its trials: what it chose, ready for the test.
  struct Prepared {
    Entry* entry;
    size_t run;
    std::unique_ptr<Corner> corner;
    std::map<size_t, std::unique_ptr<Artifact>> artifacts;  // of the chosen trials
  };
  /// One ground with all that stands on it. It keeps its place: corners hold references into it.
  struct Bench {
    Ground ground;
    Memo memo;
    std::vector<Prepared> prepared;
  };

  RoundOutcome play(size_t index, Round<Artifact>& round, const Registration& registration) {
    const int64_t seed = card_.seeds[index];
    const LoadedModel& model = round.model();
    RoundOutcome outcome{{card_.models[index], seed, model.sha256, round.papers()}, {}, {}, 0, {}};

    Tick tick = progress_.next();
    Pool pool;
    {
      const Timed timed(*venue_.profile, "activations of the pool");
      pool = harvest_pool(card_, seed, model, round.pool(), tick);
    }
    progress_.done(fmt::format("{} rows", pool.rows.size(0)));

    const auto learned = learn_all(seed, model, pool);  // by basis, then by dictionary seed
    describe_bases(learned, model, round, seed, outcome);

    Memo model_memo;
    std::list<Bench> benches;
    const auto ground = [&](const Learned* with, std::string basis) {
      return Ground{model.model, card_.site, pool.rows, pool.tokens, with ? with->dictionary.get() : nullptr, std::move(basis),
                    outcome.bases.at(bases_[0].name).first, learned[0][0].dictionary->width(), &round.labelled(), uint64_t(seed)};
    };
    outcome.entries.reserve(chosen_.size() + count(Role::challenger) * (bases_.size() - 1));  // Prepared points into it

    tick = progress_.next();
    benches.push_back({ground(nullptr, ""), {}, {}});
    size_t done = 0;
    const auto others = double(chosen_.size() - count(Role::challenger));
    for (size_t c = 0; c < chosen_.size(); ++c) {
      if (role(c) == Role::challenger) continue;
      tick(double(done++) / others, infos_[chosen_[c]].title);
      outcome.entries.push_back({c, "", std::vector<Run>(1)});
      benches.back().prepared.push_back(tune(c, outcome.entries.back(), 0, benches.back(), round, model_memo, 0));
    }
    benches.back().memo.clear();
    progress_.done();

    tick = progress_.next();
    for (size_t b = 0; b < bases_.size(); ++b) {
      const size_t first = outcome.entries.size();
      for (size_t c = 0; c < chosen_.size(); ++c)
        if (role(c) == Role::challenger) outcome.entries.push_back({c, bases_[b].name, std::vector<Run>(seeds_of(bases_[b]))});
      for (size_t s = 0; s < seeds_of(bases_[b]); ++s) {
        tick((double(b) + double(s) / double(seeds_of(bases_[b]))) / double(bases_.size()), bases_[b].title);
        const Learned& with = learned[b][s];
        benches.push_back({ground(&with, fmt::format("{}/{}", bases_[b].name, s)), {}, {}});
        for (size_t e = first; e < outcome.entries.size(); ++e)
          benches.back().prepared.push_back(tune(outcome.entries[e].contestant, outcome.entries[e], s, benches.back(), round, model_memo, with.flops));
        benches.back().memo.clear();
      }
    }
    progress_.done();

    round.open_test(registration);
    tick = progress_.next();
    done = 0;
    for (auto& bench : benches) {
      tick(double(done++) / double(benches.size()), bench.ground.basis);
      for (auto& p : bench.prepared) test(p, round);
      bench.memo.clear();
    }
    progress_.done();
    return outcome;
  }

  /// For every basis a dictionary of each dictionary seed, or one where the seed makes no difference.
  std::vector<std::vector<Learned>> learn_all(int64_t seed, const LoadedModel& model, const Pool& pool) {
    const Timed timed(*venue_.profile, "learning the dictionaries and the control bases");
    const Tick tick = progress_.next();
    std::vector<std::vector<Learned>> learned(bases_.size());
    std::vector<std::pair<size_t, size_t>> jobs;
    for (size_t b = 0; b < bases_.size(); ++b) {
      learned[b].resize(seeds_of(bases_[b]));
      for (size_t s = 0; s < seeds_of(bases_[b]); ++s) jobs.emplace_back(b, s);
    }
    // The costly ones first, so that no core waits for the last of them.
    std::stable_sort(jobs.begin(), jobs.end(), [&](const auto& a, const auto& b) { return bases_[a.first].trained > bases_[b.first].trained; });
    std::mutex telling;
    std::vector<double> done(jobs.size(), 0);
    side_by_side(jobs.size(), [&](size_t j) {
      const auto [b, s] = jobs[j];
      learned[b][s] = learn_basis(bases_[b], card_, seed, card_.dictionary_seeds[s], model, pool, venue_, [&](double fraction, std::string_view note) {
        const std::lock_guard lock(telling);
        done[j] = fraction;
        double sum = 0, weights = 0;
        for (size_t i = 0; i < jobs.size(); ++i) {
          const double weight = bases_[jobs[i].first].trained ? 1 : 0.1;
          sum += weight * done[i];
          weights += weight;
        }
        tick(sum / weights, note);
      });
    });
    progress_.done();
    return learned;
  }

  void describe_bases(const std::vector<std::vector<Learned>>& learned, const LoadedModel& model, const Round<Artifact>& round, int64_t seed,
                      RoundOutcome& outcome) const {
    const Timed timed(*venue_.profile, "measuring the dictionaries");
    for (size_t b = 0; b < bases_.size(); ++b) {
      auto& [fvu, l0] = outcome.bases[bases_[b].name];
      for (const auto& l : learned[b]) {
        fvu += l.reconstruction.fvu / double(learned[b].size());
        l0 += l.reconstruction.l0 / double(learned[b].size());
      }
    }
    const auto& own = learned[0];
    outcome.dictionaries.resize(own.size());
    side_by_side(own.size(), [&](size_t s) {
      outcome.dictionaries[s] = quality_of(own[s], model, card_.site, round.pool());
      outcome.dictionaries[s].seed = seed;
      outcome.dictionaries[s].dictionary_seed = card_.dictionary_seeds[s];
    });
    for (const auto& l : own) outcome.dictionary_flops += l.flops / double(own.size());
  }

  /// The card's number of trials, each scored on validation, and what each share's budget chooses among them.
  Prepared tune(size_t c, Entry& entry, size_t index, Bench& bench, const Round<Artifact>& round, Memo& model_memo, double dictionary_flops) const {
    const auto& contestant = *fight_.roster()[chosen_[c]];
    const Timed timed(*venue_.profile, "tuning " + std::string(contestant.title()));
    Prepared p{&entry, index, std::make_unique<Corner>(bench.ground, std::string(contestant.name()), contestant.role(), model_memo, bench.memo), {}};
    Run& run = entry.runs[index];
    std::vector<std::unique_ptr<Artifact>> artifacts;
    for (const auto& settings : contestant.space().draw(size_t(card_.trials), p.corner->random("trials"))) {
      check_stop();
      artifacts.push_back(contestant.prepare(*p.corner, settings));
      const double score = round.validate(*artifacts.back(), p.corner->model());
      ++p.corner->ledger().trials;
      run.trials.push_back({settings, score, p.corner->ledger().flops});
    }
    for (size_t share = 0; share < kShares.size(); ++share) {
      run.chosen[share] = best_trial(run.trials, card_.budget_flops, kShares[share] * dictionary_flops);
      if (const auto i = run.chosen[share]; i && artifacts[*i]) p.artifacts[*i] = std::move(artifacts[*i]);
    }
    run.ledger = p.corner->ledger();
    run.ledger.seconds = timed.so_far();
    return p;
  }

  void test(Prepared& p, const Round<Artifact>& round) const {
    const Timed timed(*venue_.profile, "testing " + infos_[chosen_[p.entry->contestant]].title);
    Run& run = p.entry->runs[p.run];
    for (const auto& [trial, artifact] : p.artifacts) run.scores[trial] = round.test(*artifact, p.corner->model());
    const double tuning = run.ledger.seconds;
    run.ledger = p.corner->ledger();
    run.ledger.seconds = tuning + timed.so_far();
    p.artifacts.clear();
  }

  size_t seeds_of(const Basis& basis) const { return basis.seeded ? card_.dictionary_seeds.size() : 1; }
  Role role(size_t c) const { return infos_[chosen_[c]].role; }
  size_t count(Role wanted) const {
    size_t n = 0;
    for (size_t c = 0; c < chosen_.size(); ++c) n += role(c) == wanted;
    return n;
  }

  const Fight<Artifact>& fight_;
  const Card& card_;
  const Venue& venue_;
  std::vector<ContestantInfo> infos_;
  std::vector<size_t> chosen_;
  std::vector<Basis> bases_;
  Progress progress_;
  std::string registration_sha256_;
};

}  // namespace fairfight
