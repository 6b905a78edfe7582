#include "fairfight/io/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>

#include "fairfight/base/checked.h"
#include "fairfight/base/error.h"
#include "fairfight/base/file.h"
#include "fairfight/base/json.h"
#include "fairfight/io/json_cursor.h"
#include "fairfight/io/shown.h"

namespace fairfight {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are read as they lie in the file");

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::string_view kMetadata = "__metadata__";

struct DtypeFacts {
  std::string_view name;
  uint64_t size;
};
constexpr std::array<DtypeFacts, 10> kDtypes{{{"I64", 8},
                                              {"F64", 8},
                                              {"F32", 4},
                                              {"I32", 4},
                                              {"BF16", 2},
                                              {"F16", 2},
                                              {"I16", 2},
                                              {"I8", 1},
                                              {"U8", 1},
                                              {"BOOL", 1}}};

std::optional<Dtype> dtype_named(std::string_view name) {
  const auto found = std::find_if(kDtypes.begin(), kDtypes.end(), [&](const DtypeFacts& d) { return d.name == name; });
  if (found == kDtypes.end()) return std::nullopt;
  return Dtype(found - kDtypes.begin());
}

uint64_t tensor_bytes(Dtype dtype, const std::vector<uint64_t>& shape, std::string_view what) {
  uint64_t bytes = size_of(dtype);
  for (uint64_t dim : shape) bytes = checked_mul(bytes, dim, what);
  return bytes;
}

/// The length of the JSON, from the file's first bytes.
uint64_t json_length(std::string_view head, uint64_t file_size, std::string_view what) {
  if (head.size() < kLengthBytes)
    fail("[safetensors] {}: got {} bytes, expected at least {}; the file is cut short", what, head.size(), kLengthBytes);
  uint64_t length;
  std::memcpy(&length, head.data(), kLengthBytes);
  if (length > kMaxHeaderBytes)
    fail("[safetensors] {}: the header claims {} bytes, expected at most {}", what, length, kMaxHeaderBytes);
  if (file_size < kLengthBytes || length > file_size - kLengthBytes)
    fail("[safetensors] {}: the header claims {} bytes, the file has {}; it is cut short", what, length, file_size);
  return length;
}

/// Goes through the JSON once, straight into the table. Both limits are far from any real file; with them a header cannot
/// cost much more than the file that it stands in.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, uint64_t file_size, std::string_view what)
      : json_(text, what),
        what_(what),
        file_size_(file_size),
        entries_left_(kSurelyAllowedEntries + file_size / kBytesAnEntry) {}

  SafetensorsHeader read(uint64_t data_start) {
    SafetensorsHeader header{{}, {}, data_start};
    bool metadata_seen = false;
    json_.object([&](std::string name) {
      if (name != kMetadata) {
        count_entry();
        header.tensors.push_back(tensor(std::move(name)));
      } else if (std::exchange(metadata_seen, true)) {
        fail("[safetensors] {}: {} stands twice", what_, kMetadata);
      } else {
        metadata(header.metadata);
      }
    });
    json_.end();
    return header;
  }

 private:
  static constexpr size_t kMaxDims = 16;
  static constexpr uint64_t kSurelyAllowedEntries = 65'536, kBytesAnEntry = 1024;

  /// Tensors and metadata alike: each costs more memory than the 10 to 50 bytes that it may take in the file.
  void count_entry() {
    if (entries_left_-- == 0)
      fail("[safetensors] {}: got more tensors and metadata than the {} that a file of {} bytes may have", what_,
           kSurelyAllowedEntries + file_size_ / kBytesAnEntry, file_size_);
  }

  void metadata(std::map<std::string, std::string>& into) {
    json_.object([&](std::string key) {
      count_entry();
      const auto [place, fresh] = into.try_emplace(std::move(key));
      if (!fresh) fail("[safetensors] {}: {}: \"{}\" stands twice", what_, kMetadata, shown(place->first));
      place->second = json_.text();
    });
  }

