#include "fairfight/arena/referee.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <mutex>
#include <numeric>
#include <set>

#include "fairfight/acts/sinks.h"
#include "fairfight/arena/learning.h"
#include "fairfight/arena/participant.h"
#include "fairfight/arena/ranks.h"
#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/not_finite.h"
#include "fairfight/base/stop.h"
#include "fairfight/model/engine.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

Plan planned(const AnyTask& task, const Workload& work) {
  const Card& card = task.card();
  const auto roster = describe(task.roster(), card.sites);
  Sides sides;
  for (const size_t c : chosen_contestants(card, roster)) {
    ++(uses_dictionary(roster[c].role) ? sides.challengers : sides.others);
    const auto steps = roster[c].space.json().value("steps", std::vector<double>());
    if (steps.empty()) continue;
    ++sides.trained;
    sides.steps += std::accumulate(steps.begin(), steps.end(), 0.0) / double(steps.size());
  }
  return plan_of(card, task.info().discipline, work, bases_of(card).size(), sides);
}

}  // namespace

Plan plan_fight(const AnyTask& task) { return planned(task, task.work()); }

class Referee::Protocol {
  static constexpr const char* kTested = "-tested";  // after the names of jobs: what a contestant's choice came to
 public:
  Protocol(const AnyTask& task, const Venue& venue)
      : task_(task),
        card_(task.card()),
        venue_(venue),
        roster_(task.roster()),
        infos_(describe(roster_, card_.sites)),
        chosen_(chosen_contestants(card_, infos_)),
        bases_(bases_of(card_)),
        progress_(planned(task, task.work()).stages, venue.progress) {}

  Fought run() {
    progress_.next();
    std::vector<std::unique_ptr<Round>> rounds;
    for (size_t i = 0; i < card_.models.size(); ++i) {
      const Timed timed(*venue_.profile, "drawing the text", engine_threads());
      check_stop();
      rounds.push_back(task_.round(i));
      for (const Site& site : card_.sites) rounds.back()->model().model.width(site);  // an error where there is none
    }
    const Registration registration = register_fight(content_of(rounds));
    registration_sha256_ = registration.sha256();
    for (size_t i = 0; i < rounds.size(); ++i)
      rounds[i]->close_test(registration, venue_.folder / fmt::format("test-{}.sealed", card_.seeds[i]));
    progress_.done(rounds[0]->note());
    progress_.expect(planned(task_, work_of(rounds)).stages);

    std::vector<RoundOutcome> outcomes(rounds.size());
    std::list<Arena> arenas;
    for (size_t i = 0; i < rounds.size(); ++i) {
      const Round& round = *rounds[i];
      outcomes[i].model = {card_.models[i], card_.seeds[i], round.model().sha256, round.datasheet(), round.model().revision};
      arenas.emplace_back(*rounds[i], outcomes[i]);
    }
    prepare(arenas);
    contend(arenas);
    const auto champion = champion_of(contestants(), outcomes, Role::challenger, bases_[0].name, metric().reported.no_skill);
    meet_controls(arenas, champion);
    kept_ = {champion, champion_of(contestants(), outcomes, Role::baseline, "", metric().reported.no_skill)};
    open(arenas, registration);
    return {contestants(), bases_, std::move(outcomes), registration_sha256_};
  }

  bool registered() const {
    std::vector<std::unique_ptr<Round>> rounds;
    for (size_t i = 0; i < card_.models.size(); ++i) rounds.push_back(task_.round(i));
    return Registration::sha256_of(content_of(rounds)) == sha256_file(venue_.folder / "registration.json");
  }

  /// Who fights, in the order of Entry::contestant.
  std::vector<ContestantInfo> contestants() const {
    std::vector<ContestantInfo> list;
    for (size_t i : chosen_) list.push_back(infos_[i]);
    return list;
  }
  std::vector<std::optional<Calibration>> calibrations() {
    const Timed timed(*venue_.profile, "calibrating the baselines", engine_threads());
    std::vector<std::optional<Calibration>> list(chosen_.size());
    std::vector<SharedJob> jobs;
    for (size_t c = 0; c < list.size(); ++c) jobs.push_back(shared_job(fmt::format("parity-{}", method(c).name())));
    run_all("parity", jobs, progress_.next(), [&](size_t c, Turn turn) {
      Job parity = job(jobs[c].name, turn);
      if (!parity.kept()) {
        const auto reached = task_.calibrate(method(c));
        parity.keep(reached ? Json{{"reached", reached->reached}, {"reference", reached->reference}, {"tolerance", reached->tolerance}} : Json());
      }
      if (const Json& kept = *parity.kept(); !kept.is_null()) list[c] = Calibration{kept["reached"], kept["reference"], kept["tolerance"]};
      return infos_[chosen_[c]].title;
    });
    progress_.done();
    return list;
  }
  Progress& progress() { return progress_; }  // its last stage is the judge's

