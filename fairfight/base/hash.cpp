#include "fairfight/base/hash.h"

#include <openssl/evp.h>

#include <array>
#include <fstream>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {
EVP_MD_CTX* digest(void* context) { return static_cast<EVP_MD_CTX*>(context); }
}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(digest(context_), EVP_sha256(), nullptr); }
Sha256::~Sha256() { EVP_MD_CTX_free(digest(context_)); }
void Sha256::update(const void* data, size_t bytes) { EVP_DigestUpdate(digest(context_), data, bytes); }

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned length = 0;
  EVP_DigestFinal_ex(digest(context_), bytes.data(), &length);
  std::string text;
  for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string sha256_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("[sha256_file] cannot read {}", path.string());
  Sha256 hash;
  std::array<char, 1 << 16> block;
  while (file.read(block.data(), block.size()) || file.gcount() > 0) hash.update(block.data(), size_t(file.gcount()));
  if (file.bad()) fail("[sha256_file] cannot read {} to its end", path.string());
  return hash.hex();
}

uint64_t hash64(const void* data, size_t bytes, uint64_t seed) {
  const auto* at = static_cast<const unsigned char*>(data);
  uint64_t h = 0xcbf29ce484222325ull ^ seed;
  for (size_t i = 0; i < bytes; ++i) h = (h ^ at[i]) * 0x100000001b3ull;
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ull;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebull;
  return h ^ (h >> 31);
}

}  // namespace fairfight