  TensorInfo tensor(std::string name) {
    const std::string where = fmt::format("{}: tensor \"{}\"", what_, shown(name));
    std::optional<Dtype> dtype;
    std::optional<std::vector<uint64_t>> shape, offsets;
    json_.object([&](const std::string& key) {
      const bool twice = (key == "dtype" && dtype) || (key == "shape" && shape) || (key == "data_offsets" && offsets);
      if (twice) fail("[safetensors] {}: \"{}\" stands twice", where, key);
      if (key == "dtype")
        dtype = this->dtype(where);
      else if (key == "shape")
        shape = naturals(kMaxDims, "a dimension", where);
      else if (key == "data_offsets")
        offsets = naturals(2, "an offset", where);
      else
        fail("[safetensors] {}: unknown key \"{}\"; known here: dtype, shape, data_offsets", where, shown(key));
    });
    for (auto [key, there] :
         {std::pair{"dtype", dtype.has_value()}, {"shape", shape.has_value()}, {"data_offsets", offsets.has_value()}})
      if (!there) fail("[safetensors] {}: the key \"{}\" is missing", where, key);
    if (offsets->size() != 2)
      fail("[safetensors] {}: got {} data_offsets, expected a begin and an end", where, offsets->size());
    TensorInfo tensor{std::move(name), *dtype, std::move(*shape), (*offsets)[0], (*offsets)[1]};
    if (tensor.end < tensor.begin)
      fail("[safetensors] {}: ends at {}, before it begins at {}", where, tensor.end, tensor.begin);
    const uint64_t expected = tensor_bytes(*dtype, tensor.shape, where);
    if (tensor.bytes() != expected)
      fail("[safetensors] {}: got {} bytes, expected {} for its dtype and shape", where, tensor.bytes(), expected);
    return tensor;
  }

  Dtype dtype(const std::string& where) {
    const std::string name = json_.text();
    const auto known = dtype_named(name);
    if (!known) fail("[safetensors] {}: dtype {} is not supported", where, shown(name));
    return *known;
  }

  std::vector<uint64_t> naturals(size_t most, const char* item, const std::string& where) {
    std::vector<uint64_t> numbers;
    json_.array([&] {
      if (numbers.size() == most) fail("[safetensors] {}: {} too many, expected at most {}", where, item, most);
      numbers.push_back(json_.natural());
    });
    return numbers;
  }

  JsonCursor json_;
  std::string_view what_;
  uint64_t file_size_, entries_left_;
};

void require_different_names(std::vector<TensorInfo>& tensors, std::string_view what) {
  // Sorting, not hashing: no choice of names makes it slow.
  std::sort(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(tensors.begin(), tensors.end(),
                                        [](const TensorInfo& a, const TensorInfo& b) { return a.name == b.name; });
  if (twice != tensors.end()) fail("[safetensors] {}: the tensor \"{}\" stands twice", what, shown(twice->name));
}

/// No holes, no overlap, no trailer: then one file cannot be two things, nor small files claim much memory.
void require_gapless(const SafetensorsHeader& header, uint64_t file_size, std::string_view what) {
  uint64_t at = 0;
  for (const auto& tensor : header.tensors) {
    if (tensor.begin != at)
      fail("[safetensors] {}: tensor \"{}\" begins at byte {}, expected {}: a {}", what, shown(tensor.name), tensor.begin,
           at, tensor.begin < at ? "tensor overlaps it" : "hole lies before it");
    at = tensor.end;
  }
  const uint64_t present = file_size - header.data_start;
  if (at != present)
    fail("[safetensors] {}: got {} bytes of tensors, expected {}; the file {}", what, present, at,
         present < at ? "is cut short" : "has something after them");
}

}  // namespace

uint64_t size_of(Dtype dtype) { return kDtypes[size_t(dtype)].size; }
std::string_view name_of(Dtype dtype) { return kDtypes[size_t(dtype)].name; }

