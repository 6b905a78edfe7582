#include "cli/dry_run.h"

#include <fmt/format.h>

#include "cli/verbs.h"
#include "fairfight/base/shipped.h"
#include "fairfight/io/conversations.h"
#include "fairfight/io/hub.h"
#include "fairfight/io/texts.h"
#include "fairfight/model/checkpoint.h"

namespace fairfight {
void print_plan(const Plan& plan) {
  fmt::print("what it would take, about; nothing is done\ntime, minutes and seconds\n");
  for (const auto& stage : plan.stages) fmt::print("  {:>11}  {}\n", clock_time(stage.expected_seconds), stage.name);
  fmt::print("  {:>11}  in all\n", clock_time(plan.seconds()));
  for (const auto& [name, parts] : {std::pair("memory", &plan.memory), std::pair("disk", &plan.disk)}) {
    if (parts->empty()) continue;
    fmt::print("{}\n", name);
    for (const auto& part : *parts) fmt::print("  {:>8.0f} MB  {}\n", part.bytes / 1e6, part.what);
    fmt::print("  {:>8.0f} MB  in all{}\n", Plan::sum(*parts) / 1e6,
               parts == &plan.memory ? fmt::format("; {:.0f} MB are left here", double(available_memory()) / 1e6) : "");
  }
  fmt::print("passes over {:.3g} tokens, {:.3g} FLOPs with what is learned; this machine does {:.3g} a second\n", plan.forward_tokens, plan.flops, machine_speed());
}

double tokens_in(const std::string& model, const TextOptions& text, size_t documents) {
  if (text.file.empty()) return kTownTokens * double(documents);
  double bytes = 0;
  const Conversations chat(find_model(given_or_shipped(model).string()).folder);
  for (const auto& document : read_texts(text.file, text.field, documents, &chat)) bytes += double(document.text.size());
  return bytes / kBytesAToken;
}

Plan plan_of_reading(const std::string& stage, const Config& config, Precision weights, double tokens, double flops_a_token, double tokens_at_once) {
  Plan plan;
  plan.forward_tokens = tokens;
  plan.flops = tokens * flops_a_token;
  plan.stages = {{stage, plan.flops / machine_speed()}};
  plan.memory = {{"weights", double(memory_of(config, weights).weights)}, passes_memory(config, tokens_at_once)};
  return plan;
}

}  // namespace fairfight
