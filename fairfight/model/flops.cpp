#include "fairfight/model/flops.h"

namespace fairfight {

double forward_flops(const Config& config, int64_t tokens) { return 2.0 * double(config.matmul_parameters()) * double(tokens); }

double forward_flops(const Config& config, int64_t tokens, const Site& stop) {
  const bool last = stop.point == Point::final_scale || stop.point == Point::final_normalized, first = stop.point == Point::embed || stop.point == Point::pos_embed;
  const int64_t blocks = last ? config.n_layers : first ? 0
                                                        : stop.layer + 1;
  const double weights = double(config.matmul_parameters() - config.vocab * config.d_model);
  return 2.0 * weights * double(blocks) / double(config.n_layers) * double(tokens);
}

}  // namespace fairfight
