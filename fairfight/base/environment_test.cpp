#include "fairfight/base/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace fairfight {
namespace {

/// Nothing is missing, so nothing starts anew.
TEST(Environment, KeepsWhatTheUserSettled) {
  const std::map<std::string, std::string> users{{"OMP_WAIT_POLICY", "active"}, {"GOMP_SPINCOUNT", "7"}, {"OPENBLAS_CORETYPE", "Haswell"}, {"ATEN_CPU_CAPABILITY", "default"}};
  std::map<std::string, std::string> before;
  for (const auto& [name, value] : users) {
    if (const char* old = std::getenv(name.c_str())) before[name] = old;
    setenv(name.c_str(), value.c_str(), 1);
  }
  settle_environment_of_engine();
  settle_environment(nullptr);
  for (const auto& [name, value] : users) {
    EXPECT_EQ(std::getenv(name.c_str()), value);
    before.contains(name) ? setenv(name.c_str(), before[name].c_str(), 1) : unsetenv(name.c_str());
  }
}

}  // namespace
}  // namespace fairfight
