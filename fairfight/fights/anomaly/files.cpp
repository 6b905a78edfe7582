#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

#include "fairfight/acts/reader.h"
#include "fairfight/arena/scores.h"
#include "fairfight/base/error.h"
#include "fairfight/exam/sizes.h"
#include "fairfight/fights/anomaly/ground.h"
#include "fairfight/fights/anomaly/text_anomalies.h"
#include "fairfight/fights/own_text.h"
#include "fairfight/organism/organism.h"

namespace fairfight {
namespace {

constexpr size_t kFewest = 20;       // documents a group
constexpr size_t kFewestPool = 100;  // passages of the dictionary's text

/// How many passages each group of a fight gets; but for the pool, each is of a document of its own.
struct Sizes {
  size_t pool, validation, calibration, labelled, test;
  size_t families, validation_families, other, other_validation;  // rules and, of the other text, groups

  Sizes(const AnomalyData& data, const std::vector<size_t>& of)
      : pool(of[0]),
        validation(of[1]),
        calibration(of[2]),
        labelled(of[3]),
        test(of[4]),
        other(size_t(std::count(data.families.begin(), data.families.end(), kOtherText))),
        other_validation(size_t(std::count(data.validation_families.begin(), data.validation_families.end(), kOtherText))) {
    families = data.families.size() - other;
    validation_families = data.validation_families.size() - other_validation;
  }
  static std::vector<size_t> wanted(const AnomalyData& data) { return {data.pool, data.validation, data.calibration, data.labelled, data.test}; }
  static std::vector<size_t> least(const AnomalyData& data) {
    std::vector<size_t> sizes{kFewestPool, kFewest, kFewest, kFewest, kFewest};
    for (size_t i = 0; i < sizes.size(); ++i) sizes[i] = std::min(sizes[i], wanted(data)[i]);
    return sizes;
  }

  size_t in_validation() const { return validation * (1 + validation_families) + calibration; }
  size_t in_fit() const { return labelled * (1 + families); }
  size_t in_test() const { return test * (1 + families); }
  size_t documents() const { return Supply::needed(in_validation()) + Supply::needed(in_fit()) + Supply::needed(in_test()); }
  size_t of_other() const { return Supply::needed(labelled * other) + Supply::needed(test * other) + Supply::needed(validation * other_validation); }
};

bool fit(const Sizes& s, const OwnText& text, const OwnText* other) {
  return text.passages_behind(s.documents()) >= Supply::needed(s.pool) && (!other || other->passages_behind(s.of_other()));
}

/// As large as the card wants them or, all in proportion, as large as the text allows.
Sizes fitting(const AnomalyData& data, const OwnText& text, const OwnText* other) {
  const auto sizes = in_proportion(Sizes::wanted(data), Sizes::least(data), [&](const auto& s) { return fit(Sizes(data, s), text, other); });
  if (!sizes.empty()) return Sizes(data, sizes);
  const Sizes least(data, Sizes::least(data));
  const bool short_of_text = !fit(least, text, nullptr);
  const OwnText& small = short_of_text ? text : *other;
  fail("[anomaly] {}: got {} document{} ({} of them twice) of {} passages of {} tokens, expected {} documents at least{}; bring more text, one document a line, or fewer families", small.file(),
       small.count().documents, small.count().documents == 1 ? "" : "s", small.count().copies, small.count().passages, data.passage, short_of_text ? least.documents() : least.of_other(),
       short_of_text ? fmt::format(", and {} passages in others", Supply::needed(least.pool)) : "");
}

Groups draw_groups(Supply& supply, Supply* other, const std::vector<std::string>& families, size_t count) {
  Groups groups{{std::string(kClean), supply.draw(count, std::string(kClean))}};
  for (const auto& name : families) {
    if (name == kOtherText) {
      groups[name] = other->draw(count, name);
      continue;
    }
    const auto& known = text_anomalies();
    groups[name] = supply.draw(count, name, std::find_if(known.begin(), known.end(), [&](const auto& a) { return a.name == name; })->make);
  }
  return groups;
}

}  // namespace

AnomalyGround own_ground(const Card& card, const AnomalyData& data) {
  LoadedModel loaded = load_model(card.models[0], false, {card.weights});
  const auto read = std::make_shared<const Reader>(loaded, data.passage, card.bos);
  Passages cut(read->tokenizer(), read->room());
  std::set<uint64_t> seen;
  const Sizes wanted(data, Sizes::wanted(data));
  OwnText text(data.text, data.field, 2 * (wanted.documents() + Supply::needed(wanted.pool)), *read, cut, seen);
  std::optional<OwnText> other;
  if (!data.other_text.empty()) other.emplace(data.other_text, data.field, 2 * wanted.of_other(), *read, cut, seen);
  text.deal_with(card.test_stream);
  if (other) other->deal_with(card.test_stream);
  const Sizes sizes = fitting(data, text, other ? &*other : nullptr);

  Json datasheet = Json::object();
  if (std::filesystem::exists(loaded.folder / "datasheet.json")) datasheet = tinytown::Datasheet::read(loaded.folder).json();
  datasheet["text"] = text.json();
  if (other) datasheet["other_text"] = other->json();
  datasheet["passage_tokens"] = data.passage;

  const auto groups = [&](const std::string& split, const std::vector<std::string>& families, size_t count, size_t of_text, size_t of_other) {
    const auto supply = [&](OwnText& from, size_t passages, std::string_view stream) {
      return Supply(from, passages, Supply::Take::one, Random(uint64_t(card.seeds[0]), fmt::format("anomaly/own/{}{}", split, stream)));
    };
    Supply own = supply(text, of_text, "");
    std::optional<Supply> others;
    if (of_other > 0) others = supply(*other, of_other * count, "/other");
    return std::pair(draw_groups(own, others ? &*others : nullptr, families, count), std::move(own));
  };
  AnomalyGround ground{std::move(loaded), std::move(datasheet), {}, {}, {}, {}, {}, [read](const std::string& document) { return (*read)(document); }, ""};
  ground.test = groups("test", data.families, sizes.test, sizes.in_test(), sizes.other).first;
  ground.labelled = groups("fit", data.families, sizes.labelled, sizes.in_fit(), sizes.other).first;
  auto [validation, rest] = groups("validation", data.validation_families, sizes.validation, sizes.in_validation(), sizes.other_validation);
  ground.validation = std::move(validation);
  ground.calibration = rest.draw(sizes.calibration, "calibration");
  ground.pool = Supply(text, sizes.pool, Supply::Take::all, Random(uint64_t(card.seeds[0]), "anomaly/own/pool")).draw(sizes.pool, "pool");
  read->require_known(ground.pool, data.text);
  ground.note = text.sentence() + (other ? "; " + other->sentence() : "");
  ground.note += "; in what is measured each passage is of a document of its own";
  if (sizes.test < wanted.test || sizes.pool < wanted.pool)
    ground.note += fmt::format(", of which there are enough for {} a group to test instead of {}, and {} passages for the dictionary instead of {}", sizes.test, wanted.test, sizes.pool, wanted.pool);
  return ground;
}

}  // namespace fairfight