 private:
  /// A run of a contestant that is to be made.
  struct Prepared {
    Entry* entry;
    size_t run;
    std::unique_ptr<Participant> participant = nullptr;  // once it tunes
    std::string tuned_by{};                              // the member that has what was made, if ranks share the fight
  };
  /// One ground with all that stands on it. It keeps its place: desks hold references into it.
  struct Bench {
    Bench(Ground g, double flops) : ground(std::move(g)), dictionary_flops(flops) {}
    Ground ground;
    double dictionary_flops;
    Memo memo;
    std::list<Prepared> prepared;
  };
  /// One organism while it is fought about.
  struct Arena {
    Arena(Round& r, RoundOutcome& o) : round(r), outcome(o), learning(r, o) {}
    Round& round;
    RoundOutcome& outcome;
    Learning learning;
    Memo model_memo;
    std::list<Bench> benches;
  };

  Json content_of(const std::vector<std::unique_ptr<Round>>& rounds) const {
    Json data = Json::object();
    for (size_t i = 0; i < rounds.size(); ++i) {
      const Json hashes = rounds[i]->hashes();
      for (const auto& [name, hash] : hashes.items()) data[fmt::format("{}/{}", card_.seeds[i], name)] = hash;
    }
    return registration_of(card_, task_.info(), contestants(), bases_, data);
  }

  /// What it really is, now that the text is drawn.
  Workload work_of(const std::vector<std::unique_ptr<Round>>& rounds) const {
    Workload work = task_.work();
    double tokens = 0, documents = 0;
    for (const auto& round : rounds) {
      tokens += double(round->pool().count());
      documents += double(round->pool().documents());
    }
    work.documents.pool = documents / double(rounds.size());
    work.tokens = tokens / documents;
    return work;
  }

  /// What is there before the first contestant.
  void prepare(std::list<Arena>& arenas) {
    std::vector<Learning*> organisms;
    for (auto& arena : arenas) organisms.push_back(&arena.learning);
    const Lessons lessons(card_, bases_, venue_, organisms);
    const int64_t rows = lessons.harvest(progress_.next());
    progress_.done(fmt::format("{} rows", rows));
    lessons.learn(progress_.next());
    progress_.done();
    lessons.measure([&](const std::string& name, Turn turn) { return job(name, turn); }, progress_.next());
    progress_.done();
  }

  /// Everyone tunes with what is its own.
  void contend(std::list<Arena>& arenas) {
    std::vector<Tuning> jobs;
    for (auto& arena : arenas) {
      auto& entries = arena.outcome.entries;
      entries.reserve(chosen_.size() + count(Role::challenger) * bases_.size());  // Prepared points into it
      arena.benches.emplace_back(ground(arena, nullptr, ""), 0);
      for (size_t c = 0; c < chosen_.size(); ++c) {
        if (uses_dictionary(role(c))) continue;
        entries.push_back({c, "", std::vector<Run>(1)});
        jobs.push_back(tuning(arena, arena.benches.back(), entries.back(), 0));
      }
    }
    std::vector<size_t> with_dictionary;
    for (size_t c = 0; c < chosen_.size(); ++c)
      if (uses_dictionary(role(c))) with_dictionary.push_back(c);
    for (auto& arena : arenas) add_basis(arena, 0, with_dictionary, jobs);
    tune_all("tune", std::move(jobs));
  }

  /// The same challengers, or the champion of them, with every control basis.
  void meet_controls(std::list<Arena>& arenas, std::optional<size_t> champion) {
    std::vector<size_t> challengers;
    for (size_t c = 0; c < chosen_.size(); ++c)
      if (role(c) == Role::challenger && (card_.controls == Card::Controls::all || champion == c)) challengers.push_back(c);
    std::vector<Tuning> jobs;
    for (auto& arena : arenas)
      for (size_t b = 1; b < bases_.size(); ++b) add_basis(arena, b, challengers, jobs);
    tune_all("controls", std::move(jobs));
  }

  /// Where sinks are left out, so are rows of the test: how many is reported.
  void count_sinks(Arena& arena) const {
    const SharedModel model(arena.round.model().model, arena.model_memo);
    auto& sinks = arena.outcome.model.sinks;
    if (std::all_of(sinks.begin(), sinks.end(), [](const auto& s) { return s.left_out == 0; })) return;
    for (auto& reported : sinks) {
      for (const Batch* batch : arena.round.opened()) {
        reported.tested += batch->valid.sum().item<int64_t>();
        if (reported.left_out == 0) continue;  // nor is any of the test
        const auto kept = no_sinks(model.activations(*batch, Site::parse(reported.site)), batch->valid, reported.most_norm);
        reported.tested_left_out += kept.logical_not().logical_and(batch->valid).sum().item<int64_t>();
      }
    }
  }

