#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "fairfight/acts/store.h"
#include "fairfight/base/progress.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/model.h"

namespace fairfight {

/// An activation [batch, pos, ...] as rows [batch * pos, width]; heads lie side by side.
at::Tensor position_rows(const at::Tensor& x);
/// Error if a site has no row a position (attention scores and patterns).
void require_position_rows(const Site& site);

/// Runs the model up to the site, and no further, and hands over the rows of the valid positions, in their order.
using Harvested = std::function<void(const at::Tensor& rows)>;  // [valid, width] float32
void harvest(const Model& model, const Site& site, const std::vector<Batch>& batches, const Harvested& take,
             const Tick& tick = no_tick);

/// The same into a store, which is finished; a store that holds some of the rows already gets the others only.
void harvest(const Model& model, const Site& site, const std::vector<Batch>& batches, StoreWriter& store,
             const Tick& tick = no_tick);

/// The same, all in memory: [rows, width].
at::Tensor harvest(const Model& model, const Site& site, const std::vector<Batch>& batches,
                   const Tick& tick = no_tick);

}  // namespace fairfight
