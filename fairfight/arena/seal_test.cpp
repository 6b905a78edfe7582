#include "fairfight/arena/seal.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/hash.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("fairfight-seal-{}", ::getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

const std::string kTest = R"({"clean": ["a lantern at the harbour"]})";

Json content(double margin = 0.05) { return {{"margin", margin}, {"data", {{"0/test", sha256(kTest)}}}}; }

TEST(Seal, OpensOnceAndForItsRegistrationAlone) {
  const Folder folder;
  const Registration mine(content(), folder.path, false);
  const Registration other(content(0.04), folder.path, false);  // names the same data, but another margin
  ASSERT_NE(mine.sha256(), other.sha256());
  Sealed test(kTest);
  EXPECT_THROW(test.open(mine), Error);  // not closed yet
  test.close(mine, folder.path / "test.sealed");
  EXPECT_THROW(test.open(other), Error);
  EXPECT_EQ(test.open(mine), kTest);
  EXPECT_THROW(test.open(mine), Error);
  EXPECT_EQ(read_file(folder.path / "test.json"), kTest);  // for whoever wants to see it afterwards
}

/// A later --resume would take the one for the other.
TEST(Seal, AStartAnewLeavesNothingOfAnOlderFightBesideItsResult) {
  const Folder folder;
  const auto fill = [&] {
    for (const char* part : {"dictionaries", "jobs", "studies", "patches", "notes"}) {
      fs::create_directories(folder.path / part);
      write_atomic(folder.path / part / "old", "old");
    }
    for (const char* file : {"test-0.sealed", "test-0.json", "result.json", "mine.txt"}) write_atomic(folder.path / file, "old");
  };
  const Registration old(content(), folder.path, false);
  fill();
  const Registration resumed(content(), folder.path, true);
  EXPECT_TRUE(fs::exists(folder.path / "jobs" / "old"));
  const Registration anew(content(), folder.path, false);
  for (const char* gone : {"dictionaries", "jobs", "studies", "patches", "test-0.sealed", "test-0.json"}) EXPECT_FALSE(fs::exists(folder.path / gone)) << gone;
  for (const char* kept : {"result.json", "mine.txt", "notes"}) EXPECT_TRUE(fs::exists(folder.path / kept)) << kept;
}

TEST(Seal, TheFileHidesTheTextAndIsBoundToTheRegistration) {
  const Folder folder;
  const auto file = folder.path / "test.sealed";
  const Registration mine(content(), folder.path, false);
  Sealed(kTest).close(mine, file);
  std::string bytes = read_file(file);
  EXPECT_EQ(bytes.find("lantern"), std::string::npos);
  EXPECT_EQ(open_sealed(file, Registration::read(folder.path)), kTest);  // another process, the same registration

  const Registration other(content(0.04), folder.path, false);
  EXPECT_THROW(open_sealed(file, other), Error);
  bytes.replace(bytes.find(mine.sha256()), 64, other.sha256());  // a forged head does not help
  write_atomic(file, bytes);
  EXPECT_THROW(open_sealed(file, other), Error);
  write_atomic(file, "nonsense");
  EXPECT_THROW(open_sealed(file, mine), Error);
}

TEST(Seal, ClosesOnlyWhatIsRegistered) {
  const Folder folder;
  Sealed test("something else");
  EXPECT_THROW(test.close(Registration(content(), folder.path, false), folder.path / "test.sealed"), Error);
  EXPECT_FALSE(fs::exists(folder.path / "test.sealed"));
}

TEST(Seal, ResumingAnotherFightIsRefusedAndNothingIsOverwritten) {
  const Folder folder;
  const Registration first(content(), folder.path, false);
  const auto before = read_file(folder.path / "registration.json");
  EXPECT_THROW(Registration(content(0.04), folder.path, true), Error);
  EXPECT_EQ(read_file(folder.path / "registration.json"), before);
}

}  // namespace
}  // namespace fairfight
