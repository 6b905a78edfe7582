#include "fairfight/io/texts.h"

#include <sstream>

#include "fairfight/io/tokenizer/unicode.h"
#include "fuzz/promise.h"
#include "fuzz/targets.h"

namespace fairfight::fuzz {

/// Texts are UTF-8, in any format, and come back from a table in which every value is quoted.
void texts(std::string_view bytes) {
  const auto read = [](const std::string& source, TextFormat format, size_t at_most = SIZE_MAX) {
    std::istringstream in(source);
    std::vector<std::string> texts;
    for (auto& text : read_texts(in, format, "fuzz", "text", at_most)) texts.push_back(std::move(text.text));
    return texts;
  };
  for (const auto format : {TextFormat::plain, TextFormat::json_lines, TextFormat::csv})
    done_or_refused([&] {
      const auto all = read(std::string(bytes), format);
      std::string table = "text\n";
      for (const auto& text : all) {
        require(unicode::is_utf8(text), "a text is UTF-8");
        table += '"';
        for (const char c : text) table += c == '"' ? "\"\"" : std::string(1, c);
        table += "\"\n";
      }
      require(read(table, TextFormat::csv) == all, "a table gives back what was written into it");
      require(read(std::string(bytes), format, 1).front() == all.front(), "the first text hangs on nothing behind it");
    });
}

}  // namespace fairfight::fuzz
