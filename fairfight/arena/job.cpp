#include "fairfight/arena/job.h"

#include "fairfight/arena/ranks.h"
#include "fairfight/base/file.h"

namespace fairfight {

Job::Job(const std::filesystem::path& folder, const std::string& name, std::string registration_sha256, bool resume, Ranks* ranks)
    : file_(file(folder, name)), registration_sha256_(std::move(registration_sha256)), ranks_(ranks) {
  if (!resume || !std::filesystem::exists(file_)) return;
  Json json = read_json(file_);
  Fields fields(json, file_.string());
  if (fields.text("registration") == registration_sha256_) kept_ = fields.any("outcome");
}

void Job::keep(const Json& outcome) {
  if (ranks_) ranks_->require_place();
  make_writable_folder(file_.parent_path());
  write_atomic(file_, dump_json({{"registration", registration_sha256_}, {"outcome", outcome}}));
  kept_ = outcome;
}

}  // namespace fairfight
