#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include "fairfight/model/checkpoint_testing.h"

namespace fairfight {
namespace {

// What loading costs, and what a config cannot make it cost.

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

int64_t peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

int64_t resident_bytes() {
  int64_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

/// The most memory that this process had while `job` ran, seen a thousand times a second.
int64_t peak_bytes(const std::function<void()>& job) {
  std::atomic<bool> done = false;
  int64_t peak = 0;
  std::thread watch([&] {
    while (!done) {
      peak = std::max(peak, resident_bytes());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  job();
  done = true;
  watch.join();
  return std::max(peak, resident_bytes());
}

TEST(Checkpoint, LoadingTakesLittleMoreMemoryThanTheWeights) {
  for (Config config : {small_llama(false), small_gpt2(false)}) {
    config.vocab = 20'000;
    config.d_model = 300;
    config.n_heads = config.n_kv_heads = 3;
    config.d_head = 100;
    config.d_mlp = 9000;
    const ScratchFolder folder;
    save_model(Transformer(config, random_weights(config, Random(1, "memory"))), folder.path());
    malloc_trim(0);  // what is still free here would hide what loading takes
    std::optional<LoadedModel> loaded;
    const int64_t before = resident_bytes(),
                  peak = peak_bytes([&] { loaded = load_model(folder.path().string()); }) - before;
    const int64_t weights = int64_t(memory_of(config, Precision::float32).weights);
    EXPECT_GT(weights, 80'000'000);
    EXPECT_GT(peak, weights * 9 / 10);
    EXPECT_LT(peak, weights * 11 / 10) << config.arch;
  }
}

TEST(Checkpoint, AConfigThatClaimsMuchTakesNoMemory) {
  struct Case {
    Config config;
    const char* key;
    int64_t value;
    const char* reason;
  };
  constexpr int64_t kHuge = 1 << 24, kBeyond = int64_t(1) << 60;
  const Case cases[] = {
      {small_llama(false), "vocab_size", kHuge, "model.embed_tokens.weight"},
      {small_llama(false), "hidden_size", kHuge, "model.embed_tokens.weight"},
      {small_llama(false), "intermediate_size", kHuge, "mlp.gate_proj.weight"},
      {small_llama(false), "num_hidden_layers", 1000, "model.layers.2.input_layernorm.weight is missing"},
      {small_gpt2(true), "n_positions", kHuge, "transformer.wpe.weight"},
      {small_gpt2(true), "n_inner", kHuge, "mlp.c_fc.weight"},
      {small_llama(false), "vocab_size", kBeyond, "vocab_size"},
      {small_llama(false), "num_hidden_layers", kBeyond, "num_hidden_layers"},
      {small_gpt2(true), "n_embd", kBeyond, "n_embd"},
  };
  const int64_t before = peak_megabytes();
  for (const auto& [config, key, value, reason] : cases) {
    SavedModel saved(config);
    saved.config(key, value);
    EXPECT_THAT(saved.error(), AllOf(HasSubstr(saved.path()), HasSubstr(reason), Not(HasSubstr("\n")))) << key;
  }
  EXPECT_LT(peak_megabytes() - before, 64);
}

}  // namespace
}  // namespace fairfight
