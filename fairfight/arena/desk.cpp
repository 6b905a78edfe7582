#include "fairfight/arena/desk.h"

#include <fmt/format.h>

#include "fairfight/base/error.h"

namespace fairfight {

Desk::Desk(const Ground& ground, std::string contestant, Role role, Memo& model_memo, Memo& shared)
    : ground_(ground), contestant_(std::move(contestant)), role_(role), model_(ground.model, model_memo), shared_(shared) {}

void Desk::stand(std::vector<size_t> places) {
  places_ = std::move(places);
  at_.reset();
  if (!places_.empty()) at_ = places_[0];
}

void Desk::at_each_site(const std::function<void()>& work) {
  for (const size_t place : places_) {
    at_ = place;
    work();
  }
}

const View& Desk::view() const {
  if (!at_) fail("[desk] {} asked what there is at a site, and says that it reads at none of a card's (site_use)", contestant_);
  return ground_.views[*at_];
}

std::string Desk::basis() const { return ground_.views.size() == 1 || !at_ ? ground_.basis : ground_.basis + " " + site().name(); }

const at::Tensor& Desk::pool() {
  if (first_use(&view() == &ground_.views[0] ? "pool" : "pool " + site().name())) pay(view().pool_price);
  return view().pool;
}

const Batch& Desk::text() const {
  if (!ground_.text) fail("[desk] {} asked for the clean pool's documents; this fight has none", contestant_);
  return *ground_.text;
}

Batch Desk::first_texts() const {
  constexpr int64_t kDocuments = 256;
  return {text().tokens.slice(0, 0, kDocuments), text().valid.slice(0, 0, kDocuments)};
}

const std::shared_ptr<const Dictionary>& Desk::dictionary() const {
  if (!uses_dictionary(role_) || !view().dictionary)
    fail("[desk] the {} {} asked for the dictionary; only challengers and fusions have one", name_of(role_), contestant_);
  return view().dictionary;
}

Random Desk::random(std::string_view what) const { return Random(ground_.seed, fmt::format("contestant/{}/{}", contestant_, what)); }

}  // namespace fairfight
