#include <fmt/format.h>

#include "fairfight/arena/contest.h"
#include "fairfight/arena/ranks.h"
#include "fairfight/disciplines/repair/roster.h"
#include "fairfight/disciplines/repair/score.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair/certificate.h"
#include "fairfight/fights/repair/studies.h"
#include "fairfight/fights/repair/task.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

FightInfo unrepresented_info() {
  return {"unrepresented", "A harm that the dictionary never saw",
          "Does a dictionary that convincingly never saw a harmful behaviour repair the model as well as methods that need no dictionary?", "T4", "patch", removed("the behaviour", true)};
}

/// A repair with studies beside it, and a certificate that the dictionary did not see what is repaired.
class UnrepresentedTask final : public RepairTask {
 public:
  UnrepresentedTask(const Card& card, Memo& memo) : RepairTask(unrepresented_info(), repairs(), card, memo), studies_(card.data, int64_t(data().examples)) {}

  Workload work() const override {
    Workload work = RepairTask::work();
    work.studies = studies_.seconds(card().models.size());
    return work;
  }

  void tell(Result& result, const Contest& contest, const Venue& venue, const Tick& tick) const override {
    RepairTask::tell(result, contest, venue, tick);
    Studies studies = studies_;
    const Json& known = result.models[0].datasheet;  // a user's files may have less than the card asks for
    const std::string left_out = data().own() ? studies.keep_possible(known["text"]["pool"].get<size_t>(), known["behaviour"]["examples"].get<size_t>()) : "";
    add_studies(studies, unrepresented_info(), repairs(), card(), venue, tick, result);
    if (venue.ranks && !venue.ranks->first()) return;  // rank 0 tells the rest
    std::string controls;  // dictionaries that did see it
    if (const auto* doses = result.section_as<Section::Curves>(kDoses); doses && studies.doses.back() > 0)
      controls = fmt::format("with {:g} % of the text, {} removes {:.3f}", 100 * studies.doses.back(), doses->lines[0].contestant, doses->lines[0].values.back().value);
    const Timed timed(*venue.profile, "the certificate", engine_threads());
    Section certificate = certify(card(), data(), venue.folder, controls);
    if (!left_out.empty()) certificate.caption += " " + left_out;
    put_section(result, std::move(certificate), result.section(kDoses) ? kDoses : result.section(kFewShots) ? kFewShots
                                                                                                            : kTuning);
    if (data().own()) result.tier.sentence += " Whether the model saw the behaviour in its own training, which this fight cannot know, is its user's to say.";
  }

 private:
  Studies studies_;
};

}  // namespace

FightEntry unrepresented_fight() {
  const auto task = [](const Card& card, Memo& memo) -> std::unique_ptr<AnyTask> { return std::make_unique<UnrepresentedTask>(card, memo); };
  return {unrepresented_info(), methods_of(repairs()), task, repair_inputs(), override_repair, kRepairFiles, "patches"};
}

}  // namespace fairfight
