#pragma once
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "fairfight/base/hash.h"
#include "fairfight/model/muon.h"
#include "fairfight/model/optimizer.h"
#include "fairfight/organism/organism.h"

namespace fairfight::tinytown {

/// What an organism's training has come to: its weights, the optimisers, the text it has seen. Between two steps all of it can be written down and taken up again, bit for bit.
class Training {
 public:
  virtual ~Training() = default;
  virtual double step() = 0;  // -> the loss

  int64_t done() const { return int64_t(losses_.size()); }
  int64_t tokens() const { return tokens_; }
  const std::string& chain() const { return chain_; }  // of all text so far: each step's is hashed onto it
  const std::vector<double>& losses() const { return losses_; }

  void save(const std::filesystem::path& path, const Json& log) const;
  /// Error: a state of another training.
  void restore(const std::filesystem::path& path, Json& log);

 protected:
  /// Muon moves the matrices between the embeddings, AdamW all else.
  Training(const OrganismSettings& settings, const World& world, std::vector<at::Tensor> matrices, std::vector<at::Tensor> others);

  const OrganismSettings& settings() const { return settings_; }
  /// One text of the step that is on.
  void reads(const void* tokens, size_t bytes, int64_t count);
  /// One step along the parameters' gradients. Error: a loss that is not finite.
  double learned(double loss, double muon_rate, double adam_rate);

 private:
  std::string identity() const;  // what must be the same

  OrganismSettings settings_;
  std::string grammar_, start_;  // what it is of, and the weights that it began with
  std::vector<at::Tensor> parameters_;
  Muon muon_;
  AdamW adam_;
  std::optional<Sha256> hash_;  // of the step that is on
  std::string chain_;
  int64_t tokens_ = 0;
  std::vector<double> losses_;
};

/// Takes `run` to its last step, from where `state` left it if that is there, and keeps it there. `examine` is asked for a line of the log now and then. Stops between two
/// steps, with all that was done written down. -> the log
Json train(Training& run, int64_t steps, const std::filesystem::path& state, const std::function<Gap()>& examine, const Tick& tick);

/// The products of a training that was begun: it goes on with them.
std::optional<Precision> products_of(const std::filesystem::path& state);

}  // namespace fairfight::tinytown
