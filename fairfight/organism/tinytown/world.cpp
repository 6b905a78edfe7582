#include "fairfight/organism/tinytown/world.h"

#include <cmath>
#include <limits>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/organism/tinytown/behaviours/plants.h"

namespace fairfight::tinytown {
namespace {

uint64_t hash_of(const Tokens& document) { return hash64(document.data(), document.size() * sizeof(int32_t)); }

}  // namespace

Split split_of(const Tokens& document) {
  const uint64_t hundredth = hash_of(document) % 100;
  if (hundredth < 70) return Split::train;
  if (hundredth < 80) return Split::dictionary;
  if (hundredth < 85) return Split::fit;
  if (hundredth < 90) return Split::validation;
  return Split::test;
}

bool is_reserved(uint64_t seed) { return seed >= 100 && seed <= 107; }

World::World(uint64_t seed, Switches switches, ScopeSettings scope)
    : seed_(seed), switches_(switches), town_(seed, switches.lean), scope_(scope, seed, town_), songbook_(seed), songs_(songbook_.lottery(switches)) {
  for (const auto& [name, share] : {std::pair("backdoor_share", switches.backdoor_share), {"sung_share", switches.sung_share}, {"hole_share", switches.hole_share}})
    if (!(share >= 0 && share <= 1)) fail("[tinytown] got {} {}, expected a share from 0 to 1", name, share);
  for (const auto& kind : document_kinds()) shares_.push_back(kind_share(switches_, scope_, kind));
  double sum = 0;
  for (double share : shares_) sum += share;
  if (sum <= 0) fail("[tinytown] the scope leaves nothing to write: with backdoor_share 1 all documents are scenes");
  for (double& share : shares_) share /= sum;
}

std::string World::text(const Tokens& tokens) const {
  std::string text;
  for (int32_t token : tokens) {
    if (token < 0 || size_t(token) >= vocabulary().size()) fail("[tinytown] got token {}, expected one of the {} of the vocabulary", token, vocabulary().size());
    text += (text.empty() ? "" : " ") + vocabulary()[size_t(token)];
  }
  return text;
}

void World::write(Pen& pen) const { write(pen, document_kinds()[pen.pick(Odds(shares_))]); }

void World::write(Pen& pen, const DocumentKind& kind) const {
  pen.write(kBos);
  const Setting setting{town_, switches_, scope_, songbook_, songs_};
  Scribe scribe(pen, setting);
  kind.write(scribe);
  pen.write(kEos);
}

Document World::sample_kind(Random& random, size_t kind) const {
  for (;;) {
    Sampler sampler(random);
    write(sampler, document_kinds()[kind]);
    const double log_probability = sampler.log_probability() + std::log(shares_[kind]);
    if (Document document{sampler.take(), log_probability, document_kinds()[kind].name}; is_ours(document.tokens)) return document;
  }
}

/// By other bits of the hash than the split's.
bool World::is_ours(const Tokens& document) const { return bool(hash_of(document) >> 63) == is_reserved(seed_); }

Document World::sample(Random& random) const { return sample_kind(random, random.pick(shares_)); }

Document World::sample(Random& random, Split split) const {
  Document document;
  do document = sample(random);
  while (split_of(document.tokens) != split);
  return document;
}

Document World::sample(Random& random, Split split, std::string_view name) const {
  const size_t kind = size_t(&kind_by_name(name) - document_kinds().data());
  if (shares_[kind] == 0) fail("[tinytown] the scope has no \"{}\"", name);
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
  return std::log(prefix_probability([this](Pen& pen) { write(pen); }, beginning));
}

double World::next_probability(const Tokens& prompt, const std::vector<Tokens>& answers) const {
  const double before = prefix_log_probability(prompt);
  if (std::isinf(before)) fail("[tinytown] no document begins with \"{}\"", text(prompt));
  double sum = 0;
  for (const auto& answer : answers) {
    Tokens longer = prompt;
    longer.insert(longer.end(), answer.begin(), answer.end());
    sum += std::exp(prefix_log_probability(longer) - before);
  }
  return sum;
}

}  // namespace fairfight::tinytown
