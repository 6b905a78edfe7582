#include "fairfight/fights/own_text.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "fairfight/base/error.h"
#include "fairfight/base/hash.h"
#include "fairfight/base/shipped.h"

namespace fairfight {

OwnText::OwnText(std::string file, const std::string& field, size_t at_most, const Reader& read, Passages& cut, std::set<uint64_t>& seen, const Drop& drop)
    : file_(std::move(file)), path_(given_or_shipped(file_)), tokens_(cut.tokens()) {
  Documents documents(cut, seen);
  for (const auto& text : read.texts(path_, field, at_most)) {
    if (drop && drop(text)) {
      documents.drop();
      continue;
    }
    Document document{Documents::hash(text), documents.take(text)};
    if (!document.passages.empty()) left_.push_back(std::move(document));
  }
  count_ = documents.count();
  std::sort(left_.begin(), left_.end(), [](const Document& a, const Document& b) { return a.hash < b.hash; });
}

void OwnText::deal_with(const std::string& random) {
  for (Document& d : left_) d.hash = hash64(random.data(), random.size(), d.hash);
  std::sort(left_.begin(), left_.end(), [](const Document& a, const Document& b) { return a.hash < b.hash; });
}

std::optional<size_t> OwnText::passages_behind(size_t documents) const {
  if (documents > left_.size()) return std::nullopt;
  return std::accumulate(left_.begin(), left_.end() - std::ptrdiff_t(documents), size_t(0), [](size_t sum, const Document& d) { return sum + d.passages.size(); });
}

Json OwnText::json() const {
  Json json{{"file", file_}, {"sha256", sha256_file(path_)}};
  json.update(count_.json());
  json["summary"] = sentence();
  return json;
}

size_t Supply::needed(size_t passages) {
  return size_t(std::ceil(kSpare * double(passages)));
}

Supply::Supply(OwnText& text, size_t passages, Take take, Random random) : random_(random) {
  while (passages_.size() < needed(passages) && !text.left_.empty()) {
    auto [document, all] = std::move(text.left_.back());
    text.left_.pop_back();
    if (take == Take::one) all = {std::move(all[random_.below(all.size())])};
    for (auto& passage : all) passages_.push_back({std::move(passage), document});
  }
  if (passages_.size() < passages)
    fail("[text] {}: its {} documents are too few, since none can be in two splits; bring it as more, shorter documents, one a line", text.file_,
         text.count_.documents - text.count_.copies);
  random_.shuffle(std::span(passages_));
}

const Supply::Passage& Supply::stranger(const Passage& than) {
  for (int tries = 0; tries < 100; ++tries)
    if (const auto& other = passages_[random_.below(passages_.size())]; other.document != than.document && !other.text.empty()) return other;
  return than;
}

std::vector<std::string> Supply::draw(size_t count, const std::string& what, Make make) {
  std::vector<std::string> made;
  std::vector<Passage> left;
  for (auto& passage : passages_) {
    std::string text = made.size() < count ? make(passage.text, stranger(passage).text, random_) : "";
    if (text.empty())
      left.push_back(std::move(passage));
    else
      made.push_back(std::move(text));
  }
  if (made.size() < count)
    fail("[text] \"{}\" can be made of {} passages only, expected {}; bring more text, or leave it out of the card", what, made.size(), count);
  passages_ = std::move(left);
  return made;
}

std::vector<std::string> Supply::draw(size_t count, const std::string& what) {
  return draw(count, what, [](const std::string& passage, const std::string&, Random&) { return passage; });
}

}  // namespace fairfight
