#include "fairfight/arena/participant.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>

#include "fairfight/base/error.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/base/stop.h"

namespace fairfight {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); }

}  // namespace

Participant::Participant(const Method& method, const std::vector<Site>& sites, const Round& round, const FightInfo& info, std::unique_ptr<Desk> desk, Run& run, Job tuning, Job testing)
    : method_(method), sites_(sites), space_(space_at(method, sites)), round_(round), info_(info), desk_(std::move(desk)), run_(run), tuning_(std::move(tuning)), testing_(std::move(testing)), closed_(testing_.kept()) {
  if (!closed_ && !tuning_.kept()) return;
  const Job& from = closed_ ? testing_ : tuning_;
  try {
    const Json& kept = *from.kept();
    run_ = Run::read(kept.at("run"));
    desk_->restore({run_.ledger.labels, kept.at("used").get<std::set<std::string>>()});
  } catch (const std::exception& error) {  // which knows no file
    fail("[resume] {}: {}; remove the file, and the contestant begins anew", from.file().string(), error.what());
  }
}

void Participant::save(Job& job) { job.keep({{"run", run_.json()}, {"used", desk_->account().used}}); }

Made Participant::make(const Settings& settings) {
  if (sites_.size() > 1) {
    const std::string place = settings.json().value(kSiteKey, "");
    std::vector<size_t> places;
    for (size_t i = 0; i < sites_.size(); ++i)
      if (place == kAllSites || place == sites_[i].name()) places.push_back(i);
    desk_->stand(std::move(places));
  }
  return method_.make(*desk_, settings);
}

const Made& Participant::made(size_t trial) {
  Made& made = made_[trial];
  if (!made) {
    const auto before = desk_->account();
    made = make(run_.trials[trial].settings);
    desk_->restore(before);
  }
  return made;
}

Participant::Trying Participant::trying(const Settings& settings) {
  Trying t{settings, nullptr, {}, "", {}};
  const Meter meter;
  try {
    t.made = make(settings);
    t.tag = round_.tag(t.made);
    t.validation = round_.validate(t.made, desk_->model());
    t.validation.score = info_.metric.score(t.validation.score);
    t.validation.allowed = within(info_.constraints, t.validation.side_effects, kToSpare) || method_.role() == Role::reference;  // outside the contest, outside its budgets
  } catch (const NotFinite& overflow) {
    t.validation = {info_.metric.reported.no_skill, broken(info_.constraints), overflow.what(), 0, false};
  }
  t.cost = meter.work();
  return t;
}

/// One trial: drawn settings as they are meant, or read in another way if validation says so by more than chance. It pays for making and reading once,
/// and for what another reading costs beyond that.
Participant::Trying Participant::best_reading(const Settings& drawn) {
  const auto readings = space_.readings(drawn);
  Trying meant = trying(readings[0]);
  std::optional<Trying> best;
  int64_t dearest = meant.cost.flops;
  for (size_t r = 1; r < readings.size(); ++r) {
    Trying other = trying(readings[r]);
    dearest = std::max(dearest, other.cost.flops);
    if (other.validation.allowed && other.validation.score > meant.validation.score + meant.validation.chance && (!best || other.validation.score > best->validation.score))
      best = std::move(other);
  }
  Work cost = meant.cost;
  cost.flops = dearest;
  Trying& taken = best ? *best : meant;
  taken.cost = cost;
  return std::move(taken);
}

void Participant::tune(const Card& card, double dictionary_flops) {
  const auto start = std::chrono::steady_clock::now();
  const double before = run_.ledger.seconds;
  const auto choose = [&] {
    for (size_t share = 0; share < kShares.size(); ++share) run_.chosen[share] = best_trial(run_.trials, card.budget_flops, kShares[share] * dictionary_flops);
  };
  choose();
  const auto settings = space_.draw(size_t(card.trials), desk_->random("trials"));
  for (size_t i = run_.trials.size(); i < settings.size(); ++i) {
    check_stop();
    Trying trying = best_reading(settings[i]);
    made_[i] = std::move(trying.made);
    auto& ledger = run_.ledger;
    ledger += {trying.cost, 0, 1, 0};
    ledger.labels = desk_->account().labels;
    ledger.seconds = before + seconds_since(start);
    run_.trials.push_back({std::move(trying.settings), std::move(trying.validation), ledger.work.flops, std::move(trying.tag)});
    choose();
    // Of all trials so far, only those that some share's budget would choose are kept.
    std::erase_if(made_, [&](const auto& kept) { return std::find(run_.chosen.begin(), run_.chosen.end(), kept.first) == run_.chosen.end(); });
    save(tuning_);
  }
}

void Participant::test(bool reported, bool first) {
  const auto start = std::chrono::steady_clock::now();
  const auto chosen = run_.chosen[kPrimary];
  std::set<size_t> trials;
  for (const auto& at_share : run_.chosen)
    if (at_share) trials.insert(*at_share);
  for (const size_t trial : trials) {
    const Made& chosen_one = made(trial);
    const Meter meter;
    Tested tested = round_.test(chosen_one, desk_->model());
    run_.ledger.work += meter.work();
    run_.scores[trial] = info_.metric.scores(std::move(tested.scores));
    run_.side_effects[trial] = std::move(tested.side_effects);
    if (reported && chosen == trial) run_.findings = std::move(tested.findings);
  }
  if (reported && chosen)
    for (const auto& threat : info_.threats) {
      check_stop();
      Attacked left = round_.attack(made(*chosen), threat.name);
      run_.attacked[threat.name] = {info_.metric.score(left.validation), info_.metric.scores(std::move(left.scores)), left.gone};
    }
  if (reported && chosen && first) run_.findings.merge(inspected(made(*chosen)));
  run_.ledger.seconds += seconds_since(start);
}

/// What held on the test may break where it is looked into: then nothing is reported of that.
std::map<std::string, double> Participant::inspected(const Made& made) const {
  try {
    return round_.inspect(made);
  } catch (const NotFinite&) {
    return {};
  }
}

void Participant::keep(const std::filesystem::path& folder, const std::string& name) {
  if (const auto chosen = run_.chosen[kPrimary]) round_.keep(made(*chosen), folder, name);
}

void Participant::close() {
  closed_ = true;
  save(testing_);
  made_.clear();
}

}  // namespace fairfight
