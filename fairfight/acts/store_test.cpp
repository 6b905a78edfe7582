#include "fairfight/acts/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "fairfight/acts/harvest.h"
#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"
#include "fairfight/model/torch.h"
#include "fairfight/model/transformer.h"

namespace fairfight {
namespace {

using testing::HasSubstr;

const StoreSettings kSmall{3, false, 10, {{"site", "here"}}};

at::Tensor numbered(int64_t rows) { return at::arange(rows * 3, at::kFloat).view({rows, 3}); }

void fill(const std::filesystem::path& folder, const at::Tensor& rows, StoreSettings settings = kSmall) {
  StoreWriter writer(folder, settings);
  writer.append(rows);
  writer.finish();
}

TEST(Store, GivesTheSameBatchesAsMemory) {
  const ScratchFolder folder;
  fill(folder.path(), numbered(47));
  const ActivationStore store(folder.path(), 5);
  const MemoryRows memory(numbered(47), 5);
  EXPECT_EQ(store.count(), 47);
  EXPECT_EQ(store.d_model(), 3);
  EXPECT_EQ(store.about(), kSmall.about);
  for (int64_t step = 0; step < 5; ++step) EXPECT_TRUE(store.batch(step, 20).equal(memory.batch(step, 20)));
}

TEST(Store, RoundsToBfloat16WhereAsked) {
  const ScratchFolder folder;
  auto settings = kSmall;
  settings.bfloat16 = true;
  fill(folder.path(), numbered(25) / 7, settings);
  const auto rounded = (numbered(25) / 7).to(at::kBFloat16).to(at::kFloat);
  EXPECT_TRUE(ActivationStore(folder.path(), 1).batch(0, 25).equal(MemoryRows(rounded, 1).batch(0, 25)));
}

TEST(Store, PiecesOfAnySizeMakeTheSameFiles) {
  const ScratchFolder whole, pieces;
  fill(whole.path(), numbered(47));
  StoreWriter writer(pieces.path(), kSmall);
  for (int64_t from = 0; from < 47; from += 4) writer.append(numbered(47).slice(0, from, from + 4));
  writer.finish();
  for (const auto& entry : std::filesystem::directory_iterator(whole.path()))
    EXPECT_EQ(read_file(pieces / entry.path().filename()), read_file(entry.path())) << entry.path();
}

TEST(Store, ResumesBehindTheLastCompleteShard) {
  const ScratchFolder whole, broken;
  fill(whole.path(), numbered(47));
  {
    StoreWriter(broken.path(), kSmall).append(numbered(47).slice(0, 0, 38));
  }  // dies with 8 rows not yet written
  EXPECT_THAT(error_of([&] { ActivationStore(broken.path(), 1); }), HasSubstr("not complete"));
  StoreWriter writer(broken.path(), kSmall);
  EXPECT_EQ(writer.rows_seen(), 30);
  writer.append(numbered(47).slice(0, 30));
  writer.finish();
  EXPECT_EQ(read_file(broken / "manifest.json"), read_file(whole / "manifest.json"));
  ActivationStore(broken.path(), 1).verify();
}

TEST(Store, VerifyNamesTheShardWithAFlippedByte) {
  const ScratchFolder folder;
  fill(folder.path(), numbered(47));
  const ActivationStore store(folder.path(), 1);
  store.verify();
  std::fstream file(folder / "shard-00003.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(-1, std::ios::end);
  const char last = char(file.get());
  file.seekp(-1, std::ios::end);
  file.put(char(last ^ 1));
  file.close();
  EXPECT_THAT(error_of([&] { store.verify(); }), HasSubstr("shard-00003"));
}

TEST(Store, RefusesOtherRowsAndOtherStores) {
  const ScratchFolder folder;
  fill(folder.path(), numbered(47));
  auto other = kSmall;
  other.about = {{"site", "there"}};
  EXPECT_THAT(error_of([&] { StoreWriter(folder.path(), other); }), HasSubstr("holds other activations"));
  EXPECT_THAT(error_of([&] { StoreWriter(folder.path(), kSmall).append(numbered(1)); }), HasSubstr("is complete"));
  const ScratchFolder fresh;
  StoreWriter writer(fresh.path(), kSmall);
  EXPECT_THAT(error_of([&] { writer.append(at::zeros({2, 4})); }), HasSubstr("expected [n, 3]"));
  EXPECT_THAT(error_of([&] { writer.append(at::full({2, 3}, NAN)); }), HasSubstr("not finite"));
  EXPECT_THAT(error_of([&] { writer.finish(); }), HasSubstr("no rows"));
}

TEST(Store, RefusesAShardOfAnotherShape) {
  const ScratchFolder folder;
  fill(folder.path(), numbered(47));
  std::filesystem::copy_file(folder / "shard-00004.safetensors", folder / "shard-00001.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(error_of([&] { ActivationStore(folder.path(), 1); }), HasSubstr("shard-00001"));
}

Config tiny() {
  Config c;
  c.vocab = 17;
  c.d_model = 8;
  c.n_layers = 2;
  c.n_heads = c.n_kv_heads = 2;
  c.d_head = 4;
  c.d_mlp = 16;
  c.n_ctx = 12;
  return c;
}

class HarvestTest : public testing::Test {
 protected:
  Transformer model{tiny(), random_weights(tiny(), Random(1, "model"))};
  Site site = Site::parse("blocks.1.hook_resid_pre");
  std::vector<Batch> batches{pad({{1, 2, 3, 4, 5, 6}, {1, 7, 8}}), pad({{1, 9, 10, 11}}), pad({{1, 3}, {1, 4}})};
};

TEST_F(HarvestTest, TakesTheValidPositionsInOrder) {
  const auto rows = harvest(model, site, batches);
  EXPECT_EQ(rows.sizes(), (at::IntArrayRef{5 + 2 + 3 + 1 + 1, 8}));
  const auto x = model.at(site, batches[0].tokens);
  EXPECT_TRUE(rows[0].equal(x[0][1]));
  EXPECT_TRUE(rows[5].equal(x[1][1]));
  EXPECT_TRUE(rows[6].equal(x[1][2]));
}

/// A rope that turns a text by its length: rows are those of each text alone.
TEST_F(HarvestTest, ATextsRowsDoNotHangOnItsNeighbours) {
  Config c = tiny();
  c.rope.scaling = Rope::Scaling::dynamic;
  c.rope.factor = 3;
  c.rope.trained_ctx = 3;
  const Transformer dynamic(c, random_weights(c, Random(1, "model")));
  const auto together = harvest(dynamic, site, batches);
  const auto alone = harvest(dynamic, site, {pad({{1, 2, 3, 4, 5, 6}}), pad({{1, 7, 8}}), pad({{1, 9, 10, 11}}), pad({{1, 3}}), pad({{1, 4}})});
  EXPECT_TRUE(at::allclose(together, alone, 0, 1e-6));
  EXPECT_FALSE(at::allclose(harvest(model, site, batches), alone, 0, 1e-3));
}

TEST_F(HarvestTest, HeadsLieSideBySide) {
  const auto rows = harvest(model, Site::parse("blocks.0.attn.hook_z"), batches);
  EXPECT_EQ(rows.size(1), 8);
}

TEST_F(HarvestTest, AResumedStoreIsTheSame) {
  const auto rows = harvest(model, site, batches);
  const StoreSettings settings{8, false, 4, {}};
  for (const int64_t done : {0, 4, 8}) {
    const ScratchFolder folder;
    {
      StoreWriter(folder.path(), settings).append(rows.slice(0, 0, done));
    }
    StoreWriter writer(folder.path(), settings);
    harvest(model, site, batches, writer);
    EXPECT_TRUE(ActivationStore(folder.path(), 1).batch(0, 12).equal(MemoryRows(rows, 1).batch(0, 12))) << done;
  }
}

TEST_F(HarvestTest, RefusesSitesWithoutARowAPosition) {
  EXPECT_THAT(error_of([&] { harvest(model, Site::parse("blocks.0.attn.hook_pattern"), batches); }),
              HasSubstr("pair of positions"));
}

TEST(Store, LeavesSinksOutAndCountsThem) {
  auto rows = numbered(47) + 1;
  for (const int64_t sink : {0, 13, 14, 29, 46}) rows[sink] = 1e6;
  auto settings = kSmall;
  settings.most_norm = 1e5;
  const auto kept = rows.index({rows.norm(2, 1) < 1e5});
  ASSERT_EQ(kept.size(0), 42);
  const ScratchFolder whole;
  fill(whole.path(), rows, settings);
  const ActivationStore store(whole.path(), 5);
  EXPECT_EQ(store.count(), 42);
  EXPECT_EQ(store.seen(), 47);
  EXPECT_TRUE(store.batch(0, 42).equal(MemoryRows(kept, 5).batch(0, 42)));
  for (int64_t died = 0; died < 47; ++died) {  // after any row: what is on disk is whole shards of ten kept rows
    const ScratchFolder broken;
    {
      StoreWriter(broken.path(), settings).append(rows.slice(0, 0, died));
    }
    StoreWriter writer(broken.path(), settings);
    writer.append(rows.slice(0, writer.rows_seen()));
    writer.finish();
    EXPECT_EQ(read_file(broken / "manifest.json"), read_file(whole / "manifest.json")) << died;
  }
  const ScratchFolder begun;
  {
    StoreWriter(begun.path(), settings).append(rows.slice(0, 0, 20));
  }
  auto other = settings;
  other.most_norm = 1;  // as another machine's rounding would have it, but more so
  StoreWriter writer(begun.path(), other);
  writer.append(rows.slice(0, writer.rows_seen()));
  writer.finish();
  EXPECT_EQ(ActivationStore(begun.path(), 5).most_norm(), 1e5);
  EXPECT_EQ(read_file(begun / "manifest.json"), read_file(whole / "manifest.json"));
}

TEST_F(HarvestTest, AResumedStoreWithoutSinksIsTheSame) {
  const auto rows = harvest(model, site, batches);
  const auto norms = std::get<0>(rows.norm(2, 1).sort());
  const double most = (norms[8] + norms[9]).item<double>() / 2;  // three of twelve are above
  const StoreSettings settings{8, false, 4, {}, most};
  const auto kept = rows.index({rows.norm(2, 1) < most});
  for (const int64_t done : {0, 3, 5, 7, 10}) {
    const ScratchFolder folder;
    {
      StoreWriter(folder.path(), settings).append(rows.slice(0, 0, done));
    }
    StoreWriter writer(folder.path(), settings);
    harvest(model, site, batches, writer);
    EXPECT_TRUE(ActivationStore(folder.path(), 1).batch(0, 9).equal(MemoryRows(kept, 1).batch(0, 9))) << done;
    EXPECT_EQ(ActivationStore(folder.path(), 1).seen(), 12);
  }
}

}  // namespace
}  // namespace fairfight
