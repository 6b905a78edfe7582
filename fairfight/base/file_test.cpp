#include "fairfight/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "fairfight/base/testing.h"

namespace fairfight {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

/// No file may grow beyond `bytes`: the next best thing to a full disk.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit old_;
};

TEST(WriteAtomic, WritesItsPartsOneBehindTheOther) {
  const ScratchFolder folder;
  const std::vector<std::string_view> parts{"one ", "", "two"};
  write_atomic(folder / "a", parts);
  EXPECT_EQ(read_file(folder / "a"), "one two");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("a"));
}

TEST(WriteAtomic, ReplacesAnOldFile) {
  const ScratchFolder folder;
  write_atomic(folder / "a", "a long old text");
  write_atomic(folder / "a", "new");
  EXPECT_EQ(read_file(folder / "a"), "new");
}

TEST(WriteAtomic, OnAFullDiskTheOldFileStandsAndNothingIsLeft) {
  const ScratchFolder folder;
  write_atomic(folder / "a", "old");
  std::string message;
  {
    const SmallDisk disk(100'000);
    message = error_of([&] { write_atomic(folder / "a", std::string(150'000, 'x')); });
  }
  EXPECT_THAT(message,
              AllOf(HasSubstr((folder / "a").string()), HasSubstr("150000 bytes"), HasSubstr("nothing was changed")));
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("a"));
}

TEST(WriteAtomic, SaysWhyItCannotWrite) {
  const ScratchFolder folder;
  write_atomic(folder / "file", "x");
  fs::create_directory(folder / "folder");
  EXPECT_THAT(error_of([&] { write_atomic(folder / "missing/a", "x"); }), HasSubstr("No such file"));
  EXPECT_THAT(error_of([&] { write_atomic(folder / "file/a", "x"); }), HasSubstr("Not a directory"));
  EXPECT_THAT(error_of([&] { write_atomic(folder / "folder", "x"); }), HasSubstr("Is a directory"));
  EXPECT_THAT(names_in(folder.path()), testing::UnorderedElementsAre("file", "folder"));
}

TEST(WriteAtomic, FollowsALink) {
  const ScratchFolder folder;
  fs::create_directory(folder / "elsewhere");
  write_atomic(folder / "elsewhere/a", "old");
  fs::create_symlink("elsewhere/a", folder / "link");
  write_atomic(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(folder / "elsewhere/a"), "new");
}

TEST(WriteAtomic, PutsNothingInThePlaceOfADeviceOrAPipe) {
  const ScratchFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_symlink("pipe", folder / "link");
  for (const char* name : {"pipe", "link"})
    EXPECT_THAT(error_of([&] { write_atomic(folder / name, "x"); }), HasSubstr("not a regular file"));
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(names_in(folder.path()).size(), 2u);
}

TEST(ReadFile, ReadsEveryByte) {
  const ScratchFolder folder;
  const std::string bytes("\0\r\n\xff tail", 9);
  write_atomic(folder / "a", bytes);
  write_atomic(folder / "empty", "");
  EXPECT_EQ(read_file(folder / "a"), bytes);
  EXPECT_EQ(read_file(folder / "empty"), "");
}

TEST(ReadFile, SaysWhyItCannotRead) {
  const ScratchFolder folder;
  write_atomic(folder / "pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
  EXPECT_THAT(error_of([&] { read_file(folder / "pointer"); }), AllOf(HasSubstr("pointer: got a pointer of git-lfs"), HasSubstr("git lfs pull")));
  write_atomic(folder / "a", "12345");
  EXPECT_THAT(error_of([&] { read_file(folder / "missing"); }), AllOf(HasSubstr("missing"), HasSubstr("No such file")));
  EXPECT_THAT(error_of([&] { read_file(folder.path()); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { read_file("/dev/zero"); }), HasSubstr("not a regular file"));
  EXPECT_THAT(error_of([&] { read_file(folder / "a", 4); }), HasSubstr("got 5 bytes, expected at most 4"));
  EXPECT_EQ(read_file(folder / "a", 5), "12345");
}

TEST(MakeWritableFolder, MakesParentsAndLeavesNothingInside) {
  const ScratchFolder folder;
  make_writable_folder(folder / "a/b/c");
  make_writable_folder(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  EXPECT_TRUE(fs::is_empty(folder / "a/b/c"));
}

TEST(MakeWritableFolder, RefusesWhereAFileStands) {
  const ScratchFolder folder;
  write_atomic(folder / "a", "x");
  EXPECT_THAT(error_of([&] { make_writable_folder(folder / "a/b"); }), AllOf(HasSubstr("a/b"), HasSubstr("--out")));
  EXPECT_THAT(error_of([&] { make_writable_folder(folder / "a"); }), HasSubstr("--out"));
  EXPECT_THAT(error_of([] { make_writable_folder("/proc"); }), HasSubstr("--out"));
}

TEST(FolderLock, IsOneProcessesAtATime) {
  const ScratchFolder folder;
  {
    const FolderLock mine(folder.path());
    EXPECT_THAT(error_of([&] { FolderLock another(folder.path()); }), AllOf(HasSubstr("another fairfight works in"), HasSubstr("--out")));
  }
  EXPECT_EQ(error_of([&] { FolderLock again(folder.path()); }), "");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace fairfight
