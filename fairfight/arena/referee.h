#pragma once
#include <fmt/format.h>

#include <list>

#include "fairfight/arena/basis.h"
#include "fairfight/arena/fight.h"
#include "fairfight/arena/outcome.h"
#include "fairfight/base/stop.h"

namespace fairfight {

/// The stages of a whole fight with their expected seconds: drawing, six an organism, judging.
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

    // Bases by name, then by dictionary seed; where the seed makes no difference all of them are one.
    std::map<std::string, std::vector<Learned>> learned;
    const auto learn_all = [&](size_t first, size_t last) {
      Tick all = progress_.next();
      for (size_t b = first; b < last; ++b)
        for (size_t s = 0; s < seeds_of(bases_[b]); ++s) {
          const Timed timed(*venue_.profile, b == 0 ? "learning the dictionaries" : "learning the control bases");
          const double share = 1. / double(last - first);
          const auto inner = [&](double f, std::string_view note) {
            all((double(b - first) + (double(s) + f) / double(seeds_of(bases_[b]))) * share, note);
          };
          learned[bases_[b].name].push_back(learn_basis(bases_[b], card_, seed, card_.dictionary_seeds[s], model, pool, venue_, inner));
        }
      progress_.done();
    };
    learn_all(0, 1);
    learn_all(1, bases_.size());
    describe_bases(learned, pool, model, round, seed, outcome);

    Memo model_memo;
    std::list<Bench> benches;
    const auto ground = [&](const Learned* with, std::string basis) {
      return Ground{model.model, card_.site, pool.rows, pool.tokens, with ? with->dictionary.get() : nullptr, std::move(basis),
                    outcome.bases.at(bases_[0].name).first, &round.labelled(), uint64_t(seed)};
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
        const Learned& with = learned.at(bases_[b].name)[s];
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

  void describe_bases(const std::map<std::string, std::vector<Learned>>& learned, const Pool& pool, const LoadedModel& model, const Round<Artifact>& round,
                      int64_t seed, RoundOutcome& outcome) const {
    const Timed timed(*venue_.profile, "measuring the dictionaries");
    for (const auto& [name, list] : learned) {
      auto& [fvu, l0] = outcome.bases[name];
      for (const auto& l : list) {
        fvu += l.fvu / double(list.size());
        l0 += l.l0 / double(list.size());
      }
    }
    const auto& own = learned.at(bases_[0].name);
    for (size_t s = 0; s < own.size(); ++s) {
      outcome.dictionaries.push_back(quality_of(own[s], pool, model, card_.site, round.pool()));
      outcome.dictionaries.back().seed = seed;
      outcome.dictionaries.back().dictionary_seed = card_.dictionary_seeds[s];
      outcome.dictionary_flops += own[s].flops / double(own.size());
    }
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
