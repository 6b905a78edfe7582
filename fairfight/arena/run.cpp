#include "fairfight/arena/contest.h"
#include "fairfight/arena/referee.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/model/engine.h"

namespace fairfight {

Result run_fight(const AnyTask& task, const Venue& venue) {
  Referee referee(task, venue);
  const Fought fought = referee.run();
  const auto calibrations = referee.calibrations();
  const auto families = task.families();
  const Contest contest{task.info(), task.card(), fought.contestants, calibrations, fought.bases, families, fought.outcomes, {"", fought.registration_sha256, task.card().sha256}, task.cases(fought.outcomes)};
  const Tick tick = referee.progress().next();
  Result result = [&] {
    const Timed timed(*venue.profile, "judging", engine_threads());
    return judge_contest(contest, tick);
  }();
  referee.progress().done(result.verdict.ruling.label == Result::Label::inconclusive ? "not settled" : "");
  const bool studied = task.work().studies > 0;
  task.tell(result, contest, venue, studied ? referee.progress().next() : no_tick);
  if (studied) referee.progress().done();
  return result;
}

bool fought(const AnyTask& task, const Venue& venue) {
  const auto result = venue.folder / "result.json", registration = venue.folder / "registration.json";
  if (!std::filesystem::exists(result) || !std::filesystem::exists(registration)) return false;
  try {
    if (Result::from_json(read_json(result)).registration.sha256 != sha256_file(registration)) return false;
  } catch (const Error&) {  // of an older fairfight, or spoilt: it is fought again
    return false;
  }
  return Referee(task, venue).registered();
}

}  // namespace fairfight
