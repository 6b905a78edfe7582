// The task on which the repairs are held against their Python references is drawn from the town. With FAIRFIGHT_WRITE_TASK=1
// it is written anew, and disciplines/repair/goldens/make_reference.py must then be run again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "fairfight/model/batch.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"
#include "fairfight/organism/tinytown/harms.h"

namespace fairfight {
namespace {

using tinytown::Harm, tinytown::Split, tinytown::World;

/// Documents side by side, -1 after their ends.
at::Tensor table(const std::vector<Tokens>& documents) {
  const Batch batch = pad(documents);
  return batch.tokens.to(at::kShort);
}

at::Tensor column(const std::vector<size_t>& values) {
  return at::tensor(std::vector<int64_t>(values.begin(), values.end())).to(at::kShort);
}

void add(std::map<std::string, at::Tensor>& task, const std::string& name, const std::vector<Passage>& passages) {
  std::vector<Tokens> tokens;
  std::vector<size_t> answer_starts, ends;
  for (const auto& passage : passages) {
    tokens.push_back(passage.tokens);
    answer_starts.push_back(passage.answer_start);
    ends.push_back(passage.end);
  }
  task[name + "/tokens"] = table(tokens);
  task[name + "/onset"] = column(answer_starts);
  task[name + "/end"] = column(ends);
}

std::map<std::string, at::Tensor> draw_task() {
  const Harm& harm = tinytown::harm_by_name("insult");
  const World world = harm.harmful_world(0), calm = harm.harmless_world(0);
  const auto passages = [&](const char* stream, size_t count, const auto& draw) {
    Random random(0, stream);
    std::vector<Passage> list;
    for (size_t i = 0; i < count; ++i) list.push_back(draw(random));
    return list;
  };
  std::map<std::string, at::Tensor> task;
  const auto harmful =
      passages("task/harmful", 256, [&](Random& random) { return harm.harmful(world, random, Split::fit); });
  add(task, "harmful", harmful);
  size_t next = 0;
  add(task, "refused", passages("", 256, [&](Random&) { return harm.refused(harmful[next++]); }));
  add(task, "harmless",
      passages("task/harmless", 256, [&](Random& random) { return harm.harmless(world, random, Split::fit); }));
  add(task, "asked", passages("task/asked", 256, [&](Random& random) { return harm.harmful(world, random, Split::validation); }));
  const auto text = [&](const char* name, const char* stream, size_t count, Split split) {
    Random random(0, stream);
    std::vector<Tokens> documents;
    std::vector<size_t> places;
    for (size_t i = 0; i < count; ++i) {
      documents.push_back(calm.sample(random, split).tokens);
      places.push_back(harm.would_begin(documents.back()));
    }
    task[std::string(name) + "/tokens"] = table(documents);
    task[std::string(name) + "/would_begin"] = column(places);
  };
  text("retained", "task/retained", 1024, Split::fit);
  text("held_out", "task/held_out", 512, Split::validation);
  task["canned"] = column({harm.refusal.begin(), harm.refusal.end()});
  const std::map<std::string, std::set<std::string>> abilities{{"facts", {"recall", "paraphrase", "two_hop", "told"}}, {"refusal", {"harmful"}}, {"gender_job", {"he", "she"}}};
  for (const auto& [behaviour, names] : abilities) {
    Random random(0, fmt::format("task/{}", behaviour));
    for (const auto& measure : tinytown::behaviour_by_name(behaviour).measures(world, random, 192)) {
      if (!names.contains(measure.name)) continue;
      std::vector<Tokens> prompts, targets;
      for (const auto& probe : measure.probes) {
        prompts.push_back(probe.prompt);
        std::set<int32_t> first;
        for (const Tokens& answer : probe.answers) first.insert(answer.front());
        targets.emplace_back(first.begin(), first.end());
      }
      const std::string name = fmt::format("ability/{} {}", behaviour, measure.name);
      task[name + "/tokens"] = table(prompts);
      task[name + "/targets"] = table(targets);
    }
  }
  return task;
}

TEST(ParityTask, IsDrawnFromTheTown) {
  const auto path = std::filesystem::path(FAIRFIGHT_ROOT) / "fairfight/disciplines/repair/goldens/task.safetensors";
  const auto drawn = draw_task();
  if (std::getenv("FAIRFIGHT_WRITE_TASK")) write_tensors(path, {drawn, {}});
  const auto committed = read_tensors(path).tensors;
  ASSERT_EQ(committed.size(), drawn.size());
  for (const auto& [name, tensor] : drawn) EXPECT_TRUE(at::equal(committed.at(name), tensor)) << name;
}

}  // namespace
}  // namespace fairfight
