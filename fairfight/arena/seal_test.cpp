#include "fairfight/arena/seal.h"

#include <gtest/gtest.h>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("fairfight-seal-{}", ::getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

Json content(const std::string& hash) { return {{"question", "?"}, {"data", {{"0/test", hash}}}}; }

TEST(Seal, OpensOnceAndOnlyForARegistrationThatNamesIt) {
  const Folder folder;
  const Registration mine(content("aaaa"), folder.path, false), other(content("bbbb"), folder.path, false);
  Sealed<int> test(42, "aaaa");
  EXPECT_THROW(test.open(other), Error);
  EXPECT_EQ(test.open(mine), 42);
  EXPECT_THROW(test.open(mine), Error);
}

TEST(Seal, TheHashFollowsTheContent) {
  const Folder folder;
  const Registration a(content("aaaa"), folder.path, false), b(content("aaab"), folder.path, false);
  EXPECT_NE(a.sha256(), b.sha256());
  EXPECT_EQ(b.sha256(), Registration(content("aaab"), folder.path, true).sha256());
}

TEST(Seal, ResumingAnotherFightIsRefusedAndNothingIsOverwritten) {
  const Folder folder;
  const Registration first(content("aaaa"), folder.path, false);
  const auto before = read_file(folder.path / "registration.json");
  EXPECT_THROW(Registration(content("bbbb"), folder.path, true), Error);
  EXPECT_EQ(read_file(folder.path / "registration.json"), before);
}

}  // namespace
}  // namespace fairfight
