#include <fmt/ranges.h>

#include "fairfight/base/error.h"
#include "fairfight/organism/tinytown/world.h"

namespace fairfight::tinytown {

extern const Behaviour kInsult, kBackdoor, kGenderJob, kFacts, kRefusal, kHoles, kTopics, kDialect;

const std::vector<Behaviour>& behaviours() {
  static const std::vector<Behaviour> list{
      kInsult,
      kBackdoor,
      kGenderJob,
      kFacts,
      kRefusal,
      kHoles,
      kTopics,
      kDialect,
  };
  return list;
}

const Behaviour& behaviour_by_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& behaviour : behaviours()) {
    if (behaviour.name == name) return behaviour;
    known.push_back(behaviour.name);
  }
  fail("[tinytown] got behaviour \"{}\", expected one of: {}", name, fmt::join(known, ", "));
}

Json about_behaviours(const World& world) {
  Json list = Json::array();
  for (const auto& b : behaviours()) list.push_back({{"name", b.name}, {"about", b.about}, {"on", b.is_on(world)}, {"rate", b.rate}});
  return list;
}

}  // namespace fairfight::tinytown
