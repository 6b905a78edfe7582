#pragma once
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/io/passages.h"

namespace fairfight {

/// What was read of a file of texts, what was left out of it, and why.
struct DocumentCount {
  size_t documents = 0, copies = 0, too_short = 0;  // read; of these come twice; have fewer words than a passage
  size_t dropped = 0;                               // beside them: were not to be read
  size_t passages = 0, repeated = 0, left_out = 0;  // in use; known from elsewhere; pieces that are no passage

  /// In one line, of a `file` whose documents were cut into passages of so many tokens. `kind`: "" or of documents ("held-out ").
  std::string sentence(std::string_view file, size_t tokens, std::string_view kind = "") const;
  Json json() const;
};

/// Cuts documents into passages, for every verb that learns from text or fights over it. What was seen before is dropped: a
/// document, or a passage of another one. `seen`: hashes, shared by files that shall have nothing in common.
class Documents {
 public:
  Documents(Passages& cut, std::set<uint64_t>& seen) : cut_(cut), seen_(seen) {}

  static uint64_t hash(std::string_view document);  // but for white space at its ends; deals it to a split
  std::vector<std::string> take(std::string_view document);
  void drop() { ++count_.dropped; }
  const DocumentCount& count() const { return count_; }

 private:
  Passages& cut_;
  std::set<uint64_t>& seen_;
  DocumentCount count_;
};

}  // namespace fairfight
