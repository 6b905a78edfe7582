#include "fairfight/fights/repair/studies.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <span>

#include "fairfight/arena/job.h"
#include "fairfight/arena/ranks.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/statistics.h"
#include "fairfight/disciplines/repair/score.h"
#include "fairfight/fights/repair/dose.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

constexpr double kStudySeconds = 15;  // of an organism, on one core: to begin an estimate with

using Scores = std::map<std::string, std::vector<double>>;  // by contestant, one an organism

struct Study {
  std::string name;
  Card card;
  std::vector<std::string> contestants;
  bool same_dictionaries;  // as in the fight
};

/// The fight's own dictionaries serve a study that changes nothing about them.
void take_dictionaries(const fs::path& from, const fs::path& to, const std::string& kind) {
  fs::create_directories(to / "dictionaries");
  for (const auto& entry : fs::directory_iterator(from / "dictionaries"))
    if (entry.path().filename().string().starts_with(kind + "-"))
      fs::copy_file(entry.path(), to / "dictionaries" / entry.path().filename(), fs::copy_options::overwrite_existing);
}

/// The slope of score over log10(share), for the shares above 0.
double slope_of(const std::vector<double>& shares, const std::vector<double>& scores) {
  std::vector<double> x, y;
  for (size_t i = 0; i < shares.size(); ++i)
    if (shares[i] > 0) {
      x.push_back(std::log10(shares[i]));
      y.push_back(scores[i]);
    }
  return slope(x, y);
}

std::vector<Study> dose_studies(const Card& card, const std::vector<double>& shares, const std::vector<std::string>& who) {
  std::vector<Study> studies;
  for (const double share : shares) {
    Study& study = studies.emplace_back(Study{fmt::format("dose {:g}", share), card, who, false});
    study.card.dictionary_seeds.resize(1);
    study.card.data["dose"] = share;
    study.card.data["harvest"] = "model";  // all doses alike: from the model that has the behaviour
  }
  return studies;
}

std::vector<Study> few_shot_studies(const Card& card, const std::vector<int64_t>& numbers, const std::vector<std::string>& who, const Result& result) {
  std::vector<Study> studies;
  const RepairData data(card.data);
  for (const int64_t n : numbers) {
    Study& study = studies.emplace_back(Study{fmt::format("{} examples", n), card, {}, true});
    study.card.dictionary_seeds.resize(1);
    study.card.data["examples"] = n;
    if (data.own()) study.card.data["of_examples"] = data.of_examples;  // so that everything else is dealt as in the fight
    for (const auto& contestant : who)  // a baseline learns from examples or not at all
      if (n > 0 || result.contestant(contestant).challenger()) study.contestants.push_back(contestant);
  }
  return studies;
}

/// Each on one core, as many at once as there are cores: a job of the fight.
std::vector<Scores> run_all(const std::vector<Study>& studies, const FightInfo& info, const Roster<Repair>& roster, const std::string& registration_sha256, const Venue& venue, const Tick& tick) {
  std::mutex telling;
  std::vector<double> done(studies.size(), 0);
  std::vector<Scores> scores(studies.size());
  const auto rows = std::make_shared<Memo>();
  std::vector<SharedJob> jobs;
  for (const Study& study : studies) jobs.push_back({"study-" + study.name, Job::file(venue.folder, "study-" + study.name)});
  share(venue.ranks, "studies", jobs, [&](size_t i, Turn turn) {
    const Study& study = studies[i];
    Venue beside = venue;
    beside.ranks = nullptr;
    beside.resume = venue.resume || turn != Turn::fresh;
    Job job(venue.folder, jobs[i].name, registration_sha256, beside.resume, venue.ranks);
    if (job.kept()) {
      scores[i] = job.kept()->get<Scores>();
      return;
    }
    beside.rows = rows;
    Profile profile;
    beside.profile = &profile;
    beside.folder = venue.folder / "studies" / study.name;
    if (!beside.resume) fs::remove_all(beside.folder);  // of an older card
    make_writable_folder(beside.folder);
    if (study.same_dictionaries) {
      take_dictionaries(venue.folder, beside.folder, study.card.dictionary.kind);
      beside.resume = true;
    }
    beside.progress = [&](const Progress::Snapshot& s) {
      const std::lock_guard lock(telling);
      done[i] = std::max(done[i], s.elapsed / (s.elapsed + s.left + 1e-9));
      double sum = 0;
      for (const double d : done) sum += d / double(done.size());
      tick(sum, study.name);
    };
    scores[i] = study_repair(info, roster, study.card, study.contestants, beside);
    job.keep(scores[i]);
    for (const auto& [name, seconds] : profile.seconds()) venue.profile->add("in the studies: " + name, seconds);
  });
  return scores;
}

