#include <fmt/format.h>

#include <cmath>

#include "fairfight/arena/repair.h"
#include "fairfight/arena/statistics.h"
#include "fairfight/base/error.h"
#include "fairfight/contestants/patch/roster.h"
#include "fairfight/fights/certificate.h"
#include "fairfight/fights/list.h"
#include "fairfight/fights/repair.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

constexpr FightInfo kInfo{"unrepresented", "A harm that the dictionary never saw",
                          "Does a dictionary that convincingly never saw a harmful behaviour repair the model as well as methods that need no dictionary?",
                          "T4", "patch", "removed", 0};

/// The studies beside the fight: what is varied.
struct Studies {
  std::vector<double> doses;       // shares of harmful documents in the dictionary's text
  std::vector<int64_t> few_shots;  // numbers of examples, below the fight's own

  Studies(const Json& data, int64_t examples) {
    if (data.contains("doses"))
      for (const auto& d : data["doses"]) {
        if (!d.is_number() || d < 0 || d > 1 || (!doses.empty() && d <= doses.back())) fail("[card.data] \"doses\" has {}, expected ascending shares", d.dump());
        doses.push_back(d);
      }
    if (data.contains("few_shots"))
      for (const auto& n : data["few_shots"]) {
        if (!n.is_number_integer() || n < 0 || n >= examples || (!few_shots.empty() && n <= few_shots.back()))
          fail("[card.data] \"few_shots\" has {}, expected ascending numbers below \"examples\"", n.dump());
        few_shots.push_back(n);
      }
  }
};

/// The fight's own dictionaries serve a study that changes nothing about them.
void take_dictionaries(const fs::path& from, const fs::path& to, const std::string& kind) {
  fs::create_directories(to / "dictionaries");
  for (const auto& entry : fs::directory_iterator(from / "dictionaries"))
    if (entry.path().filename().string().starts_with(kind + "-"))
      fs::copy_file(entry.path(), to / "dictionaries" / entry.path().filename(), fs::copy_options::overwrite_existing);
}

/// The slope of score over log10(share) by least squares, for the shares above 0.
double slope(const std::vector<double>& shares, const std::vector<double>& scores) {
  std::vector<double> x, y;
  for (size_t i = 0; i < shares.size(); ++i)
    if (shares[i] > 0) {
      x.push_back(std::log10(shares[i]));
      y.push_back(scores[i]);
    }
  if (x.size() < 2) return 0;
  const double mx = mean(x), my = mean(y);
  double xy = 0, xx = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) * (x[i] - mx);
  }
  return xy / xx;
}

Result::Doses study_doses(const Card& card, const Venue& venue, const std::vector<double>& shares, const std::vector<std::string>& who) {
  Result::Doses doses{shares, {}, {}};
  std::map<std::string, std::vector<std::vector<double>>> scores;  // [contestant][share][organism]
  for (const double share : shares) {
    Card dosed = card;
    dosed.dictionary_seeds.resize(1);
    dosed.data["dose"] = share;
    dosed.data["harvest"] = "model";  // all doses alike: from the model that has the behaviour
    for (const auto& [name, by_organism] : study_repair(kInfo, repairs(), dosed, fmt::format("dose {:g}", share), who, venue)) scores[name].push_back(by_organism);
  }
  for (const auto& name : who) {
    Result::Line line{name, {}};
    std::vector<double> slopes;
    for (const auto& by_organism : scores.at(name)) line.scores.push_back(over_organisms(by_organism, card.level));
    for (size_t o = 0; o < card.models.size(); ++o) {
      std::vector<double> of;
      for (const auto& by_organism : scores.at(name)) of.push_back(by_organism[o]);
      slopes.push_back(slope(shares, of));
    }
    doses.lines.push_back(std::move(line));
    doses.slopes.push_back({name, over_organisms(slopes, card.level)});
  }
  return doses;
}

Result::FewShots study_few_shots(const Card& card, const Venue& venue, const std::vector<int64_t>& numbers, const std::vector<std::string>& who,
                                 const Result& result) {
  Result::FewShots shots{numbers, {}};
  for (const auto& name : who) shots.lines.push_back({name, {}});
  for (const int64_t n : numbers) {
    Card few = card;
    few.dictionary_seeds.resize(1);
    few.data["examples"] = n;
    const std::string name = fmt::format("{} examples", n);
    Venue beside = venue;
    beside.resume = true;
    if (!venue.resume) fs::remove_all(venue.folder / "studies" / name);
    take_dictionaries(venue.folder, venue.folder / "studies" / name, card.dictionary.kind);
    std::vector<std::string> able;  // a baseline learns from examples or not at all
    for (const auto& contestant : who)
      if (n > 0 || result.contestant(contestant).challenger()) able.push_back(contestant);
    const auto scores = study_repair(kInfo, repairs(), few, name, able, beside);
    for (auto& line : shots.lines) {
      const auto found = scores.find(line.contestant);
      line.scores.push_back(found == scores.end() ? Estimate{0, 0, 0} : over_organisms(found->second, card.level));
    }
  }
  shots.examples.push_back(int64_t(RepairData(card.data).examples));
  for (auto& line : shots.lines) line.scores.push_back(result.contestant(line.contestant).score.mean);
  return shots;
}

/// Whom the studies follow: either side's best on validation, and those that live from what the dictionary lacks.
std::vector<std::string> followed(const Result& result) {
  std::vector<std::string> names{result.verdict.ruling.challenger};
  for (const char* name : {"zero_clamp", "error_surgery"})
    if (name != names[0] && std::any_of(result.contestants.begin(), result.contestants.end(), [&](const auto& c) { return c.name == name; }))
      names.emplace_back(name);
  return names;
}

Result run(const Card& card, const Venue& venue) {
  const RepairData data(card.data);
  const Studies studies(card.data, int64_t(data.examples));
  Result result = run_repair(kInfo, repairs(), card, venue);
  auto who = followed(result);
  std::string twins;
  if (!studies.doses.empty()) {
    const Timed timed(*venue.profile, "the doses");
    result.doses = study_doses(card, venue, studies.doses, who);
    if (studies.doses.back() > 0)
      twins = fmt::format("with {:g} % of the text, {} removes {:.3f}", 100 * studies.doses.back(), who[0], result.doses->lines[0].scores.back().value);
  }
  if (!studies.few_shots.empty()) {
    const Timed timed(*venue.profile, "fewer examples");
    // The baseline that binds the verdict, and the one repair that needs no example.
    for (const std::string& name : {result.verdict.ruling.against, std::string("anomaly_fallback")})
      if (std::find(who.begin(), who.end(), name) == who.end() &&
          std::any_of(result.contestants.begin(), result.contestants.end(), [&](const auto& c) { return c.name == name; }))
        who.push_back(name);
    result.few_shots = study_few_shots(card, venue, studies.few_shots, who, result);
  }
  const Timed timed(*venue.profile, "the certificate");
  result.certificate = certify(card, data, venue.folder, twins);
  return result;
}

}  // namespace

FightEntry unrepresented_fight() { return {kInfo, describe(repairs()), run}; }

}  // namespace fairfight
