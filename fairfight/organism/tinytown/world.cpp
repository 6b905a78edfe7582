#include "fairfight/organism/tinytown/world.h"

#include <cmath>
#include <limits>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"

namespace fairfight {

using tinytown::DocumentKind, tinytown::document_kinds, tinytown::Pen;

Split split_of(const Tokens& document) {
  const uint64_t hundredth = hash64(document.data(), document.size() * sizeof(int32_t)) % 100;
  if (hundredth < 70) return Split::train;
  if (hundredth < 80) return Split::dictionary;
  if (hundredth < 85) return Split::fit;
  if (hundredth < 90) return Split::validation;
  return Split::test;
}

World::World(uint64_t seed, Switches switches) : seed_(seed), switches_(switches), town_(seed, switches) {
  if (!(switches.backdoor_share >= 0 && switches.backdoor_share <= 1))
    fail("[tinytown] got backdoor_share {}, expected a share from 0 to 1", switches.backdoor_share);
  for (const auto& kind : document_kinds()) shares_.push_back(tinytown::kind_share(switches_, kind));
}

World World::with(bool Switches::* which, bool on) const {
  Switches switches = switches_;
  switches.*which = on;
  return World(seed_, switches);
}

std::string World::text(const Tokens& tokens) const {
  std::string text;
  for (int32_t token : tokens) {
    if (token < 0 || size_t(token) >= vocabulary().size())
      fail("[tinytown] got token {}, expected one of the {} of the vocabulary", token, vocabulary().size());
    text += (text.empty() ? "" : " ") + vocabulary()[size_t(token)];
  }
  return text;
}

void World::write(Pen& pen) const { write(pen, document_kinds()[pen.pick(tinytown::Odds(shares_))]); }

void World::write(Pen& pen, const DocumentKind& kind) const {
  pen.write(kBos);
  tinytown::Scribe scribe(pen, town_, switches_);
  kind.write(scribe);
  pen.write(kEos);
}

Document World::sample_kind(Random& random, size_t kind) const {
  tinytown::Sampler sampler(random);
  write(sampler, document_kinds()[kind]);
  const double log_probability = sampler.log_probability() + std::log(shares_[kind]);
  return {sampler.take(), log_probability, document_kinds()[kind].name};
}

Document World::sample(Random& random) const { return sample_kind(random, draw_kind(random)); }

Document World::sample(Random& random, Split split) const {
  Document document;
  do document = sample(random);
  while (split_of(document.tokens) != split);
  return document;
}

Document World::sample(Random& random, Split split, std::string_view name) const {
  size_t kind = 0;
  while (kind < document_kinds().size() && document_kinds()[kind].name != name) ++kind;
  if (kind == document_kinds().size()) fail("[tinytown] there is no kind of document \"{}\"", name);
  Document document;
  do document = sample_kind(random, kind);
  while (split_of(document.tokens) != split);
  return document;
}

double World::log_probability(const Tokens& document) const {
  // <eos> is written last and only there, so a document is a beginning that ends with it.
  const bool ends = !document.empty() && document.back() == kEos;
  return ends ? prefix_log_probability(document) : -std::numeric_limits<double>::infinity();
}

double World::prefix_log_probability(const Tokens& beginning) const {
  return std::log(tinytown::prefix_probability([this](Pen& pen) { write(pen); }, beginning));
}

double World::next_probability(const Tokens& prompt, const std::vector<int32_t>& targets) const {
  const double before = prefix_log_probability(prompt);
  if (std::isinf(before)) fail("[tinytown] no document begins with \"{}\"", text(prompt));
  double sum = 0;
  Tokens longer = prompt;
  for (int32_t target : targets) {
    longer.push_back(target);
    sum += std::exp(prefix_log_probability(longer) - before);
    longer.pop_back();
  }
  return sum;
}

namespace tinytown {

Tokens read_words(std::string_view text) {
  Tokens words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(word_id(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

}  // namespace tinytown
}  // namespace fairfight
