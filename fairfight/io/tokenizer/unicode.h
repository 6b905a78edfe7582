#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// Unicode as `tokenizers` knows it. Its parts come from different versions of the standard (9 for marks and normal forms, 16
// for regular expressions, 17 for letter case); the tables here say so once, whatever version the installed ICU and PCRE2
// have.
namespace fairfight::unicode {

/// The character at `at`, which moves after it. The text is valid UTF-8.
char32_t next(std::string_view text, size_t& at);
void append(std::string& text, char32_t character);
size_t begin_of_last(std::string_view text);  // character; there is one
char32_t last(std::string_view text);
/// Bytes of the character at the start of `text`; 0: it is no UTF-8.
size_t length(std::string_view text);
bool is_utf8(std::string_view text);
/// What is no UTF-8 becomes U+FFFD, one for each longest beginning of a character.
std::string with_replacements(std::string_view bytes);
size_t count(std::string_view text);  // characters

bool is_white_space(char32_t c);
bool is_numeric(char32_t c);
bool is_punctuation(char32_t c);
bool is_word(char32_t c);  // \w
bool is_combining_mark(char32_t c);
bool is_unspaced(char32_t c);  // of a script that writes words without spaces between them: Han, kana, Thai, Lao, Khmer, Burmese ...
bool is_opening(char32_t c);   // a bracket or a quotation mark that stands before what it is about
bool is_closing(char32_t c);   // ... after it
bool ends_sentence(char32_t c);

enum class Form { nfc,
                  nfd,
                  nfkc,
                  nfkd };
std::string normalized(std::string_view text, Form form);
void append_lowercase(std::string& text, char32_t c);
// As Python's str has them: whole mappings (ß becomes SS), and a sigma at a word's end is one of its own.
std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string capitalized(std::string_view text);
bool is_cased(char32_t c);
bool is_printable(char32_t c);
bool is_python_space(char32_t c);  // what str.strip takes off
std::string_view without_space_behind(std::string_view text);
std::string_view trimmed(std::string_view text);
/// Where words and what stands between them end (UAX 29); in scripts without spaces by ICU's dictionaries.
std::vector<size_t> word_ends(std::string_view text);
/// Where the user-perceived characters end.
std::vector<size_t> grapheme_ends(std::string_view text);

/// The characters that got the general category `name` ("L", "Lu", ...) in Unicode 15 and 16, as items of a regular
/// expression's class. Null: such a category is not known here.
const char* later_members(std::string_view category);

}  // namespace fairfight::unicode
