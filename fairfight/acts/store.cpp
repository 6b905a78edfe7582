#include "fairfight/acts/store.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "fairfight/acts/sinks.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/stop.h"
#include "fairfight/io/shown.h"
#include "fairfight/model/tensor_file.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kVersion = 2;
constexpr int64_t kShardBytes = 256 << 20;
constexpr double kNoLimit = std::numeric_limits<double>::infinity();
constexpr const char* kManifest = "manifest.json";
constexpr const char* kTensor = "rows";

int64_t row_bytes(int64_t d_model, bool bfloat16) { return d_model * (bfloat16 ? 2 : 4); }

std::string shard_name(size_t i) { return fmt::format("shard-{:05}.safetensors", i); }

struct Manifest {
  struct Shard {
    int64_t rows;
    std::string sha256;
  };
  StoreSettings settings;
  std::vector<Shard> shards;
  int64_t seen;
  bool complete;
};

Manifest read_manifest(const std::filesystem::path& folder) {
  const auto path = folder / kManifest;
  const Json json = read_json(path);
  Fields fields(json, path.string());
  fields.integer("version", kVersion, kVersion);
  Manifest manifest{{fields.integer("d_model", 1, 1 << 24), fields.one_of("dtype", {"F32", "BF16"}) == "BF16",
                     fields.integer("shard_rows", 1, int64_t(1) << 40), fields.any("about"),
                     fields.any("most_norm").is_null() ? kNoLimit : fields.number("most_norm", 0)},
                    {},
                    fields.integer("seen", 0, int64_t(1) << 40),
                    fields.flag("complete")};
  const Json& list = fields.any("shards");
  fields.finish();
  if (!list.is_array()) fail("[{}] \"shards\": expected a list", path.string());
  for (size_t i = 0; i < list.size(); ++i) {
    Fields shard(list[i], fmt::format("{}: shard {}", path.string(), i));
    manifest.shards.push_back({shard.integer("rows", 1, manifest.settings.shard_rows), shard.text("sha256")});
    shard.finish();
  }
  return manifest;
}

}  // namespace

StoreWriter::StoreWriter(const std::filesystem::path& folder, const StoreSettings& settings)
    : folder_(folder), settings_(settings) {
  if (settings_.d_model < 1) fail("[store] got d_model {}, expected at least 1", settings_.d_model);
  if (settings_.shard_rows == 0)
    settings_.shard_rows = std::max<int64_t>(1, kShardBytes / row_bytes(settings_.d_model, settings_.bfloat16));
  make_writable_folder(folder_);
  if (!std::filesystem::exists(folder_ / kManifest)) return;
  const Manifest found = read_manifest(folder_);
  if (found.settings.d_model != settings_.d_model || found.settings.bfloat16 != settings_.bfloat16 ||
      found.settings.shard_rows != settings_.shard_rows || found.settings.about != settings_.about)
    fail("[store] {} holds other activations ({}); choose another folder", folder_.string(),
         shown(found.settings.about.dump()));
  for (const auto& shard : found.shards) shards_.push_back({{"rows", shard.rows}, {"sha256", shard.sha256}});
  settings_.most_norm = found.settings.most_norm;
  seen_ = on_disk_ = found.seen;
  complete_ = found.complete;
}

void StoreWriter::append(const at::Tensor& rows) {
  if (complete_) fail("[store] {} is complete; remove it to harvest anew", folder_.string());
  if (rows.dim() != 2 || rows.size(1) != settings_.d_model || rows.scalar_type() != at::kFloat)
    fail("[store] got rows of {} columns, expected [n, {}] of float32", rows.size(-1), settings_.d_model);
  if (!at::isfinite(rows).all().item<bool>()) fail("[store] a row after row {} is not finite", seen_);
  const auto places = no_sinks(rows, settings_.most_norm).nonzero().squeeze(1);
  const auto kept = places.size(0) == rows.size(0) ? rows : rows.index_select(0, places);
  for (int64_t from = 0; from < kept.size(0);) {
    const int64_t n = std::min(kept.size(0) - from, settings_.shard_rows - rows_waiting_);
    waiting_.push_back(kept.narrow(0, from, n).detach());
    rows_waiting_ += n;
    from += n;
    if (rows_waiting_ < settings_.shard_rows) continue;
    on_disk_ = seen_ + places[from - 1].item<int64_t>() + 1;
    write_shard();
    write_manifest(false);
  }
  seen_ += rows.size(0);
}

