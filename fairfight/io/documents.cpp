#include "fairfight/io/documents.h"

#include <fmt/ranges.h>

#include "fairfight/base/hash.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {

std::string DocumentCount::sentence(std::string_view file, size_t tokens, std::string_view kind) const {
  std::vector<std::string> out, rest;
  const auto add = [](std::vector<std::string>& list, size_t count, std::string_view what) {
    if (count > 0) list.push_back(fmt::format("{} {}", count, what));
  };
  add(out, copies, copies == 1 ? "copy dropped" : "copies dropped");
  add(out, too_short, fmt::format("shorter than {} words dropped", Passages::kFewestWords));
  add(out, dropped, "more dropped for holding something of the behaviour");
  add(rest, left_out, fmt::format("pieces under half a passage or {} words left out", Passages::kFewestWords));
  add(rest, repeated, repeated == 1 ? "passage that came twice dropped" : "passages that came twice dropped");
  return fmt::format("{}: {} {}document{}{}, cut into {} passage{} of at most {} tokens{}", file, documents, kind, documents == 1 ? "" : "s",
                     out.empty() ? "" : fmt::format(" ({})", fmt::join(out, ", ")), passages, passages == 1 ? "" : "s", tokens,
                     rest.empty() ? "" : fmt::format("; {}", fmt::join(rest, ", ")));
}

Json DocumentCount::json() const {
  return {{"documents", documents}, {"duplicates", copies}, {"too_short", too_short}, {"dropped", dropped}, {"passages", passages}, {"repeated", repeated}, {"left_out", left_out}};
}

uint64_t Documents::hash(std::string_view document) { return hash64(unicode::trimmed(document)); }

std::vector<std::string> Documents::take(std::string_view document) {
  ++count_.documents;
  const uint64_t own = hash(document);
  if (!seen_.insert(own).second) {
    ++count_.copies;
    return {};
  }
  const size_t shorter = cut_.too_short(), pieces = cut_.left_out();
  std::vector<std::string> passages = cut_.of(document);
  count_.too_short += cut_.too_short() - shorter;
  count_.left_out += cut_.left_out() - pieces;
  count_.repeated += std::erase_if(passages, [&](const std::string& passage) {
    const uint64_t hash = hash64(std::string_view(passage));
    return hash != own && !seen_.insert(hash).second;
  });
  count_.passages += passages.size();
  return passages;
}

}  // namespace fairfight
