#include "fairfight/base/cipher.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"

namespace fairfight {
namespace {

TEST(Cipher, GivesTheTextBackToItsSecretAndContextAlone) {
  for (const auto& text : {std::string(), std::string("a"), std::string(100'000, 'x')}) {
    const std::string bytes = encipher(text, "secret", "context");
    EXPECT_EQ(decipher(bytes, "secret", "context"), text);
    EXPECT_THROW(decipher(bytes, "Secret", "context"), Error);
    EXPECT_THROW(decipher(bytes, "secret", "Context"), Error);
  }
}

TEST(Cipher, HidesTheTextAndNoticesEveryChange) {
  const std::string text = "the lantern stood at the harbour", bytes = encipher(text, "s", "c");
  EXPECT_EQ(bytes.find("lantern"), std::string::npos);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] ^= 1;
    EXPECT_THROW(decipher(changed, "s", "c"), Error) << i;
  }
  EXPECT_THROW(decipher(bytes.substr(0, 10), "s", "c"), Error);
  EXPECT_THROW(decipher(bytes.substr(0, bytes.size() - 1), "s", "c"), Error);
}

TEST(Cipher, IsAPureFunction) { EXPECT_EQ(encipher("text", "s", "c"), encipher("text", "s", "c")); }

}  // namespace
}  // namespace fairfight
