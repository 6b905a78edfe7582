#include "fairfight/dict/settings.h"

#include <algorithm>
#include <cmath>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

constexpr int64_t kMost = int64_t(1) << 40;

void require_range(const char* name, int64_t value, int64_t low, int64_t high) {
  if (value < low || value > high) fail("[dictionary] {}: got {}, expected {} to {}", name, value, low, high);
}

}  // namespace

int64_t DictionarySettings::steps() const { return std::max<int64_t>(1, tokens / batch); }

double DictionarySettings::peak_lr() const { return lr > 0 ? lr : 2e-4 / std::sqrt(double(width) / 16384); }

double DictionarySettings::lr_at(int64_t step) const {
  const int64_t warm_up = std::min<int64_t>(1000, steps() / 20), decay = steps() - steps_before_decay();
  if (step < warm_up) return peak_lr() * double(step + 1) / double(warm_up);
  if (step >= steps() - decay) return peak_lr() * double(steps() - step) / double(decay + 1);
  return peak_lr();
}

int64_t DictionarySettings::dead_after() const {
  return dead_after_tokens > 0 ? dead_after_tokens : std::min<int64_t>(10'000'000, std::max<int64_t>(1, tokens / 10));
}

int64_t DictionarySettings::aux_places(int64_t d_model) const {
  if (aux_coefficient == 0) return 0;
  return std::min(width, aux_k > 0 ? aux_k : std::max<int64_t>(1, d_model / 2));
}

void require_sound(const DictionarySettings& s) {
  require_range("width", s.width, 1, INT32_MAX);
  require_range("k", s.k, 1, s.width);
  require_range("tokens", s.tokens, 1, kMost);
  require_range("batch", s.batch, 1, 1 << 20);
  require_range("aux_k", s.aux_k, 0, s.width);
  require_range("dead_after_tokens", s.dead_after_tokens, 0, kMost);
  if (!(s.lr >= 0 && s.lr < 1)) fail("[dictionary] lr: got {}, expected at least 0 and less than 1", s.lr);
  if (!(s.aux_coefficient >= 0 && s.aux_coefficient <= 100))
    fail("[dictionary] aux_coefficient: got {}, expected 0 to 100", s.aux_coefficient);
}

Json to_json(const DictionarySettings& s) {
  return {{"kind", s.kind},
          {"width", s.width},
          {"k", s.k},
          {"tokens", s.tokens},
          {"batch", s.batch},
          {"lr", s.lr},
          {"aux_k", s.aux_k},
          {"aux_coefficient", s.aux_coefficient},
          {"dead_after_tokens", s.dead_after_tokens},
          {"seed", s.seed}};
}

DictionarySettings read_dictionary_settings(Fields fields) {
  DictionarySettings s;
  s.kind = fields.text_or("kind", s.kind);
  s.width = fields.integer_or("width", s.width, 1, INT32_MAX);
  s.k = fields.integer_or("k", std::min(s.k, s.width), 1, s.width);
  s.tokens = fields.integer_or("tokens", s.tokens, 1, kMost);
  s.batch = fields.integer_or("batch", s.batch, 1, 1 << 20);
  s.lr = fields.number_or("lr", s.lr, 0, 1);
  s.aux_k = fields.integer_or("aux_k", s.aux_k, 0, s.width);
  s.aux_coefficient = fields.number_or("aux_coefficient", s.aux_coefficient, 0, 100);
  s.dead_after_tokens = fields.integer_or("dead_after_tokens", s.dead_after_tokens, 0, kMost);
  s.seed = uint64_t(fields.integer_or("seed", int64_t(s.seed), 0, INT64_MAX));
  fields.finish();
  require_sound(s);
  return s;
}

}  // namespace fairfight
