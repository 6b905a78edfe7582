#pragma once
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "fairfight/acts/rows.h"
#include "fairfight/base/json.h"
#include "fairfight/io/safetensors.h"

namespace fairfight {

/// Activation rows on disk, for sets larger than memory: a folder of shards (safetensors with one tensor, "rows") and a
/// manifest.json that names each with its SHA-256. The manifest is written after the shards it names, so a folder is whole
/// or resumable at any moment.
struct StoreSettings {
  int64_t d_model;
  bool bfloat16 = false;   // half the disk; 8 bits of mantissa
  int64_t shard_rows = 0;  // 0: as many as make 256 MiB
  Json about = {};         // what the rows are: model, site, corpus. A resumed store must say the same
  /// Rows with a larger norm are attention sinks (acts/sinks.h), and not kept. A resumed store goes on with the limit that it was begun with.
  double most_norm = std::numeric_limits<double>::infinity();
};

class StoreWriter {
 public:
  /// Starts a store, or goes on after the last complete shard of the one that lies there. Error: it holds something else.
  StoreWriter(const std::filesystem::path& folder, const StoreSettings& settings);

  int64_t rows_seen() const { return on_disk_; }  // those on disk, and the sinks among them: a resumed harvest leaves out as many
  void append(const at::Tensor& rows);  // [n, d_model] float32; writes each shard that gets full. Error: not finite
  void finish();                        // writes the rest and marks the store as complete

 private:
  void write_shard();
  void write_manifest(bool complete) const;

  std::filesystem::path folder_;
  StoreSettings settings_;
  Json shards_ = Json::array();
  std::vector<at::Tensor> waiting_;  // less than a shard
  int64_t rows_waiting_ = 0;
  int64_t seen_ = 0, on_disk_ = 0;   // rows that were appended, sinks included; those after whose last one a shard ends
  bool complete_ = false;
};

/// A complete store as shuffled rows. Memory is that of one batch.
class ActivationStore final : public Rows {
 public:
  ActivationStore(const std::filesystem::path& folder, uint64_t seed);

  int64_t count() const override { return starts_.back(); }
  int64_t d_model() const override { return d_model_; }
  at::Tensor batch(int64_t step, int64_t rows) const override;
  const Json& about() const { return about_; }
  int64_t seen() const { return seen_; }  // rows, and the sinks that are not among them
  double most_norm() const { return most_norm_; }

  /// Reads everything; error, naming the shard, if one is not what was written.
  void verify() const;

 private:
  void read_row(int64_t row, char* into) const;

  int64_t d_model_;
  bool bfloat16_;
  uint64_t seed_;
  int64_t seen_;
  double most_norm_;
  Json about_;
  std::vector<SafetensorsFile> shards_;
  std::vector<std::string> hashes_;  // of the shards
  std::vector<int64_t> starts_{0};   // first row of each shard, and the count
};

}  // namespace fairfight
