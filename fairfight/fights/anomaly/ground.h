#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "fairfight/arena/card.h"
#include "fairfight/base/json.h"
#include "fairfight/model/checkpoint.h"
#include "fairfight/report/result.h"

namespace fairfight {

/// The [data] table of a card of the anomaly fight.
struct AnomalyData {
  size_t pool, validation, calibration, labelled, test;  // documents: in all for the pool and the calibration, else a group
  std::vector<std::string> families, validation_families;

  // Of a user's own text; a town has none of it.
  std::string text, other_text;  // files, see io/texts.h; empty: none
  std::string field = "text";    // of a JSON object, or a column
  size_t passage = 64;           // tokens that a longer document is cut to

  explicit AnomalyData(const Json& json);
  bool own() const { return !text.empty(); }
};

using Texts = std::vector<std::string>;
using Groups = std::map<std::string, Texts>;  // "clean" and the families

/// Where a fight about anomalies takes place: a model, and the documents of every split. No document is in two of them.
struct AnomalyGround {
  LoadedModel loaded;
  Json datasheet;  // what is known of the model and of the text
  Texts pool, calibration;
  Groups validation, labelled, test;
  std::function<std::vector<int32_t>(const std::string& document)> read;  // into what the model sees
  std::string note;  // what the user should hear; empty: nothing
};

/// A backdoored town, whose families are those of organism/tinytown/anomalies.h.
AnomalyGround town_ground(const Card& card, size_t index, const AnomalyData& data);
/// The card's model and the text of the card's user: documents are cut into passages, each of them used once, and what is
/// anomalous is made of them by the rules of text_anomalies.h or, as `other_text`, read from another file. A card that asks for
/// more passages than there are gets as many as there are, in the same proportions, but at least 20 a group. Errors: a text of fewer.
AnomalyGround own_ground(const Card& card, const AnomalyData& data);

/// What a card's families are, for the report. Error: an unknown one.
std::vector<Result::Family> families_of(const AnomalyData& data);

}  // namespace fairfight