Section doses_of(const Card& card, const std::vector<double>& shares, const std::vector<std::string>& who, std::span<const Scores> scores, const std::string& metric) {
  Section::Curves doses{"of its text", metric, "Ten times as much of the behaviour", Section::Form::share, true, shares, {}, {}};
  for (const auto& name : who) {
    Section::Curves::Line line{name, {}};
    for (const auto& of : scores) line.values.push_back(over_organisms(of.at(name), card.level));
    std::vector<double> slopes;
    for (size_t o = 0; o < card.models.size(); ++o) {
      std::vector<double> here;
      for (const auto& of : scores) here.push_back(of.at(name)[o]);
      slopes.push_back(slope_of(shares, here));
    }
    doses.lines.push_back(std::move(line));
    doses.slopes.push_back({name, over_organisms(slopes, card.level)});
  }
  return {kDoses, "Did the dictionary see the behaviour?", "If it had seen some", fmt::format("{} with dictionaries of one seed whose training text, read by the model that has the behaviour, has a share of it in it.", metric), std::move(doses)};
}

Section few_shots_of(const Card& card, const Studies& studies, const std::vector<std::string>& who, std::span<const Scores> scores, const Result& result) {
  const auto& metric = result.fight.metric;
  Section::Curves shots{"examples", metric.title, "", Section::Form::count, true, {studies.few_shots.begin(), studies.few_shots.end()}, {}, {}};
  const Estimate none{metric.no_skill, metric.no_skill, metric.no_skill};
  for (const auto& name : who) {
    Section::Curves::Line line{name, {}};
    for (const auto& of : scores) line.values.push_back(of.contains(name) ? over_organisms(of.at(name), card.level) : none);
    line.values.push_back(result.contestant(name).score.mean);
    shots.lines.push_back(std::move(line));
  }
  shots.at.push_back(double(studies.examples));
  return {kFewShots, "With fewer examples", "Examples", fmt::format("{} with so many examples of the behaviour at hand. The last point is the contest's, over all dictionary seeds; the others are of the first seed.", metric.title), std::move(shots)};
}

/// The best challenger on validation, and those that live from what the dictionary lacks.
std::vector<std::string> followed(const Result& result, std::vector<std::string> names, std::initializer_list<std::string> more) {
  for (const auto& name : more)
    if (std::find(names.begin(), names.end(), name) == names.end() &&
        std::any_of(result.contestants.begin(), result.contestants.end(), [&](const auto& c) { return c.name == name; }))
      names.push_back(name);
  return names;
}

}  // namespace

Studies::Studies(const Json& data, int64_t own) : examples(own) {
  if (data.contains("doses"))
    for (const auto& d : data["doses"]) {
      if (!d.is_number() || d < 0 || d > 1 || (!doses.empty() && d <= doses.back())) fail("[card.data] \"doses\" has {}, expected ascending shares", d.dump());
      doses.push_back(d);
    }
  if (data.contains("few_shots"))
    for (const auto& n : data["few_shots"]) {
      if (!n.is_number_integer() || n < 0 || n >= own || (!few_shots.empty() && n <= few_shots.back()))
        fail("[card.data] \"few_shots\" has {}, expected ascending numbers below \"examples\"", n.dump());
      few_shots.push_back(n);
    }
}

std::string Studies::keep_possible(size_t pool, size_t harmful) {
  examples = int64_t(harmful);
  std::vector<std::string> out;
  std::erase_if(doses, [&](double share) {
    const double count = share * double(pool);
    const bool impossible = share > 0 && (count < 0.5 || documents_of(share, pool) > harmful);
    if (impossible) out.push_back(fmt::format("the dose {:g} ({:.3g} of {} documents, with {} examples)", share, count, pool, harmful));
    return impossible;
  });
  std::erase_if(few_shots, [&](int64_t n) {
    if (n >= examples) out.push_back(fmt::format("{} examples (there are {})", n, harmful));
    return n >= examples;
  });
  return out.empty() ? "" : fmt::format("Left out of the studies: {}.", fmt::join(out, ", "));
}

double Studies::seconds(size_t models) const { return kStudySeconds * double((doses.size() + few_shots.size()) * models) / engine_threads(); }

void add_studies(const Studies& studies, const FightInfo& info, const Roster<Repair>& roster, const Card& card, const Venue& venue, const Tick& tick, Result& result) {
  const auto dosed = followed(result, {result.verdict.ruling.challenger}, {"zero_clamp", "error_surgery"});
  // With few examples also the baseline that binds the verdict, and the one repair that needs none.
  const auto shot = followed(result, dosed, {result.verdict.ruling.against, "anomaly_fallback"});
  auto all = dose_studies(card, studies.doses, dosed);
  for (auto& study : few_shot_studies(card, studies.few_shots, shot, result)) all.push_back(std::move(study));
  if (all.empty()) return;
  const auto scores = run_all(all, info, roster, result.registration.sha256, venue, tick);
  const std::span<const Scores> list(scores);
  if (!studies.doses.empty()) put_section(result, doses_of(card, studies.doses, dosed, list.first(studies.doses.size()), result.fight.metric.title));
  if (!studies.few_shots.empty()) put_section(result, few_shots_of(card, studies, shot, list.subspan(studies.doses.size()), result));
}

}  // namespace fairfight
