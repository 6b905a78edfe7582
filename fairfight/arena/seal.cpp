#include "fairfight/arena/seal.h"

#include "fairfight/base/cipher.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"

namespace fairfight {
namespace {

constexpr std::string_view kMagic = "fairfight sealed test split, 1\n";
constexpr size_t kDigits = 64;  // of a SHA-256

/// What an older fight has left goes, for a later --resume would take it for this one's; its result stays until there is a new one.
void clear(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder)) return;
  for (const char* part : {"registration.json", "dictionaries", "jobs", "studies", "patches"}) std::filesystem::remove_all(folder / part);
  std::vector<std::filesystem::path> tests;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (const auto name = entry.path().filename().string(); name.starts_with("test-") && (name.ends_with(".sealed") || name.ends_with(".json"))) tests.push_back(entry.path());
  for (const auto& test : tests) std::filesystem::remove(test);
}

std::string secret_of(const Registration& registration, const std::string& content_hash) {
  return "test split " + content_hash + " under " + registration.sha256();
}

/// Every rank of a fight comes to the same bytes: one of them has to write.
void leave(const std::filesystem::path& file, const std::string& content) {
  if (!std::filesystem::exists(file) || read_file(file) != content) write_atomic(file, content);
}

}  // namespace

Registration::Registration(Json content, std::string text)
    : content_(std::move(content)), text_(std::move(text)), sha256_(fairfight::sha256(text_)) {}

Registration::Registration(Json content, const std::filesystem::path& folder, bool resume) : Registration(content, dump_json(content)) {
  const auto path = folder / "registration.json";
  if (resume && std::filesystem::exists(path) && read_file(path) != text_)
    fail("[registration] {} registers another fight; resume with its card, or choose another --out", path.string());
  if (!resume) clear(folder);
  write_atomic(path, text_);
}

Registration Registration::read(const std::filesystem::path& folder) {
  const auto path = folder / "registration.json";
  const std::string text = read_file(path);
  return Registration(parse_json(text, path.string()), text);
}

bool Registration::covers(const std::string& data_hash) const {
  const auto data = content_.find("data");
  if (data == content_.end()) return false;
  for (const auto& [name, hash] : data->items())
    if (hash == data_hash) return true;
  return false;
}

Sealed::Sealed(std::string content) : content_(std::move(content)), hash_(sha256(content_)) {}

void Sealed::close(const Registration& registration, const std::filesystem::path& file) {
  if (!registration.covers(hash_))
    fail("[seal] the test split {} is not in the registration {}; register it before the first fit", hash_.substr(0, 12),
         registration.sha256().substr(0, 12));
  if (!file_.empty()) fail("[seal] the test split {} is closed already, in {}", hash_.substr(0, 12), file_.string());
  const std::string secret = secret_of(registration, hash_);
  leave(file, std::string(kMagic) + hash_ + "\n" + registration.sha256() + "\n" + encipher(content_, secret, hash_));
  file_ = file;
  content_ = {};
}

std::string Sealed::open(const Registration& registration) {
  if (file_.empty()) fail("[seal] the test split {} was not closed; close it before the first fit", hash_.substr(0, 12));
  if (opened_) fail("[seal] the test split {} was opened before; a test set is opened once", hash_.substr(0, 12));
  std::string content = open_sealed(file_, registration);
  if (sha256(content) != hash_) fail("[seal] {} holds another test split than was closed", file_.string());
  opened_ = true;
  leave(std::filesystem::path(file_).replace_extension(".json"), content);
  return content;
}

std::string open_sealed(const std::filesystem::path& file, const Registration& registration) {
  const std::string bytes = read_file(file);
  const size_t head = kMagic.size() + 2 * (kDigits + 1);
  if (bytes.size() < head || !bytes.starts_with(kMagic)) fail("[seal] {} is not a sealed test split", file.string());
  const std::string hash = bytes.substr(kMagic.size(), kDigits), closed_by = bytes.substr(kMagic.size() + kDigits + 1, kDigits);
  if (closed_by != registration.sha256())
    fail("[seal] {} was closed by the registration {}; {} cannot open it", file.string(), closed_by.substr(0, 12), registration.sha256().substr(0, 12));
  try {
    return decipher(std::string_view(bytes).substr(head), secret_of(registration, hash), hash);
  } catch (const Error&) {
    fail("[seal] {} was changed since it was closed", file.string());
  }
}

}  // namespace fairfight
