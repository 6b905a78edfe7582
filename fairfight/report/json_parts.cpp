#include "fairfight/report/json_parts.h"

namespace fairfight {

double read_score_number(Fields& fields, const std::string& key) { return fields.number(key, -kLargestScore, kLargestScore); }

Json read_free_object(Fields& fields, const std::string& key) {
  fields.object(key);  // refuses what is no object
  return fields.any(key);
}

Estimate read_estimate(Fields& fields) {
  const Estimate estimate{read_score_number(fields, "value"), read_score_number(fields, "low"), read_score_number(fields, "high")};
  if (estimate.low > estimate.high) fail("[{}] got low {} above high {}", fields.where(), estimate.low, estimate.high);
  return estimate;
}

Json written_estimate(const Estimate& estimate) {
  return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

Estimate read_told(Fields& fields, const std::string& key) {
  if (fields.any(key).is_object()) return read_object(fields, key, read_estimate);
  const double value = read_score_number(fields, key);
  return {value, value, value};
}

Json written_told(const Estimate& estimate) { return estimate.exact() ? Json(estimate.value) : written_estimate(estimate); }

}  // namespace fairfight
