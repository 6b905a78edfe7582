#include "fairfight/arena/basis.h"

#include <fmt/format.h>

#include <mutex>
#include <unordered_map>

#include "fairfight/acts/harvest.h"
#include "fairfight/arena/plan.h"
#include "fairfight/arena/ranks.h"
#include "fairfight/arena/shared_model.h"
#include "fairfight/base/file.h"
#include "fairfight/dict/file.h"
#include "fairfight/dict/kinds.h"
#include "fairfight/model/torch.h"

namespace fairfight {
namespace {

constexpr int64_t kSaveEvery = 200;          // steps of a training
constexpr int64_t kMeasuredRows = 65'536;    // behind FVU and L0
constexpr int64_t kSplicedDocuments = 256;   // behind the change of cross-entropy
constexpr std::string_view kRandomWeights = "random_model";

at::Tensor harvest(const Model& model, const Site& site, const Batch& documents, const Tick& tick) {
  std::mutex telling;
  int64_t done = 0;
  const auto activations = in_slices(documents, [&](const at::Tensor& tokens) {
    const auto x = model.at(site, tokens);
    const std::lock_guard lock(telling);
    done += tokens.size(0);
    tick(double(done) / double(documents.documents()), "");
    return x;
  });
  return activations.flatten(0, 1).index({documents.valid.flatten()});
}

/// Rows by the document's tokens, of whoever harvested first.
using KnownRows = std::unordered_map<std::string, at::Tensor>;

std::vector<std::string> texts_of(const Batch& documents) {
  const auto tokens = documents.tokens.contiguous(), lengths = documents.valid.sum(1);
  std::vector<std::string> texts;
  for (int64_t i = 0; i < tokens.size(0); ++i)
    texts.emplace_back(reinterpret_cast<const char*>(tokens.data_ptr<int64_t>() + i * tokens.size(1)), size_t(lengths[i].item<int64_t>()) * sizeof(int64_t));
  return texts;
}

/// A document's rows do not hang on what is harvested beside it: what `beside` has of an earlier text is taken from there.
at::Tensor harvest_beside(const NamedModel& named, const Site& site, const Batch& documents, const Tick& tick, Memo& beside) {
  const auto texts = texts_of(documents);
  const auto split = [&](const Batch& of) {
    const auto lengths = of.valid.sum(1);
    return harvest(named.model, site, of, tick).split_with_sizes(std::vector<int64_t>(lengths.data_ptr<int64_t>(), lengths.data_ptr<int64_t>() + lengths.numel()));
  };
  const auto& known = beside.get<KnownRows>(fmt::format("rows {} {}", named.sha256, site.name()), [&] {
    const auto rows = split(documents);
    KnownRows all;
    for (size_t i = 0; i < rows.size(); ++i) all.emplace(texts[i], rows[i]);
    return all;
  });
  std::vector<int64_t> missing;
  for (size_t i = 0; i < texts.size(); ++i)
    if (!known.contains(texts[i])) missing.push_back(int64_t(i));
  std::vector<at::Tensor> fresh, rows;
  if (!missing.empty()) {
    const auto which = at::tensor(missing);
    fresh = split({documents.tokens.index_select(0, which), documents.valid.index_select(0, which)});
  }
  for (size_t i = 0, next = 0; i < texts.size(); ++i) rows.push_back(next < missing.size() && missing[next] == int64_t(i) ? fresh[next++] : known.at(texts[i]));
  return at::cat(rows);
}

struct Moments {
  at::Tensor mean, squares;  // the squares of what is left without the mean, summed up
};
Moments moments_of(const at::Tensor& rows) {
  constexpr int64_t kRows = 8192;
  Moments m{rows.mean(0), at::zeros({}, at::kDouble)};
  for (const auto& slice : rows.split(kRows)) m.squares += (slice - m.mean).square().sum(at::kDouble);
  return m;
}

/// In place: a pool may take much of the memory.
void give_moments(const Moments& m, const at::Tensor& rows) {
  const Moments own = moments_of(rows);
  rows.sub_(own.mean).mul_((m.squares / own.squares).sqrt().to(at::kFloat)).add_(m.mean);
}

DictionarySettings settings_of(const Basis& basis, const Card& card, int64_t dictionary_seed, int64_t d_model) {
  DictionarySettings s = card.dictionary;
  s.seed = uint64_t(dictionary_seed);
  if (basis.name == s.kind || basis.name == kRandomWeights) return s;
  s.kind = basis.name;
  if (s.kind == "pca") s.width = d_model;  // all axes, of which a code has as many as the dictionary's has features: the same L0
  return s;
}

}  // namespace

std::vector<Basis> bases_of(const Card& card) {
  std::vector<Basis> bases{{card.dictionary.kind, "the dictionary", false, true, true}};
  if (card.controls == Card::Controls::none) return bases;
  for (const Basis& control : {Basis{"random", "random unit vectors", true, true}, Basis{"pca", "PCA axes", true, false},
                               Basis{"neurons", "neurons", true, false}, Basis{"kmeans", "k-means directions", false, true, true},
                               Basis{std::string(kRandomWeights), "dictionary of a random-weight model", true, true, true}})
    if (control.name != card.dictionary.kind) bases.push_back(control);
  return bases;
}

Pool harvest_pool(const Card& card, const Site& site, int64_t seed, const NamedModel& named, const Batch& documents, const Tick& tick, Memo* beside) {
  require_position_rows(site);
  const bool controls = card.controls != Card::Controls::none;
  const Tick half = [&](double f, std::string_view note) { tick(controls ? f / 2 : f, note); };
  auto rows = beside ? harvest_beside(named, site, documents, half, *beside) : harvest(named.model, site, documents, half);
  const SinkRule sinks = sink_rule(rows);
  const auto reported = no_sinks(rows, sinks.most).nonzero().squeeze(1);
  const int64_t left_out = rows.size(0) - reported.size(0);
  const auto without_sinks = [&](const at::Tensor& all) { return left_out == 0 ? all : all.index_select(0, reported); };
  rows = without_sinks(rows);
  Random random(uint64_t(seed), "pool");  // any prefix of shuffled rows is a fair sample
  const auto order = at::randperm(rows.size(0), at::detail::createCPUGenerator(random.next()), at::kLong);
  const int64_t tokens = documents.count();
  const Work price{int64_t(named.model.flops_to(site, tokens)), tokens, 0, 1};  // whoever has harvested what
  Pool pool{rows.index_select(0, order), {}, price, sinks, left_out};
  if (!controls) return pool;
  const Moments moments = moments_of(rows);
  rows.reset();
  const auto control = named.model.with_random_weights(Random(uint64_t(seed), "random twin"));  // a second set of weights, for this harvest alone
  pool.control_rows = without_sinks(harvest(*control, site, documents, [&](double f, std::string_view note) { tick((1 + f) / 2, note); })).index_select(0, order);
  give_moments(moments, pool.control_rows);
  return pool;
}

std::string suffix_of(const Card& card, const Site& site) { return card.sites.size() == 1 ? "" : "-" + site.name(); }

std::filesystem::path dictionary_file(const std::filesystem::path& folder, const Card& card, const Basis& basis, const Site& site, int64_t seed, int64_t dictionary_seed) {
  return folder / "dictionaries" / fmt::format("{}-{}-{}{}.safetensors", basis.name, seed, dictionary_seed, suffix_of(card, site));
}

Learned learn_basis(const Basis& basis, const Card& card, const Site& site, int64_t seed, int64_t dictionary_seed, const NamedModel& named, const Pool& pool,
                    const Venue& venue, const Tick& tick) {
  const MemoryRows rows(basis.name == kRandomWeights ? pool.control_rows : pool.rows, uint64_t(seed));
  const DictionarySettings settings = settings_of(basis, card, dictionary_seed, rows.d_model());
  const auto kept = dictionary_file(venue.folder, card, basis, site, seed, dictionary_seed);
  const Checkpoints checkpoints{std::filesystem::path(kept).replace_extension(".training.safetensors"), kSaveEvery};
  const DictionaryNote note{site.name(), named.sha256, settings, card.bos, DictionaryNote::Sinks{pool.rows.size(0) + pool.left_out, pool.left_out}};
  Learned learned;
  if (venue.resume && std::filesystem::exists(kept)) {
    learned.dictionary = load_dictionary(kept, note);
  } else {
    make_writable_folder(kept.parent_path());
    if (!venue.resume)  // nor shall a rank that takes this over find an older fight's
      for (const auto& old : {kept, checkpoints.file}) std::filesystem::remove(old);
    auto dictionary = learn(rows, settings, tick, checkpoints);
    dictionary->leave_alone_above(pool.most_norm());
    if (venue.ranks) venue.ranks->require_place();
    save_dictionary(kept, *dictionary, note);
    learned.dictionary = std::move(dictionary);
    std::filesystem::remove(checkpoints.file);
  }
  learned.reconstruction =
      measure_reconstruction(*learned.dictionary, MemoryRows(pool.rows, uint64_t(seed)), std::min(kMeasuredRows, pool.rows.size(0)));
  learned.training_flops = learning_flops(settings, rows.d_model(), rows.count());
  return learned;
}

Result::Quality quality_of(const Learned& learned, const Model& model, const Site& site, const Batch& documents, const Tick& tick) {
  const Reconstruction& r = learned.reconstruction;
  Result::Quality quality{0, 0, site.name(), r.fvu, r.explained_variance(), r.l0, r.dead, {}};
  const auto* transformer = dynamic_cast<const Transformer*>(&model);
  if (!transformer) return quality;
  std::vector<Batch> batches;
  for (int64_t from = 0; from < std::min(kSplicedDocuments, documents.documents()); from += 64)
    batches.push_back({documents.tokens.slice(0, from, from + 64), documents.valid.slice(0, from, from + 64)});
  const Splice s = measure_splice(*transformer, site, *learned.dictionary, batches, tick);
  quality.spliced = {s.delta_ce(), s.ce_recovered(), s.kl};
  return quality;
}

Json to_json(const Result::Quality& q) {
  Json json{{"site", q.site}, {"fvu", q.fvu}, {"explained_variance", q.explained_variance}, {"l0", q.l0}, {"dead", q.dead}};
  if (const auto& s = q.spliced) json.update({{"delta_ce", s->delta_ce}, {"ce_recovered", s->ce_recovered}, {"kl", s->kl}});
  return json;
}

Result::Quality read_quality(const Json& json) {
  Fields f(json, "quality");
  Result::Quality q{0, 0, f.text("site"), f.number("fvu"), f.number("explained_variance"), f.number("l0"), f.number("dead"), {}};
  if (f.has("kl")) q.spliced = {f.number("delta_ce"), f.number("ce_recovered"), f.number("kl")};
  f.finish();
  return q;
}

}  // namespace fairfight
