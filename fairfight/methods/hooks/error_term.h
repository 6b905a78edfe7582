#pragma once
#include <memory>

#include "fairfight/dict/dictionary.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// A hook that looks at what a dictionary leaves over at one site; `edited` says what becomes of x. The first token stays.
class ErrorTermHook : public Hook {
 public:
  ErrorTermHook(std::shared_ptr<const Dictionary> dictionary, const Site& site) : dictionary_(std::move(dictionary)), site_(site) {}

  Afterwards attach(const Config& config, Taps& taps) const final;
  Gradient gradient() const final { return Gradient::straight_through; }
  std::map<std::string, at::Tensor> tensors() const override;  // the dictionary's, "dictionary." before their names
  Json settings() const override;                              // site and the dictionary's kind

 protected:
  /// What is added to x. x and reconstruction [rows, d_model].
  virtual at::Tensor change(const at::Tensor& x, const at::Tensor& reconstruction) const = 0;

  const Dictionary& dictionary() const { return *dictionary_; }
  const Site& site() const { return site_; }

 private:
  std::shared_ptr<const Dictionary> dictionary_;
  Site site_;
};

/// Of the tensors whose names begin with `prefix`; error as Dictionary's rebuild has them.
std::shared_ptr<const Dictionary> rebuild_dictionary(const std::map<std::string, at::Tensor>& tensors, const std::string& prefix, const std::string& kind);

}  // namespace fairfight
