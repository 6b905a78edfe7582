#include "fairfight/model/model.h"

#include "fairfight/model/torch.h"

namespace fairfight {

at::Tensor Model::at(const Site& site, const at::Tensor& input) const {
  at::Tensor x;
  observe(input, Taps().read(site, &x));
  return x;
}

}  // namespace fairfight
