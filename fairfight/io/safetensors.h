#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

// The safetensors format (github.com/huggingface/safetensors, README "Format"): 8 bytes N, little-endian; N bytes of JSON,
// which gives every tensor its dtype, shape and place; then the tensors' bytes, without holes.

enum class Dtype { i64,
                   f64,
                   f32,
                   i32,
                   bf16,
                   f16,
                   i16,
                   i8,
                   u8,
                   boolean };  // a writer's order: wide ones first
uint64_t size_of(Dtype dtype);                                             // bytes an element
std::string_view name_of(Dtype dtype);                                     // as a header writes it: "F32"

struct TensorInfo {
  std::string name;
  Dtype dtype;
  std::vector<uint64_t> shape;  // empty: a scalar; a dimension may be 0
  uint64_t begin, end;          // bytes, counted from SafetensorsHeader::data_start

  uint64_t bytes() const { return end - begin; }
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<TensorInfo> tensors;  // by offset
  uint64_t data_start;              // bytes
};

/// Reads the start of a file: its 8 length bytes and its JSON. What it accepts is safe to read: the tensors lie one after
/// the other from `data_start` to the end of the file, without hole or overlap, each exactly as long as its dtype and shape
/// say. Errors name `what` (the file) and the tensor. Whatever the header holds, reading it takes well under a second and,
/// with `head`, memory of about twice the file: tensors have at most 16 dimensions, and a file at most 65,536 entries and
/// one more for each of its kilobytes.
SafetensorsHeader parse_safetensors_header(std::string_view head, uint64_t file_size, std::string_view what);

/// An open file. Reads with pread, not mmap: a file that shrinks is then an error and not a SIGBUS. Threads may share it.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(SafetensorsFile&& other) noexcept;
  SafetensorsFile& operator=(SafetensorsFile&&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const SafetensorsHeader& header() const { return header_; }
  bool has(const std::string& name) const { return look_up(name) != nullptr; }
  const TensorInfo& find(const std::string& name) const;

  /// All bytes of a tensor: `into` holds tensor.bytes().
  void read(const TensorInfo& tensor, void* into) const { read(tensor, 0, tensor.bytes(), into); }
  /// `bytes` bytes of a tensor, from its byte `from` on.
  void read(const TensorInfo& tensor, uint64_t from, uint64_t bytes, void* into) const;

 private:
  const TensorInfo* look_up(std::string_view name) const;  // null: there is none

  std::filesystem::path path_;
  int fd_;
  SafetensorsHeader header_;
  std::vector<size_t> by_name_;  // places in header_.tensors
};

/// Collects tensors, then writes them as one file. The bytes depend on the content only, and are those that the format's own
/// library writes: by dtype, so that each tensor is aligned, then by name.
class SafetensorsWriter {
 public:
  /// Keeps the pointer only: `data` must live until `write`.
  void add(std::string name, Dtype dtype, std::vector<uint64_t> shape, const void* data);
  void metadata(std::string key, std::string value) { metadata_[std::move(key)] = std::move(value); }
  /// Errors: a name twice, text that is not UTF-8, or what write_atomic refuses.
  void write(const std::filesystem::path& path) const;

 private:
  struct View {
    std::string name;
    Dtype dtype;
    std::vector<uint64_t> shape;
    std::string_view bytes;
  };
  std::string head(const std::filesystem::path& path) const;

  std::vector<View> views_;  // in the order of the file
  std::map<std::string, std::string> metadata_;
};

}  // namespace fairfight
