#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"
#include "fairfight/io/conversations.h"

namespace fairfight {

enum class TextFormat { plain,
                        json_lines,
                        csv };
TextFormat text_format_of(const std::filesystem::path& path);  // by its ending; errors: none of .txt, .jsonl, .json, .csv

/// A text of a file. `rendered`: a conversation as a model's own template writes it, special tokens and all.
struct FileText {
  std::string text;
  bool rendered = false;
};

/// The texts of a file, in its order, UTF-8:
/// - .txt: one text, the whole file;
/// - .jsonl: one a line, the string `field` of a JSON object or, in its place, a conversation, `"messages": [...]`, for which
///   `chat` is needed; lines of white space are skipped. A JSON array of such objects does, too (.json or .jsonl);
/// - .csv (RFC 4180, a header first): one a record, its column `field`; a quoted value may go over several lines.
/// A text may be empty; other fields are ignored, and so is a byte order mark. Reads a line at a time and ends after `at_most`
/// texts; no size is too large but for the memory. Errors name the file's line: what is no UTF-8, no such object or record, or
/// has no such field; a file without a text; one that git-lfs has not fetched.
std::vector<FileText> read_texts(const std::filesystem::path& path, std::string_view field = "text", size_t at_most = SIZE_MAX,
                                 const Conversations* chat = nullptr);
std::vector<FileText> read_texts(std::istream& in, TextFormat format, std::string_view what, std::string_view field = "text", size_t at_most = SIZE_MAX,
                                 const Conversations* chat = nullptr);  // `what` names the source in errors

/// For lines with more than a text: calls `visit` with each line's object and "FILE:LINE", until it says false.
void read_json_lines(const std::filesystem::path& path, const std::function<bool(const Json& object, const std::string& where)>& visit);

}  // namespace fairfight