void StoreWriter::finish() {
  if (complete_) return;
  if (rows_waiting_ > 0) write_shard();
  on_disk_ = seen_;
  if (shards_.empty()) fail("[store] {}: no rows were appended", folder_.string());
  write_manifest(true);
  complete_ = true;
}

void StoreWriter::write_shard() {
  const auto rows = at::cat(waiting_);
  const auto path = folder_ / shard_name(shards_.size());
  write_tensors(path, {{{kTensor, settings_.bfloat16 ? rows.to(at::kBFloat16) : rows}}, {}});
  shards_.push_back({{"rows", rows.size(0)}, {"sha256", sha256_file(path)}});
  waiting_.clear();
  rows_waiting_ = 0;
}

void StoreWriter::write_manifest(bool complete) const {
  write_atomic(folder_ / kManifest, dump_json({{"version", kVersion},
                                               {"d_model", settings_.d_model},
                                               {"dtype", settings_.bfloat16 ? "BF16" : "F32"},
                                               {"shard_rows", settings_.shard_rows},
                                               {"about", settings_.about},
                                               {"most_norm", std::isinf(settings_.most_norm) ? Json() : Json(settings_.most_norm)},
                                               {"seen", on_disk_},
                                               {"complete", complete},
                                               {"shards", shards_}}));
}

ActivationStore::ActivationStore(const std::filesystem::path& folder, uint64_t seed) : seed_(seed) {
  Manifest manifest = read_manifest(folder);
  if (!manifest.complete || manifest.shards.empty()) fail("[store] {} is not complete; resume its harvest", folder.string());
  d_model_ = manifest.settings.d_model;
  bfloat16_ = manifest.settings.bfloat16;
  seen_ = manifest.seen;
  most_norm_ = manifest.settings.most_norm;
  about_ = std::move(manifest.settings.about);
  for (size_t i = 0; i < manifest.shards.size(); ++i) {
    const auto& shard = shards_.emplace_back(folder / shard_name(i));
    const auto& rows = shard.find(kTensor);
    const std::vector<uint64_t> expected{uint64_t(manifest.shards[i].rows), uint64_t(d_model_)};
    if (rows.shape != expected || rows.dtype != (bfloat16_ ? Dtype::bf16 : Dtype::f32))
      fail("[store] {}: its shape or dtype is not that of the manifest", shard.path().string());
    hashes_.push_back(manifest.shards[i].sha256);
    starts_.push_back(starts_.back() + manifest.shards[i].rows);
  }
}

void ActivationStore::read_row(int64_t row, char* into) const {
  const auto shard = size_t(std::upper_bound(starts_.begin(), starts_.end(), row) - starts_.begin()) - 1;
  const auto bytes = uint64_t(row_bytes(d_model_, bfloat16_));
  shards_[shard].read(shards_[shard].find(kTensor), uint64_t(row - starts_[shard]) * bytes, bytes, into);
}

at::Tensor ActivationStore::batch(int64_t step, int64_t rows) const {
  const auto places = shuffled_rows(count(), seed_, step, rows);
  std::vector<size_t> order(places.size());  // by place, so that the disk sees one sweep
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return places[a] < places[b]; });
  auto x = at::empty({rows, d_model_}, bfloat16_ ? at::kBFloat16 : at::kFloat);
  char* data = static_cast<char*>(x.data_ptr());
  at::parallel_for(0, rows, 256, [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i) {
      const size_t r = order[size_t(i)];
      read_row(places[r], data + int64_t(r) * row_bytes(d_model_, bfloat16_));
    }
  });
  return x.to(at::kFloat);
}

void ActivationStore::verify() const {
  for (size_t i = 0; i < shards_.size(); ++i) {
    check_stop();
    if (sha256_file(shards_[i].path()) != hashes_[i])
      fail("[store] {} is not what was written: its SHA-256 differs from the manifest's; harvest anew",
           shards_[i].path().string());
  }
}

}  // namespace fairfight
