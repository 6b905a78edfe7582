#include "fairfight/base/cipher.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <memory>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

constexpr size_t kTag = 16, kNonce = 12;
using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest digest(std::string_view purpose, std::string_view secret) {
  const std::string text = std::string(purpose) + '\0' + std::string(secret);
  Digest d;
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), d.data());
  return d;
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

void require(bool done, const char* what) {
  if (!done) fail("[cipher] {} failed", what);
}

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

/// Encrypts (1) or decrypts (0); the last step is left to the caller, who sets or gets the tag before it.
std::string run(EVP_CIPHER_CTX* context, std::string_view text, std::string_view secret, std::string_view associated, int encrypt) {
  const Digest key = digest("key", secret), nonce = digest("nonce", secret);
  static_assert(kNonce <= std::tuple_size_v<Digest>);
  if (text.size() > INT32_MAX) fail("[cipher] got {} bytes, expected at most 2^31 - 1", text.size());
  require(EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), nonce.data(), encrypt) == 1, "starting the cipher");
  int written = 0;
  require(EVP_CipherUpdate(context, nullptr, &written, bytes_of(associated), int(associated.size())) == 1, "reading the context");
  std::string out(text.size(), '\0');
  if (!text.empty())
    require(EVP_CipherUpdate(context, reinterpret_cast<unsigned char*>(out.data()), &written, bytes_of(text), int(text.size())) == 1, "the cipher");
  return out;
}

}  // namespace

std::string encipher(std::string_view text, std::string_view secret, std::string_view context) {
  const Context cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string out = run(cipher.get(), text, secret, context, 1);
  unsigned char rest[kTag], tag[kTag];
  int written = 0;
  require(EVP_CipherFinal_ex(cipher.get(), rest, &written) == 1, "ending the cipher");
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTag, tag) == 1, "the tag");
  return std::string(reinterpret_cast<char*>(tag), kTag) + out;
}

std::string decipher(std::string_view bytes, std::string_view secret, std::string_view context) {
  if (bytes.size() < kTag) fail("[decipher] got {} bytes, expected at least {}", bytes.size(), kTag);
  const Context cipher(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string text = run(cipher.get(), bytes.substr(kTag), secret, context, 0);
  std::string tag(bytes.substr(0, kTag));
  unsigned char rest[kTag];
  int written = 0;
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()) == 1, "the tag");
  if (EVP_CipherFinal_ex(cipher.get(), rest, &written) != 1) fail("[decipher] the bytes do not belong to this key, or were changed");
  return text;
}

}  // namespace fairfight
