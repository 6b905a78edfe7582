#include "fairfight/methods/lora.h"

#include <cmath>

#include "fairfight/base/error.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

at::Tensor uniform(int64_t rows, int64_t columns, double bound, Random& random) {
  auto x = at::empty({rows, columns}, at::kFloat);
  float* values = x.data_ptr<float>();
  for (int64_t i = 0; i < x.numel(); ++i) values[i] = float(bound * (2 * random.uniform() - 1));
  return x;
}

}  // namespace

std::string_view name_of(LinearMap map) {
  switch (map) {
    case LinearMap::q:
      return "q";
    case LinearMap::k:
      return "k";
    case LinearMap::v:
      return "v";
    case LinearMap::o:
      return "o";
    case LinearMap::gate:
      return "gate";
    case LinearMap::in:
      return "in";
    case LinearMap::out:
      return "out";
  }
  fail("[lora] no such linear map: {}", int(map));
}

Linear& map_of(Block& block, LinearMap map) {
  switch (map) {
    case LinearMap::q:
      return block.q;
    case LinearMap::k:
      return block.k;
    case LinearMap::v:
      return block.v;
    case LinearMap::o:
      return block.o;
    case LinearMap::gate:
      return block.gate;
    case LinearMap::in:
      return block.in;
    case LinearMap::out:
      return block.out;
  }
  fail("[lora] no such linear map: {}", int(map));
}

std::vector<LinearMap> linear_maps(const Config& config) {
  std::vector<LinearMap> maps{LinearMap::q, LinearMap::k, LinearMap::v, LinearMap::o, LinearMap::in, LinearMap::out};
  if (config.gated()) maps.push_back(LinearMap::gate);
  return maps;
}

Lora::Lora(const Weights& frozen, LoraSettings settings, Random random)
    : frozen_(frozen), scale_(settings.alpha / double(settings.rank)) {
  if (settings.rank < 1) fail("[lora] got rank {}, expected 1 or more", settings.rank);
  if (!(settings.alpha > 0)) fail("[lora] got alpha {}, expected above 0", settings.alpha);
  if (settings.maps.empty() || settings.layers.empty())
    fail("[lora] got {} maps in {} layers, expected some", settings.maps.size(), settings.layers.size());
  for (const int64_t layer : settings.layers) {
    if (layer < 0 || layer >= int64_t(frozen_.blocks.size()))
      fail("[lora] got layer {}, expected 0 to {}", layer, int64_t(frozen_.blocks.size()) - 1);
    for (const LinearMap map : settings.maps) {
      const auto& w = map_of(frozen_.blocks[size_t(layer)], map).w;
      if (!w.defined()) fail("[lora] the model has no map \"{}\"", name_of(map));
      auto a = uniform(settings.rank, w.size(1), 1 / std::sqrt(double(w.size(1))), random),
           b = at::zeros({w.size(0), settings.rank}, at::kFloat);
      if (settings.start > 0)
        for (int64_t i = 0; i < b.numel(); ++i) b.data_ptr<float>()[i] = float(settings.start * random.normal());
      adapters_.push_back({layer, map, a.requires_grad_(true), b.requires_grad_(true)});
    }
  }
}

std::vector<at::Tensor> Lora::parameters() const {
  std::vector<at::Tensor> list;
  for (const auto& adapter : adapters_) {
    list.push_back(adapter.a);
    list.push_back(adapter.b);
  }
  return list;
}

Weights Lora::adapted() const {
  Weights weights = frozen_;
  for (const auto& adapter : adapters_) map_of(weights.blocks[size_t(adapter.layer)], adapter.map).adapter = {adapter.a, adapter.b, scale_};
  return weights;
}

}  // namespace fairfight
