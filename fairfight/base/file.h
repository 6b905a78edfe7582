#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace fairfight {

/// Error if a file with these first bytes is what git puts in the place of a large file that git-lfs has not fetched.
void refuse_pointer(std::string_view head, std::string_view file);

/// A regular file's whole text. Errors: missing, a folder, unreadable, larger than `limit` bytes, or a pointer of git-lfs.
std::string read_file(const std::filesystem::path& path, uint64_t limit = 1ull << 30);

/// The one way a file is written: a temporary name in the same folder, all bytes, fsync, rename, fsync of the folder.
/// A reader sees the old file or the new one; on any error (full disk, read-only folder) the temporary file is removed
/// and the old one stands. A symbolic link stays one, and what is no regular file (a device, a pipe) is refused. `parts` are
/// written one after the other.
void write_atomic(const std::filesystem::path& path, std::span<const std::string_view> parts);
inline void write_atomic(const std::filesystem::path& path, std::string_view bytes) {
  write_atomic(path, std::span<const std::string_view>(&bytes, 1));
}

/// Makes a folder and its parents; says so in one line if it cannot, or if a file cannot be created in it.
void make_writable_folder(const std::filesystem::path& folder);

/// A folder that this process alone works in, as long as the lock lives: two that write the same files spoil each other's work. It leaves no file. Error: another
/// process has it. Whoever dies has it no more.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

}  // namespace fairfight