SafetensorsHeader parse_safetensors_header(std::string_view head, uint64_t file_size, std::string_view what) {
  const uint64_t length = json_length(head, file_size, what);
  if (head.size() - kLengthBytes < length)
    fail("[safetensors] {}: got {} bytes of a header of {}", what, head.size() - kLengthBytes, length);
  const std::string_view text = head.substr(kLengthBytes, length);
  if (!text.starts_with('{')) fail("[safetensors] {}: the header does not start with '{{'", what);
  SafetensorsHeader header = HeaderReader(text, file_size, what).read(kLengthBytes + length);
  require_different_names(header.tensors, what);
  std::sort(header.tensors.begin(), header.tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  require_gapless(header, file_size, what);
  return header;
}

namespace {

/// Exactly `bytes` bytes from `offset` on.
void read_at(int fd, uint64_t offset, uint64_t bytes, char* into, const fs::path& path) {
  for (uint64_t done = 0; done < bytes;) {
    const ssize_t n = ::pread(fd, into + done, bytes - done, off_t(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("[safetensors] {}: {}", path.string(), std::strerror(errno));
    if (n == 0) fail("[safetensors] {}: ends at byte {}; it shrank while it was read", path.string(), offset + done);
    done += uint64_t(n);
  }
}

uint64_t size_of_regular_file(int fd, const fs::path& path) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) fail("[safetensors] {}: {}", path.string(), std::strerror(errno));
  if (!S_ISREG(info.st_mode)) fail("[safetensors] {}: not a regular file", path.string());
  return uint64_t(info.st_size);
}

SafetensorsHeader read_header(int fd, const fs::path& path) {
  const uint64_t file_size = size_of_regular_file(fd, path);
  std::string head(std::min<uint64_t>(64, file_size), '\0');
  read_at(fd, 0, head.size(), head.data(), path);
  refuse_pointer(head, path.string());
  head.resize(std::min(kLengthBytes, file_size));
  head.resize(kLengthBytes + json_length(head, file_size, path.string()));
  read_at(fd, 0, head.size(), head.data(), path);
  return parse_safetensors_header(head, file_size, path.string());
}

int open_for_reading(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail("[safetensors] {}: {}", path.string(), std::strerror(errno));
  return fd;
}

}  // namespace

SafetensorsFile::SafetensorsFile(const fs::path& path) : path_(path), fd_(open_for_reading(path)) {
  try {
    header_ = read_header(fd_, path_);
    by_name_.resize(header_.tensors.size());
    std::iota(by_name_.begin(), by_name_.end(), size_t(0));
    std::sort(by_name_.begin(), by_name_.end(),
              [&](size_t a, size_t b) { return header_.tensors[a].name < header_.tensors[b].name; });
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

SafetensorsFile::SafetensorsFile(SafetensorsFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      header_(std::move(other.header_)),
      by_name_(std::move(other.by_name_)) {}

SafetensorsFile::~SafetensorsFile() {
  if (fd_ >= 0) ::close(fd_);
}

const TensorInfo* SafetensorsFile::look_up(std::string_view name) const {
  const auto place = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                      [&](size_t i, std::string_view wanted) { return header_.tensors[i].name < wanted; });
  if (place == by_name_.end() || header_.tensors[*place].name != name) return nullptr;
  return &header_.tensors[*place];
}

const TensorInfo& SafetensorsFile::find(const std::string& name) const {
  const TensorInfo* found = look_up(name);
  if (!found) fail("[safetensors] {}: has no tensor \"{}\"", path_.string(), shown(name));
  return *found;
}

void SafetensorsFile::read(const TensorInfo& tensor, uint64_t from, uint64_t bytes, void* into) const {
  if (from > tensor.bytes() || bytes > tensor.bytes() - from)
    fail("[safetensors] {}: tensor \"{}\": asked for bytes {} to {} of {}", path_.string(), shown(tensor.name), from,
         from + bytes, tensor.bytes());
  read_at(fd_, header_.data_start + tensor.begin + from, bytes, static_cast<char*>(into), path_);
}

void SafetensorsWriter::add(std::string name, Dtype dtype, std::vector<uint64_t> shape, const void* data) {
  const uint64_t bytes = tensor_bytes(dtype, shape, name);
  const auto later = std::find_if(views_.begin(), views_.end(),
                                  [&](const View& view) { return std::tie(dtype, name) < std::tie(view.dtype, view.name); });
  views_.insert(later, {std::move(name), dtype, std::move(shape), {static_cast<const char*>(data), bytes}});
}

std::string SafetensorsWriter::head(const fs::path& path) const {
  Json json = Json::object();
  if (!metadata_.empty()) json[std::string(kMetadata)] = metadata_;
  uint64_t at = 0;
  for (const View& view : views_) {
    if (json.contains(view.name)) fail("[safetensors] {}: two tensors are named \"{}\"", path.string(), shown(view.name));
    const uint64_t end = at + view.bytes.size();
    json[view.name] = {{"dtype", name_of(view.dtype)}, {"shape", view.shape}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text;
  try {
    text = json.dump();
  } catch (const Json::exception&) {
    fail("[safetensors] {}: a tensor's name or the metadata is not UTF-8", path.string());
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), kLengthBytes) + text;
}

void SafetensorsWriter::write(const fs::path& path) const {
  const std::string head = this->head(path);
  std::vector<std::string_view> parts{head};
  uint64_t total = head.size();
  for (const View& view : views_) {
    parts.push_back(view.bytes);
    total += view.bytes.size();
  }
  parse_safetensors_header(head, total, path.string());  // never write what we would not read
  write_atomic(path, parts);
}

}  // namespace fairfight
