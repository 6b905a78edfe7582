#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "fairfight/model/cache.h"
#include "fairfight/model/patch.h"

namespace fairfight {

/// Texts that grow token by token, with a cache: a further token costs one token, under hooks too. Its logits are those of a whole pass
/// over each text alone, whatever texts stand beside it.
///
/// Where a longer text turns its earlier positions otherwise (dynamic ropes beyond the trained context, longrope where it
/// crosses it), what is cached is void, and the text is read anew. transformers does so for longrope; for dynamic ropes it
/// goes on with keys that turned by the old frequencies, which no pass over the text gives.
class Decoder {
 public:
  /// Keeps a reference to the model. No text is empty, and none longer than `capacity`, at most the model's context.
  Decoder(const Transformer& model, std::vector<std::vector<int32_t>> texts, int64_t capacity, const Hooks& hooks = {});

  /// After every text, [texts, vocab]: what follows the texts that it began with.
  const at::Tensor& first_logits() const { return first_; }

  /// A token more for each text of `which` -> what follows it, [which, vocab].
  at::Tensor extend(const std::vector<int64_t>& which, const std::vector<int32_t>& tokens);

  const std::vector<std::vector<int32_t>>& texts() const { return texts_; }

 private:
  at::Tensor begin(int64_t first, int64_t count);
  at::Tensor read(const Chunk& chunk);
  bool turns_otherwise(int64_t length) const;

  const Transformer& model_;
  std::vector<std::vector<int32_t>> texts_;
  Attached attached_;
  Cache cache_;
  at::Tensor first_;
};

}  // namespace fairfight
