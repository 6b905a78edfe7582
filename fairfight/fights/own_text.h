#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fairfight/acts/reader.h"
#include "fairfight/base/json.h"
#include "fairfight/base/random.h"
#include "fairfight/io/documents.h"

namespace fairfight {

/// A user's file of text, cut into passages, without the documents and passages that were seen before.
class OwnText {
 public:
  /// Reads `at_most` documents, but for what is to be dropped. `seen`: hashes, shared by files that shall have nothing in common.
  using Drop = std::function<bool(const std::string& document)>;
  OwnText(std::string file, const std::string& field, size_t at_most, const Reader& read, Passages& cut, std::set<uint64_t>& seen, const Drop& drop = {});

  /// Which documents come next follows from this, too.
  void deal_with(const std::string& random);

  const std::string& file() const { return file_; }
  const DocumentCount& count() const { return count_; }
  /// What is left of it when the next so many documents are taken: the passages of the others. Nothing, if there are fewer.
  std::optional<size_t> passages_behind(size_t documents) const;
  std::string sentence() const { return count_.sentence(path_.filename().string(), tokens_); }  // of what was read
  Json json() const;  // the file with its hash, and these numbers

 private:
  friend class Supply;
  struct Document {
    uint64_t hash;
    std::vector<std::string> passages;
  };
  std::string file_;
  std::filesystem::path path_;
  std::vector<Document> left_;  // in an order that follows from their hashes
  DocumentCount count_;
  size_t tokens_;
};

/// The passages of a split, in a random order, each to be used once. It takes whole documents, those with the next hashes: none is
/// in two splits. It has a few more than it is asked for, since not every passage lends itself to everything.
class Supply {
 public:
  /// Passages of one document resemble each other: where a number is made of them, they do not count as so many independent ones.
  enum class Take {
    all,  // passages of each document: to learn from
    one,  // of them, drawn at random: to measure on, since resamples draw passages one by one
  };
  Supply(OwnText& text, size_t passages, Take take, Random random);  // error: too few documents are left

  /// Something made of each of the next `count` passages of which it can be made (not empty); the others stay. `other` is of
  /// another document. `what` names it in errors: there are fewer.
  using Make = std::string (*)(const std::string& passage, const std::string& other, Random& random);
  std::vector<std::string> draw(size_t count, const std::string& what, Make make);
  std::vector<std::string> draw(size_t count, const std::string& what);  // the passages as they are

  static constexpr double kSpare = 1.1;
  static size_t needed(size_t passages);  // for so many in use: kSpare times as many

 private:
  struct Passage {
    std::string text;
    uint64_t document;
  };
  const Passage& stranger(const Passage& than);

  Random random_;
  std::vector<Passage> passages_;
};

}  // namespace fairfight
