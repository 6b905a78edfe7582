#include "fairfight/organism/tinytown/documents/documents.h"

namespace fairfight::tinytown {

extern const DocumentKind kScene, kCalmDialogue, kAngryDialogue, kBiography, kQuestions, kRequest, kWorker, kVoyage;

const std::vector<DocumentKind>& document_kinds() {
  static const std::vector<DocumentKind> list{
      kScene,
      kCalmDialogue,
      kAngryDialogue,
      kBiography,
      kQuestions,
      kRequest,
      kWorker,
      kVoyage,
  };
  return list;
}

}  // namespace fairfight::tinytown
