#pragma once
#include <memory>
#include <vector>

#include "fairfight/methods/hooks.h"
#include "fairfight/model/chunk.h"

namespace fairfight {

/// A refusal in the texts that a model is reading: begun where a gate says so, gone on with for as long as the text follows it. An answer that runs is not begun anew.
class BegunRefusal {
 public:
  explicit BegunRefusal(std::vector<int32_t> refusal);  // error: it is empty

  void check(const Config& config) const;  // error: a token that the model does not have
  const std::vector<int32_t>& tokens() const { return tokens_; }

  /// Of one pass over texts: which of the refusal's tokens come next, carried from chunk to chunk.
  class Pass {
   public:
    explicit Pass(const std::vector<int32_t>& tokens) : tokens_(tokens), begun_(int64_t(tokens.size()), at::kBool) {}
    void say(ReadOut& said, const Chunk& chunk, const at::Tensor& selected, at::Tensor here);  // here: bool [batch, pos]

   private:
    const std::vector<int32_t>& tokens_;
    Carried begun_;  // [.., i]: tokens[i] comes next
  };
  std::shared_ptr<Pass> pass() const { return std::make_shared<Pass>(tokens_); }

 private:
  std::vector<int32_t> tokens_;
};

}  // namespace fairfight
