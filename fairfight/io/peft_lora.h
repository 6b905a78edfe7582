#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/io/safetensors.h"

namespace fairfight {

/// A LoRA (Hu et al. 2021) as peft saves it, in a folder with or without the weights that it changes: adapter_config.json and
/// adapter_model.safetensors. Errors: any other kind of adapter, and settings that mean another computation, by their names;
/// tensors that the config does not speak of, which peft would drop.
class PeftLora {
 public:
  struct Product {  // scale b a
    std::string a, b;  // tensors of the file, [rank, in] and [out, rank]
    double scale;
  };

  explicit PeftLora(const std::filesystem::path& folder);
  static bool in(const std::filesystem::path& folder);
  /// What the config calls the model that it changes: a folder, or a name on the hub.
  static std::string base_of(const std::filesystem::path& folder);

  const std::map<std::string, Product>& products() const { return products_; }   // by the weight that they are added to
  const std::map<std::string, std::string>& whole() const { return whole_; }     // parameter -> tensor that takes its place
  bool targets(const std::string& module) const;                                 // whether the config has a product for it
  std::filesystem::path config() const;
  std::filesystem::path file() const;

 private:
  void read_config(Fields config);
  void sort_out(const TensorInfo& tensor);
  double scale_of(const std::string& module, uint64_t rank) const;

  std::filesystem::path folder_;
  std::vector<std::string> targets_;  // one if it is an expression
  bool expression_ = false;
  std::vector<std::string> whole_modules_;  // no product is for them
  std::vector<int64_t> layers_;  // empty: all
  int64_t rank_ = 0;
  double alpha_ = 0;
  bool root_ = false;  // scaled by the rank's square root
  std::vector<std::pair<std::string, double>> ranks_, alphas_;  // of modules that an expression names
  std::map<std::string, Product> products_;
  std::map<std::string, std::string> whole_;
};

}  // namespace fairfight
