#include "fairfight/disciplines/repair/parity.h"

#include <mutex>
#include <typeindex>

#include "fairfight/arena/shared_model.h"
#include "fairfight/base/shipped.h"
#include "fairfight/base/statistics.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

/// A table of tokens, kPadding after the ends.
Batch batch_of(const at::Tensor& table) {
  const auto tokens = table.to(at::kLong);
  auto valid = tokens != kPadding;
  valid.select(1, 0).fill_(false);
  return {tokens, valid};
}

at::Tensor positions(const Batch& batch) { return at::arange(batch.tokens.size(1)).unsqueeze(0); }

Answers answers_of(const Tensors& tensors, const std::string& name) {
  const Batch batch = batch_of(tensors.at(name + "/tokens"));
  const auto answer_start = tensors.at(name + "/onset").to(at::kLong), end = tensors.at(name + "/end").to(at::kLong);
  const auto place = positions(batch);
  return {batch, (place >= answer_start.unsqueeze(1)) & (place < end.unsqueeze(1)), answer_start};
}

/// Text without the token where the behaviour would begin: what is likely there shall change.
Batch text_of(const Tensors& tensors, const std::string& name) {
  Batch batch = batch_of(tensors.at(name + "/tokens"));
  batch.valid = batch.valid & (positions(batch) != tensors.at(name + "/would_begin").to(at::kLong).unsqueeze(1));
  return batch;
}

/// Of the share that is removed. Rounding makes two trainings part, and where products are of bfloat16 they part by a hundredth; edits do not.
constexpr double kOfEdit = 5e-3, kOfTraining = 0.02;

std::filesystem::path path_of(const char* file) {
  return shipped(std::filesystem::path("reference/repair") / file, std::filesystem::path("fairfight/disciplines/repair/goldens") / file);
}

std::vector<int64_t> list_of(const at::Tensor& numbers) {
  const auto values = numbers.to(at::kLong).contiguous();
  return {values.data_ptr<int64_t>(), values.data_ptr<int64_t>() + values.numel()};
}

/// Prompts and their right answers, by what they ask about.
std::map<std::string, std::vector<Question>> questions_of(const Tensors& t) {
  const auto ids = [](const at::Tensor& row) {
    const auto list = list_of(row);
    return Tokens(list.begin(), list.end());
  };
  std::map<std::string, std::vector<Question>> groups;
  const std::string prefix = "ability/", suffix = "/tokens";
  for (const auto& [name, table] : t) {
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
    const std::string ability = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    const auto targets = t.at(prefix + ability + "/targets");
    for (int64_t i = 0; i < table.size(0); ++i) groups[ability].push_back({ids(table[i].masked_select(table[i] >= 0)), ids(targets[i].masked_select(targets[i] >= 0))});
  }
  return groups;
}

ParityTask load_task() {
  const auto file = read_tensors(path_of("task.safetensors"));
  const auto& t = file.tensors;
  const auto refusal = list_of(t.at("canned"));
  ParityTask task{load_model(shipped("organisms/tinytown-0").string()).model,
                  {answers_of(t, "harmful"),
                   answers_of(t, "refused"),
                   answers_of(t, "harmless"),
                   text_of(t, "retained"),
                   {refusal.begin(), refusal.end()}},
                  answers_of(t, "asked"),
                  Questionnaire(questions_of(t)),
                  text_of(t, "held_out")};
  return task;
}

/// log p of every token of a text.
at::Tensor log_probabilities(const Patch& patch, const Batch& text) {
  return in_slices(text, [&](const at::Tensor& tokens) { return token_log_probabilities(patch.read_out(parity_task().model, tokens), tokens); }).to(at::kDouble);
}

/// The mean probability of the insults.
double rate_of(const Patch& patch) {
  const Answers& asked = parity_task().asked;
  return (log_probabilities(patch, asked.batch) * asked.answer).sum(1).exp().mean().item<double>();
}

}  // namespace

const ParityTask& parity_task() {
  static const ParityTask task = load_task();
  return task;
}

RepairOutcome repair_outcome(const Patch& patch) {
  at::NoGradGuard no_grad;
  const ParityTask& task = parity_task();
  const auto said = [&](const at::Tensor& tokens, const Taps& taps) { return patch.read_out(task.model, tokens, taps); };
  RepairOutcome outcome{rate_of(patch), -log_probabilities(patch, task.held_out).masked_select(task.held_out.valid).mean().item<double>(), {}};
  for (const auto& [ability, p] : task.abilities.ask(said)) outcome.abilities[ability] = mean(p);
  return outcome;
}

const Json& repair_references() {
  static const Json references = read_json(path_of("repairs.json"));
  return references;
}

std::unique_ptr<Patch> repaired_task(const Contestant<Repair>& contestant, const Settings& settings) {
  const ParityTask& task = parity_task();
  const at::Tensor no_pool;
  const Ground ground{task.model, {View{Site::parse("blocks.2.hook_resid_post"), no_pool, {}, nullptr, 0, 0}}, "none", 0};
  static Memo model_memo;  // what the model says of the task's text: the same for everyone
  Memo shared;
  Corner<Repair> corner(ground, std::string(contestant.name()), contestant.role(), model_memo, shared, &task.examples, nullptr);
  return contestant.prepare(corner, settings);
}

std::optional<Calibration> calibrate_repair(const Contestant<Repair>& contestant) {
  const Json& known = repair_references().at("repairs");
  const auto found = known.find(contestant.name());
  if (contestant.role() != Role::baseline || found == known.end()) return {};
  static std::mutex guard;
  static std::map<std::type_index, Calibration> measured;  // by class: a roster of another fight has objects of its own
  {
    const std::lock_guard lock(guard);
    if (const auto before = measured.find(typeid(contestant)); before != measured.end()) return before->second;
  }
  const auto removed = [](double rate) { return 1 - rate / repair_references().at("untouched").at("rate").get<double>(); };
  const auto patch = repaired_task(contestant, Settings(found->at("settings")));
  at::NoGradGuard no_grad;
  const Calibration result{removed(rate_of(*patch)), removed(found->at("rate").get<double>()), found->at("settings").contains("steps") ? kOfTraining : kOfEdit};
  const std::lock_guard lock(guard);
  return measured.emplace(typeid(contestant), result).first->second;
}

}  // namespace fairfight
