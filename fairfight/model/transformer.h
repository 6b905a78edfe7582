#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <vector>

#include "fairfight/model/config.h"
#include "fairfight/model/meter.h"
#include "fairfight/model/model.h"
#include "fairfight/model/read_out.h"
#include "fairfight/model/weights.h"

namespace fairfight {

/// A decoder-only transformer of any of the shapes in Config.
class Transformer final : public Model {
 public:
  Transformer(Config config, Weights weights);

  /// [batch, pos] int64, kPadding after a text's end -> [batch, pos, vocab] float32, or [batch, selected, vocab] where taps ask for some
  /// positions (Taps::only_at). A text's numbers are those that it has alone. Without gradients, what overflows is an error: NotFinite.
  at::Tensor logits(const at::Tensor& tokens, const Taps& taps = {}) const { return read_out(tokens, taps).logits(); }

  /// What those logits are made of, for whoever asks for few numbers a position: no tensor has positions times vocabulary.
  ReadOut read_out(const at::Tensor& tokens, const Taps& taps = {}) const;

  std::vector<Site> sites() const override;
  int64_t width(const Site& site) const override;
  at::Tensor forward(const at::Tensor& tokens, const Taps& taps) const override { return logits(tokens, taps); }
  void observe(const at::Tensor& tokens, const Taps& taps) const override;
  double flops_to(const Site& site, int64_t positions) const override;
  std::unique_ptr<Model> with_random_weights(const Random& random) const override;

  /// The rest of a pass over these tokens: from the state at the end of a block, [batch, pos, d_model], to what logits are made of.
  ReadOut resume(const Site& end_of_block, const at::Tensor& tokens, const at::Tensor& state, const Taps& taps = {}) const;

  /// Passes over these tokens, if they touch nothing before `site` (the end of a block), begin there from now on: what
  /// stands before is computed once. The numbers are the same. Not while another thread runs a pass.
  void remember(const Site& site, const std::vector<at::Tensor>& tokens);

  const Config& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  void set_precision(Precision products) { precision_ = products; }  // weights in bfloat16 are multiplied in it anyway

 private:
  struct Known {
    at::Tensor state;
    Site site;
    Work price;  // paid by every pass that begins there
  };

  Config config_;
  Weights weights_;
  std::map<std::string, Known> known_;  // by the tokens' key_of
  Precision precision_ = Precision::float32;
};

}  // namespace fairfight
