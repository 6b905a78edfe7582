#include "fairfight/arena/learning.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <numeric>

#include "fairfight/base/stop.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

/// Part `i` of `n` like ones.
Tick part_of(const Tick& tick, size_t i, size_t n) {
  return [&tick, i, n](double f, std::string_view note) { tick((double(i) + f) / double(n), note); };
}

}  // namespace

std::vector<View> Learning::views(const Card& card, const std::vector<Learned>* with) const {
  std::vector<View> views;
  for (size_t s = 0; s < card.sites.size(); ++s) {
    double fvu = 0;
    for (const auto& own : learned[0]) fvu += own[s].reconstruction.fvu / double(learned[0].size());
    views.push_back({card.sites[s], pools[s].rows, pools[s].price, with ? (*with)[s].dictionary : nullptr, fvu, learned[0][0][s].dictionary->width(), pools[s].most_norm()});
  }
  return views;
}

double Learning::flops(const std::vector<Learned>& with) const {
  double sum = 0;
  for (size_t s = 0; s < with.size(); ++s) sum += double(pools[s].price.flops) + with[s].training_flops;
  return sum;
}

size_t seeds_of(const Card& card, const Basis& basis) {
  const bool one = !basis.seeded || (card.controls == Card::Controls::champion && basis.name != card.dictionary.kind);
  return one ? 1 : card.dictionary_seeds.size();
}

Lessons::Lessons(const Card& card, const std::vector<Basis>& bases, const Venue& venue, std::vector<Learning*> organisms)
    : card_(card), bases_(bases), venue_(venue), organisms_(std::move(organisms)) {}

int64_t Lessons::harvest(const Tick& tick) const {
  const Timed timed(*venue_.profile, "activations of the pool", engine_threads());
  const size_t parts = organisms_.size() * card_.sites.size();
  size_t done = 0;
  int64_t rows = 0;
  for (Learning* organism : organisms_) {
    auto& model = organism->outcome.model;
    for (const Site& site : card_.sites) {
      check_stop();
      organism->pools.push_back(harvest_pool(card_, site, model.seed, organism->round.harvested(), organism->round.pool(), part_of(tick, done++, parts), venue_.rows.get()));
      const Pool& pool = organism->pools.back();
      if (pool.sinks.median > 0) model.sinks.push_back({site.name(), pool.rows.size(0) + pool.left_out, pool.left_out, pool.sinks.median, pool.sinks.most});
      rows += pool.rows.size(0);
    }
  }
  return rows;
}

void Lessons::learn(const Tick& tick) const {
  const Timed timed(*venue_.profile, "learning the dictionaries and the control bases", engine_threads());
  struct Lesson {
    Learning* organism;
    size_t basis, seed, site;
    double done = 0;
  };
  std::vector<Lesson> lessons;
  for (Learning* organism : organisms_) {
    organism->learned.resize(bases_.size());
    for (size_t b = 0; b < bases_.size(); ++b) {
      organism->learned[b].assign(seeds_of(card_, bases_[b]), std::vector<Learned>(card_.sites.size()));
      for (size_t s = 0; s < seeds_of(card_, bases_[b]); ++s)
        for (size_t at = 0; at < card_.sites.size(); ++at) lessons.push_back({organism, b, s, at});
    }
  }
  // The costly ones first, so that no core waits for the last of them.
  const auto weight = [&](const Lesson& l) { return bases_[l.basis].trained ? 1 : 0.1; };
  std::stable_sort(lessons.begin(), lessons.end(), [&](const Lesson& a, const Lesson& b) { return weight(a) > weight(b); });
  std::vector<SharedJob> shared;
  for (const auto& l : lessons) {
    const auto file = dictionary_file(venue_.folder, card_, bases_[l.basis], card_.sites[l.site], l.organism->outcome.model.seed, card_.dictionary_seeds[l.seed]);
    shared.push_back({file.stem().string(), file});
  }
  std::mutex telling;
  share(venue_.ranks, "learn", shared, [&](size_t j, Turn turn) {
    const Lesson& l = lessons[j];
    Venue venue = venue_;
    venue.resume = venue_.resume || turn != Turn::fresh;
    const auto told = [&](double fraction, std::string_view note) {
      const std::lock_guard lock(telling);
      lessons[j].done = fraction;
      double sum = 0, weights = 0;
      for (const auto& lesson : lessons) {
        sum += weight(lesson) * lesson.done;
        weights += weight(lesson);
      }
      tick(sum / weights, note);
    };
    l.organism->learned[l.basis][l.seed][l.site] = learn_basis(bases_[l.basis], card_, card_.sites[l.site], l.organism->outcome.model.seed, card_.dictionary_seeds[l.seed],
                                                               l.organism->round.harvested(), l.organism->pools[l.site], venue, told);
    told(1, "");
  });
}

void Lessons::measure(const std::function<Job(const std::string& name, Turn turn)>& job, const Tick& tick) const {
  const Timed timed(*venue_.profile, "measuring the dictionaries", engine_threads());
  for (size_t i = 0; i < organisms_.size(); ++i) describe(*organisms_[i], job, part_of(tick, i, organisms_.size()));
}

void Lessons::describe(Learning& organism, const std::function<Job(const std::string& name, Turn turn)>& job, const Tick& tick) const {
  RoundOutcome& outcome = organism.outcome;
  for (size_t b = 0; b < bases_.size(); ++b) {
    auto& [fvu, l0] = outcome.bases[bases_[b].name];
    const double count = double(organism.learned[b].size() * card_.sites.size());
    for (const auto& of_seed : organism.learned[b])
      for (const auto& l : of_seed) {
        fvu += l.reconstruction.fvu / count;
        l0 += l.reconstruction.l0 / count;
      }
  }
  const auto& own = organism.learned[0];
  for (const auto& l : own) outcome.dictionary_flops += organism.flops(l) / double(own.size());
  if (card_.study) return;
  const size_t sites = card_.sites.size(), count = own.size() * sites;
  outcome.dictionaries.resize(count);
  std::mutex telling;
  std::vector<double> done(count, 0);
  std::vector<SharedJob> jobs;
  for (const int64_t seed : card_.dictionary_seeds)
    for (const Site& site : card_.sites) {
      const std::string name = fmt::format("quality-{}-{}{}", outcome.model.seed, seed, suffix_of(card_, site));
      jobs.push_back({name, Job::file(venue_.folder, name)});
    }
  share(venue_.ranks, fmt::format("quality {}", outcome.model.seed), jobs, [&](size_t i, Turn turn) {
    const auto told = [&, i](double fraction, std::string_view note) {
      const std::lock_guard lock(telling);
      done[i] = fraction;
      tick(std::accumulate(done.begin(), done.end(), 0.0) / double(done.size()), note);
    };
    const size_t seed = i / sites, at = i % sites;
    Job quality = job(jobs[i].name, turn);
    if (!quality.kept()) quality.keep(to_json(quality_of(own[seed][at], organism.round.model().model, card_.sites[at], organism.round.pool(), told)));
    outcome.dictionaries[i] = read_quality(*quality.kept());
    outcome.dictionaries[i].seed = outcome.model.seed;
    outcome.dictionaries[i].dictionary_seed = card_.dictionary_seeds[seed];
  });
}

}  // namespace fairfight
