#include <fmt/format.h>

#include "fairfight/arena/repair.h"
#include "fairfight/contestants/patch/roster.h"
#include "fairfight/fights/certificate.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair.h"
#include "fairfight/fights/studies.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

const FightInfo kUnrepresented{"unrepresented", "A harm that the dictionary never saw",
                          "Does a dictionary that convincingly never saw a harmful behaviour repair the model as well as methods that need no dictionary?",
                          "T4", "patch", removed("the behaviour", true)};

Result run_unrepresented(const Card& card, const Venue& venue) {
  const RepairData data(card.data);
  Studies studies(card.data, int64_t(data.examples));
  Result result = run_repair(kUnrepresented, repairs(), card, venue);
  const Json& known = result.models[0].datasheet;  // a user's files may have less than the card asks for
  const std::string left_out = data.own() ? studies.keep_possible(known["text"]["pool"].get<size_t>(), known["behaviour"]["examples"].get<size_t>()) : "";
  add_studies(studies, kUnrepresented, repairs(), card, venue, result);
  std::string twins;
  if (const auto* doses = result.section_as<Section::Curves>(kDoses); doses && studies.doses.back() > 0)
    twins = fmt::format("with {:g} % of the text, {} removes {:.3f}", 100 * studies.doses.back(), doses->lines[0].contestant, doses->lines[0].values.back().value);
  const Timed timed(*venue.profile, "the certificate", engine_threads());
  Section certificate = certify(card, data, venue.folder, twins);
  if (!left_out.empty()) certificate.caption += " " + left_out;
  put_section(result, std::move(certificate), result.section(kDoses) ? kDoses : result.section(kFewShots) ? kFewShots : kTuning);
  if (data.own()) result.tier.sentence += " Whether the model saw the behaviour in its own training, which this fight cannot know, is its user's to say.";
  return result;
}

}  // namespace

FightEntry unrepresented_fight() { return {kUnrepresented, describe(repairs()), run_unrepresented, [](const Card& card) { return plan_repair(kUnrepresented, repairs(), card); }, bring_repair}; }

}  // namespace fairfight