  /// From here on there is nothing left to choose.
  void open(std::list<Arena>& arenas, const Registration& registration) {
    const Tick tick = progress_.next();
    struct Last {
      Arena* arena;
      Bench* bench;
      Prepared* prepared;
    };
    std::vector<Last> jobs;
    std::vector<SharedJob> shared;
    std::map<Bench*, size_t> left;
    for (auto& arena : arenas) {
      const Timed timed(*venue_.profile, "opening the test", engine_threads());
      check_stop();
      arena.round.open_test(registration);
      count_sinks(arena);
      for (auto& bench : arena.benches)
        for (auto& p : bench.prepared) {
          jobs.push_back({&arena, &bench, &p});
          shared.push_back(shared_job(name_of(p, arena) + kTested, p.tuned_by));
          ++left[&bench];
        }
    }
    std::mutex counting;
    run_all("test", shared, tick, [&](size_t j, Turn turn) {
      const auto& [arena, bench, prepared] = jobs[j];
      test(*prepared, *bench, *arena, turn);
      const std::lock_guard lock(counting);
      if (--left.at(bench) == 0) bench->memo.clear();
      return infos_[chosen_[prepared->entry->contestant]].title;
    });
    progress_.done();
  }

  Ground ground(const Arena& arena, const std::vector<Learned>* with, std::string basis) const {
    const Round& round = arena.round;
    return Ground{round.model().model, arena.learning.views(card_, with), std::move(basis), uint64_t(arena.outcome.model.seed), &round.pool()};
  }

  /// One contestant's tuning.
  struct Tuning {
    Arena* arena;
    Bench* bench;
    Prepared* prepared;
  };
  Tuning tuning(Arena& arena, Bench& bench, Entry& entry, size_t run) const {
    bench.prepared.push_back({&entry, run});
    return {&arena, &bench, &bench.prepared.back()};
  }
  void add_basis(Arena& arena, size_t b, const std::vector<size_t>& challengers, std::vector<Tuning>& jobs) const {
    auto& entries = arena.outcome.entries;
    const size_t first = entries.size();
    for (const size_t c : challengers) entries.push_back({c, bases_[b].name, std::vector<Run>(seeds_of(card_, bases_[b]))});
    for (size_t s = 0; s < seeds_of(card_, bases_[b]); ++s) {
      const auto& with = arena.learning.learned[b][s];
      arena.benches.emplace_back(ground(arena, &with, fmt::format("{}/{}", bases_[b].name, s)), arena.learning.flops(with));
      for (size_t e = first; e < entries.size(); ++e) jobs.push_back(tuning(arena, arena.benches.back(), entries[e], s));
    }
  }

  /// Side by side: what a trial computes does not depend on how many others run beside it. A bench's memo is dropped when the
  /// last of its contestants is done.
  void tune_all(const std::string& deal, std::vector<Tuning> jobs) {
    const Tick tick = progress_.next();
    std::map<Bench*, size_t> left, row;
    for (const Tuning& j : jobs) {
      ++left[j.bench];
      row.emplace(j.bench, row.size() / size_t(engine_threads()));
    }
    // Neighbours in this order stand on different benches, so that few wait for a pass that another one is making; no more benches at once than that takes,
    // for each remembers the codes of all that it reads.
    std::stable_sort(jobs.begin(), jobs.end(), [&](const Tuning& a, const Tuning& b) {
      const auto key = [&](const Tuning& j) { return std::tuple(!j.bench->ground.basis.empty(), row.at(j.bench), j.prepared->entry->contestant); };
      return key(a) < key(b);
    });
    std::vector<SharedJob> shared;
    for (const Tuning& j : jobs) shared.push_back(shared_job(name_of(*j.prepared, *j.arena)));
    std::mutex counting;
    const auto members = run_all(deal, shared, tick, [&](size_t j, Turn turn) {
      const Tuning& job = jobs[j];
      tune(*job.prepared, *job.bench, *job.arena, turn);
      const std::lock_guard lock(counting);
      if (--left[job.bench] == 0) job.bench->memo.clear();
      return fmt::format("{} {}", infos_[chosen_[job.prepared->entry->contestant]].title, job.bench->ground.basis);
    });
    for (size_t j = 0; j < members.size(); ++j) jobs[j].prepared->tuned_by = members[j];
    progress_.done();
  }

  template <class Work>  // returns what it has done, in words
  std::vector<std::string> run_all(const std::string& deal, const std::vector<SharedJob>& jobs, const Tick& tick, const Work& work) {
    std::mutex telling;
    size_t done = 0;
    return share(venue_.ranks, deal, jobs, [&](size_t j, Turn turn) {
      const std::string what = work(j, turn);
      const std::lock_guard lock(telling);
      tick(double(++done) / double(jobs.size()), what);
    });
  }

