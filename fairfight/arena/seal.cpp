#include "fairfight/arena/seal.h"


#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"

namespace fairfight {

Registration::Registration(Json content, const std::filesystem::path& folder, bool resume) : content_(std::move(content)) {
  const std::string text = dump_json(content_);
  sha256_ = fairfight::sha256(text);
  const auto path = folder / "registration.json";
  if (resume && std::filesystem::exists(path) && read_file(path) != text)
    fail("[registration] {} registers another fight; resume with its card, or choose another --out", path.string());
  write_atomic(path, text);
}

bool Registration::covers(const std::string& data_hash) const {
  const auto data = content_.find("data");
  if (data == content_.end()) return false;
  for (const auto& [name, hash] : data->items())
    if (hash == data_hash) return true;
  return false;
}

void require_opening(const Registration& registration, const std::string& hash, bool sealed) {
  if (!registration.covers(hash))
    fail("[seal] the test split {} is not in the registration {}; register it before the first fit", hash.substr(0, 12),
         registration.sha256().substr(0, 12));
  if (!sealed) fail("[seal] the test split {} was opened before; a test set is opened once", hash.substr(0, 12));
}

}  // namespace fairfight
