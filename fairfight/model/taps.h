#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <vector>

#include "fairfight/model/chunk.h"
#include "fairfight/model/site.h"

namespace fairfight {

using Edit = std::function<at::Tensor(const at::Tensor&)>;
/// Of an edit that looks at where the positions stand, at their tokens or at what it carries from chunk to chunk.
using ChunkEdit = std::function<at::Tensor(const at::Tensor&, const Chunk&)>;

/// What a forward pass shall read or edit. At one site the edits come first, in the order given, then the reads, so a read
/// sees what the model goes on with. Gradients flow through both. A site without a tap costs nothing.
class Taps {
 public:
  Taps& read(const Site& site, at::Tensor* out);
  Taps& edit(const Site& site, Edit change);
  Taps& edit(const Site& site, ChunkEdit change);
  Taps& append(const Taps& later);  // at every site after what is here
  /// Logits are wanted at some positions of each text alone, [batch, selected] int64 or, of one each, [batch]: the pass returns
  /// [batch, selected, vocab], and leaves out what the others would cost from the last block's attention on, if nothing there is tapped.
  Taps& only_at(const at::Tensor& positions);
  const at::Tensor& positions() const { return positions_; }  // [batch, selected]; undefined: all

  bool empty() const { return entries_.empty(); }
  bool has(const Site& site) const { return entries_.contains(site); }
  size_t reads() const;
  std::vector<Site> sites() const;
  /// A pass has come to a site with `x`: -> what it goes on with, after the edits. Error: an edit that returns another shape.
  at::Tensor edited(const Site& site, at::Tensor x, const Chunk& chunk) const;
  /// The same, and hands it to who reads there. For a model whose pass does no more at a site.
  at::Tensor meet(const Site& site, at::Tensor x, const Chunk& chunk) const;
  bool begin_at_or_behind(const Site& end_of_block) const;  // nothing is tapped before it
  bool end_before(int64_t layer) const;                     // nothing is tapped in this block or after it

 private:
  friend class Pass;
  struct Entry {
    std::vector<ChunkEdit> edits;
    std::vector<at::Tensor*> reads;
  };
  std::map<Site, Entry> entries_;
  at::Tensor positions_;
};

}  // namespace fairfight
