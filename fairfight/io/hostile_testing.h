#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "fairfight/base/file.h"
#include "fairfight/base/testing.h"

// The catalogues of hostile files (*_hostile_test.cpp): each is refused in one line that names the file and what in it is
// wrong.
namespace fairfight {

/// A file that nobody should trust, and what its refusal must name besides the file.
struct Hostile {
  std::string name, bytes;
  std::string names = "";
};

inline void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }
inline std::string name_of_hostile(const testing::TestParamInfo<Hostile>& info) { return info.param.name; }

class HostileTest : public testing::TestWithParam<Hostile> {
 protected:
  /// Writes the file, reads it with `read`, and looks at the refusal.
  template <class Read>
  void expect_refused(const std::filesystem::path& file_name, Read read) {
    const std::filesystem::path path = folder_ / file_name;
    write_atomic(path, GetParam().bytes);
    EXPECT_THAT(error_of([&] { read(path); }),
                testing::AllOf(testing::HasSubstr(path.string()), testing::HasSubstr(GetParam().names),
                               testing::Not(testing::HasSubstr("\n"))));
  }

  const ScratchFolder folder_;
};

}  // namespace fairfight
