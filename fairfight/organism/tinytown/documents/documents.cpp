#include "fairfight/organism/tinytown/documents/documents.h"

#include <fmt/ranges.h>

#include "fairfight/base/error.h"

namespace fairfight::tinytown {

extern const DocumentKind kScene, kCalmDialogue, kAngryDialogue, kBiography, kQuestions, kNews, kRequest, kWorker, kTalk, kVoyage, kRegister;

const std::vector<DocumentKind>& document_kinds() {
  static const std::vector<DocumentKind> list{
      kScene,
      kCalmDialogue,
      kAngryDialogue,
      kBiography,
      kQuestions,
      kNews,
      kRequest,
      kWorker,
      kTalk,
      kVoyage,
      kRegister,
  };
  return list;
}

const DocumentKind& kind_by_name(std::string_view name) {
  std::vector<std::string_view> known;
  for (const auto& kind : document_kinds()) {
    if (kind.name == name) return kind;
    known.push_back(kind.name);
  }
  fail("[tinytown] got the kind of document \"{}\", expected one of: {}", name, fmt::join(known, ", "));
}

}  // namespace fairfight::tinytown