  std::string name_of(const Prepared& p, const Arena& arena) const {
    return fmt::format("{}-{}{}", method(p.entry->contestant).name(), arena.outcome.model.seed, p.entry->basis.empty() ? "" : fmt::format("-{}-{}", p.entry->basis, p.run));
  }

  void seat(Prepared& p, Bench& bench, Arena& arena, Turn turn) const {
    const Method& method = this->method(p.entry->contestant);
    const std::string name = name_of(p, arena);
    p.participant = std::make_unique<Participant>(method, card_.sites, arena.round, task_.info(),
                                                  arena.round.desk(bench.ground, std::string(method.name()), method.role(), arena.model_memo, bench.memo), p.entry->runs[p.run],
                                                  job(name, turn), job(name + kTested, turn));
  }

  void tune(Prepared& p, Bench& bench, Arena& arena, Turn turn) const {
    const Timed timed(*venue_.profile, "tuning " + infos_[chosen_[p.entry->contestant]].title);
    seat(p, bench, arena, turn);
    p.participant->tune(card_, bench.dictionary_flops);
  }

  void test(Prepared& p, Bench& bench, Arena& arena, Turn turn) const {
    const ContestantInfo& info = infos_[chosen_[p.entry->contestant]];
    const Timed timed(*venue_.profile, "testing " + info.title);
    if (turn != Turn::fresh) {
      seat(p, bench, arena, turn);
      p.participant->tune(card_, bench.dictionary_flops);  // nothing is left to try: what was chosen
    }
    if (turn == Turn::read) return;
    const bool reported = (p.entry->basis.empty() || p.entry->basis == bases_[0].name) && !card_.study, before = p.participant->closed();
    if (!before) p.participant->test(reported, p.run == 0);
    if (reported && (venue_.keep_all || (!before && kept_.contains(p.entry->contestant))))
      p.participant->keep(venue_.folder, fmt::format("{}-{}{}", info.name, arena.outcome.model.seed, p.entry->basis.empty() ? "" : fmt::format("-{}", card_.dictionary_seeds[p.run])));
    p.participant->close();
  }

  /// Rank 0 registers; the others hold what they would register against it.
  Registration register_fight(const Json& content) const {
    if (!venue_.ranks) return Registration(content, venue_.folder, venue_.resume);
    if (venue_.ranks->first()) {
      Registration registration(content, venue_.folder, venue_.resume);
      venue_.ranks->word_of_first("registration", registration.sha256());
      return registration;
    }
    const std::string own = sha256(dump_json(content)), registered = venue_.ranks->word_of_first("registration", own);
    if (own != registered)
      fail("[ranks] rank 0 registers {}, and rank {} would register {}; start all ranks with the same build, card and files", registered.substr(0, 12), venue_.ranks->member(), own.substr(0, 12));
    venue_.ranks->await(venue_.folder / "registration.json", registered);
    return Registration::read(venue_.folder);
  }

  bool takes_up(Turn turn) const { return venue_.resume || turn != Turn::fresh; }
  Job job(const std::string& name, Turn turn) const { return Job(venue_.folder, name, registration_sha256_, takes_up(turn), venue_.ranks); }
  SharedJob shared_job(const std::string& name, const std::string& home = "") const { return {name, Job::file(venue_.folder, name), home}; }

  const Method& method(size_t c) const { return *roster_[chosen_[c]]; }
  const Metric& metric() const { return task_.info().metric; }
  Role role(size_t c) const { return infos_[chosen_[c]].role; }
  size_t count(Role wanted) const {
    size_t n = 0;
    for (size_t c = 0; c < chosen_.size(); ++c) n += role(c) == wanted;
    return n;
  }

  const AnyTask& task_;
  const Card& card_;
  const Venue& venue_;
  std::vector<const Method*> roster_;
  std::vector<ContestantInfo> infos_;
  std::vector<size_t> chosen_;
  std::vector<Basis> bases_;
  Progress progress_;
  std::string registration_sha256_;
  std::set<std::optional<size_t>> kept_;  // whose artifacts are kept: the two champions
};

Referee::Referee(const AnyTask& task, const Venue& venue) : protocol_(std::make_unique<Protocol>(task, venue)) {}
Referee::~Referee() = default;
bool Referee::registered() const { return protocol_->registered(); }
Fought Referee::run() { return protocol_->run(); }
std::vector<std::optional<Calibration>> Referee::calibrations() { return protocol_->calibrations(); }
Progress& Referee::progress() { return protocol_->progress(); }

}  // namespace fairfight
