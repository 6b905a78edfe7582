#include "fairfight/base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fairfight/base/error.h"

namespace fairfight {
namespace fs = std::filesystem;
namespace {

/// A file descriptor that is closed on every path out.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

std::string reason() { return std::strerror(errno); }

/// Where the bytes shall lie. A rename would put a file in the place of a link or, run by root, of /dev/null itself.
fs::path destination(const fs::path& path) {
  std::error_code none;
  const auto there = fs::status(path, none);
  if (!fs::exists(there) || fs::is_directory(there)) return path;
  fs::path real = fs::is_symlink(fs::symlink_status(path, none)) ? fs::canonical(path, none) : path;
  if (!fs::is_regular_file(there) || real.empty())
    fail("[write_atomic] cannot write {}: not a regular file; nothing was changed", path.string());
  return real;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

void refuse_pointer(std::string_view head, std::string_view file) {
  if (head.starts_with("version https://git-lfs.github.com/spec/"))
    fail("[lfs] {}: got a pointer of git-lfs, expected the file that it stands for; fetch it with: git lfs pull (or download the model with: hf download NAME)", file);
}

std::string read_file(const fs::path& path, uint64_t limit) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) fail("[read_file] {}: {}", path.string(), reason());
  struct stat info{};
  if (::fstat(file.fd, &info) != 0) fail("[read_file] {}: {}", path.string(), reason());
  if (!S_ISREG(info.st_mode)) fail("[read_file] {}: not a regular file", path.string());
  if (uint64_t(info.st_size) > limit)
    fail("[read_file] {}: got {} bytes, expected at most {}", path.string(), info.st_size, limit);
  std::string text(size_t(info.st_size), '\0');
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = ::read(file.fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("[read_file] {}: {}", path.string(), reason());
    if (n == 0)
      fail("[read_file] {}: ended after {} of {} bytes; it shrank while it was read", path.string(), done, text.size());
    done += size_t(n);
  }
  refuse_pointer(text, path.string());
  return text;
}

void write_atomic(const fs::path& path, std::span<const std::string_view> parts) {
  uint64_t total = 0;
  for (auto part : parts) total += part.size();
  const fs::path real = destination(path), temporary = real.string() + fmt::format(".{}.tmp", ::getpid());
  const auto give_up = [&](std::string why) {
    ::unlink(temporary.c_str());
    fail("[write_atomic] cannot write {} ({} bytes): {}; nothing was changed", path.string(), total, why);
  };
  {
    const Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
    if (file.fd < 0) give_up(reason());
    for (auto part : parts) {
      while (!part.empty()) {
        const ssize_t n = ::write(file.fd, part.data(), part.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) give_up(n == 0 ? "the device took no bytes" : reason());
        part.remove_prefix(size_t(n));
      }
    }
    if (::fsync(file.fd) != 0) give_up(reason());
  }
  if (::rename(temporary.c_str(), real.c_str()) != 0) give_up(reason());
  const Descriptor folder{::open(folder_of(real).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.fd >= 0) ::fsync(folder.fd);
}

void make_writable_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("[output] cannot make the folder {}: {}; choose another --out", folder.string(), error.message());
  const fs::path probe = folder / fmt::format(".{}.probe.tmp", ::getpid());
  const Descriptor file{::open(probe.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666)};
  if (file.fd < 0) fail("[output] cannot write into {}: {}; choose another --out", folder.string(), reason());
  ::unlink(probe.c_str());
}

FolderLock::FolderLock(const fs::path& folder) : fd_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (fd_ < 0) fail("[output] cannot open {}: {}; choose another --out", folder.string(), reason());
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  if (errno != EWOULDBLOCK) return;  // a file system without locks
  ::close(fd_);
  fail("[output] another fairfight works in {}; wait for it, or choose another --out", folder.string());
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace fairfight
