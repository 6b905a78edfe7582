#include "fairfight/board/predictions.h"

#include <algorithm>
#include <string>

#include "fairfight/base/error.h"
#include "fairfight/report/text.h"

namespace fairfight {
namespace {

template <class List>
std::string ids_of(const List& list) {
  std::string ids;
  for (const auto& one : list) ids += (ids.empty() ? "" : ", ") + std::string(one.id);
  return ids;
}

}  // namespace

const Prediction& PredictionList::prediction(std::string_view id) const {
  const auto found = std::find_if(predictions.begin(), predictions.end(), [&](const auto& p) { return p.id == id; });
  if (found == predictions.end()) fail("[board] unknown prediction: got \"{}\", expected one of {} of the list {}", plain(id), ids_of(predictions), name);
  return *found;
}

std::vector<double> PredictionList::probabilities() const {
  std::vector<double> all;
  for (const auto& prediction : predictions) all.push_back(prediction.probability);
  return all;
}

const std::vector<PredictionList>& prediction_lists() {
  static const std::vector<PredictionList> lists{
      {"2024-05",
       "The ten of May 2024",
       "what the next paper of Anthropic on sparse autoencoders (SAEs) would and would not do; posted on 5 May 2024",
       {{"M1", .99, "experiments that are judged by eye", ""},
        {"M2", .95, "edits under the streetlight", ""},
        {"M3", .80, "a cherry-picked proof of concept for a useful type of task", ""},
        {"M4", .20, "parameter-efficient fine-tuning by sparse weights and biases on an SAE's embeddings that beats baselines", "LoRA"},
        {"M5", .20, "passive scoping", ""},
        {"M6", .25, "finding and fixing by hand a harmful behaviour that was represented in the SAE's training data", ""},
        {"M7", .05, "finding and fixing by hand a novel bug that was not represented in it", ""},
        {"M8", .15, "an SAE as a zero-shot anomaly detector", ""},
        {"M9", .10, "latent adversarial training under perturbations of an SAE's embeddings", ""},
        {"M10", .05, "arbitrary model edits by hand", ""}}},
      {"2024-10",
       "The eight of October 2024",
       "what the next paper of Anthropic, OpenAI or Google DeepMind on SAEs, or on dictionaries of another kind, would do as well as the fitting baselines in a fair fight; posted on 11 October 2024",
       {{"T1", .60, "fix a harmful behaviour that was represented in the dictionary's training data", "fine-tuning, machine unlearning"},
        {"T2", .20, "find novel attacks on the model in input space", "adversarial attacks"},
        {"T3", .20, "detect anomalies by thresholds on sparsity or reconstruction error", "statistical anomaly detection"},
        {"T4", .15, "fix a harmful behaviour that was convincingly not represented there", "fine-tuning, machine unlearning"},
        {"T5", .15, "fine-tune through sparse perturbations of the dictionary's embeddings", "parameter-efficient fine-tuning"},
        {"T6", .15, "arbitrary model edits, not under the streetlight", "fine-tuning, model editing"},
        {"T7", .10, "latent adversarial attacks or training on the dictionary's features", "latent-space approaches"},
        {"T8", .10, "robustness to harmful behaviours that were not represented there", "compression"}}}};
  return lists;
}

const PredictionList& prediction_list(std::string_view name) {
  const auto& lists = prediction_lists();
  const auto found = std::find_if(lists.begin(), lists.end(), [&](const auto& list) { return list.name == name; });
  if (found == lists.end()) fail("[board] unknown list of predictions: got \"{}\", expected 2024-05 or 2024-10", plain(name));
  return *found;
}

const PredictionList& fought_list() { return prediction_list("2024-10"); }

const std::vector<NamedSystem>& named_systems() {
  static const std::vector<NamedSystem> systems{
      {"S1", "SHIFT", "removes features that a classifier should not use (Marks et al. 2024)", "3"},
      {"S2", "Golden Gate clamping", "makes a model talk of what one feature stands for (Templeton et al. 2024)", "3"},
      {"S3", "the refusal direction", "switches refusals off by one direction (Arditi et al. 2024)", "3"},
      {"S4", "ReFAT", "adversarial training against the refusal direction's removal, which did not outcompete latent adversarial training (Yu et al. 2024)", "3"},
      {"S6", "reward-model attacks", "finds inputs that a reward model overrates (Smith & Brinkmann 2024)", "3"},
      {"S7", "ReFT", "representation fine-tuning, inspired by mechanisms more than made of them (Wu et al. 2024)", "perhaps 4"},
      {"S8", "AlphaZero's concepts", "taught grandmasters chess concepts (Schut et al. 2023)", "barely 4"}};
  return systems;
}

void require_known(std::string_view prediction) {
  const auto is = [&](const auto& one) { return one.id == prediction; };
  const auto& claims = fought_list().predictions;
  const auto& systems = named_systems();
  if (!prediction.empty() && std::none_of(claims.begin(), claims.end(), is) && std::none_of(systems.begin(), systems.end(), is))
    fail("[board] unknown prediction: got \"{}\", expected one of {}, {}", plain(prediction), ids_of(claims), ids_of(systems));
}

}  // namespace fairfight
