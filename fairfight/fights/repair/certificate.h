#pragma once
#include <map>
#include <string>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/fights/repair/task.h"
#include "fairfight/report/result.h"

namespace fairfight {

/// That the dictionaries of a fight convincingly did not see its behaviour (FIGHTS.md T4), each level resting on those before:
///   C0 provenance    the text is drawn, with its hash, from a town in which the behaviour is switched off
///   C1 scan          no document provokes it or holds the answer's words; bounded by the rule of three
///   C2 model state   the activations come from a model that does not have the behaviour
///   C3 counterpart   dictionaries that did see it exist, and the fight was fought with them too
///   C4 features      no single latent tells the trigger better than latents tell conjunctions that mean nothing: at most 0.05 AUROC above their mean
///   C5 no leak       text and the documents that show it share no run of thirteen words with the behaviour in it
/// `folder` is the fight's, where its dictionaries lie; `counterparts` says what was gained with the dictionaries that saw it.
Section certify(const Card& card, const RepairData& data, const std::filesystem::path& folder, const std::string& counterparts);

/// The same of a user's model and files (`certify` calls it). C0 to C3 and C5 are looked for by the words of the examples: nobody
/// knows others. C4 cannot be checked, since conjunctions that mean nothing would have to be written in the trigger's own terms; so
/// that no such certificate goes beyond C3, nor beyond C1 without a model that never had the behaviour.
Section certify_own(const Card& card, const RepairData& data, const std::filesystem::path& folder, const std::string& counterparts);

inline constexpr const char* kCertificate = "certificate";  // the section's id

/// As a section, with the sentence that says how far it goes.
Section certificate_of(std::vector<Section::Checklist::Item> levels);

constexpr double kNearlyNever = 0.01;  // a rate at which a model does not have a behaviour

}  // namespace fairfight
