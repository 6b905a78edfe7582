#include <fmt/format.h>

#include "fairfight/contestants/patch/roster.h"
#include "fairfight/fights/certificate.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair.h"
#include "fairfight/fights/studies.h"
#include "fairfight/model/engine.h"

namespace fairfight {
namespace {

constexpr FightInfo kUnrepresented{"unrepresented", "A harm that the dictionary never saw",
                          "Does a dictionary that convincingly never saw a harmful behaviour repair the model as well as methods that need no dictionary?",
                          "T4", "patch", "removed", 0};

Result run_unrepresented(const Card& card, const Venue& venue) {
  const RepairData data(card.data);
  Studies studies(card.data, int64_t(data.examples));
  Result result = run_repair(kUnrepresented, repairs(), card, venue);
  const Json& papers = result.models[0].papers;  // a user's files may have less than the card asks for
  const std::string left_out = data.own() ? studies.keep_possible(papers["text"]["pool"].get<size_t>(), papers["behaviour"]["examples"].get<size_t>()) : "";
  add_studies(studies, kUnrepresented, repairs(), card, venue, result);
  std::string twins;
  if (result.doses && studies.doses.back() > 0)
    twins = fmt::format("with {:g} % of the text, {} removes {:.3f}", 100 * studies.doses.back(), result.doses->lines[0].contestant,
                        result.doses->lines[0].scores.back().value);
  const Timed timed(*venue.profile, "the certificate", engine_threads());
  result.certificate = certify(card, data, venue.folder, twins);
  if (!left_out.empty()) result.certificate->sentence += " " + left_out;
  if (data.own()) result.tier.sentence += " Whether the model saw the behaviour in its own training, which this fight cannot know, is its user's to say.";
  return result;
}

}  // namespace

FightEntry unrepresented_fight() { return {kUnrepresented, describe(repairs()), run_unrepresented, [](const Card& card) { return plan_repair(kUnrepresented, repairs(), card); }, bring_repair}; }

}  // namespace fairfight
