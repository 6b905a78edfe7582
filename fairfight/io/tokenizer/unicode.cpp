#include "fairfight/io/tokenizer/unicode.h"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <map>
#include <memory>

#include "fairfight/base/error.h"

namespace fairfight::unicode {
namespace {

struct Range {
  char32_t first, last;
};

// What younger versions of Unicode than that of ICU 72 (15.0) have; an ICU that knows them loses nothing by it.
constexpr Range kLaterNumbers[] = {{0x10d40, 0x10d49}, {0x116d0, 0x116e3}, {0x11bf0, 0x11bf9}, {0x11de0, 0x11de9}, {0x11f50, 0x11f59}, {0x16130, 0x16139}, {0x16d70, 0x16d79}, {0x16ff4, 0x16ff6}, {0x1ccf0, 0x1ccf9}, {0x1d2c0, 0x1d2d3}, {0x1e4f0, 0x1e4f9}, {0x1e5f1, 0x1e5fa}};
constexpr Range kLaterWords[] = {
    {0x897, 0x897}, {0x1c89, 0x1c8a}, {0x200c, 0x200d}, {0xa7cb, 0xa7cd}, {0xa7da, 0xa7dc}, {0x105c0, 0x105f3}, {0x10d40, 0x10d65}, {0x10d69, 0x10d6d}, {0x10d6f, 0x10d85}, {0x10ec2, 0x10ec4}, {0x10efc, 0x10efc}, {0x11380, 0x11389}, {0x1138b, 0x1138b}, {0x1138e, 0x1138e}, {0x11390, 0x113b5}, {0x113b7, 0x113c0}, {0x113c2, 0x113c2}, {0x113c5, 0x113c5}, {0x113c7, 0x113ca}, {0x113cc, 0x113d3}, {0x113e1, 0x113e2}, {0x116d0, 0x116e3}, {0x11bc0, 0x11be0}, {0x11bf0, 0x11bf9}, {0x11f5a, 0x11f5a}, {0x13460, 0x143fa}, {0x16100, 0x16139}, {0x16d40, 0x16d6c}, {0x16d70, 0x16d79}, {0x18cff, 0x18cff}, {0x1ccf0, 0x1ccf9}, {0x1e5d0, 0x1e5fa}, {0x2ebf0, 0x2ee5d}};
constexpr Range kLaterMarks[] = {{0x897, 0x897}, {0x10d69, 0x10d6d}, {0x10efc, 0x10efc}, {0x113b8, 0x113c0}, {0x113c2, 0x113c2}, {0x113c5, 0x113c5}, {0x113c7, 0x113ca}, {0x113cc, 0x113d0}, {0x113d2, 0x113d2}, {0x113e1, 0x113e2}, {0x11f5a, 0x11f5a}, {0x1611e, 0x1612f}, {0x1e5ee, 0x1e5ef}};
struct Lower {
  char32_t first, last, to;
};
constexpr Lower kLaterLower[] = {{0x1c89, 0x1c89, 0x1c8a}, {0xa7cb, 0xa7cb, 0x264}, {0xa7cc, 0xa7cc, 0xa7cd}, {0xa7ce, 0xa7ce, 0xa7cf}, {0xa7d2, 0xa7d2, 0xa7d3}, {0xa7d4, 0xa7d4, 0xa7d5}, {0xa7da, 0xa7da, 0xa7db}, {0xa7dc, 0xa7dc, 0x19b}, {0x10d50, 0x10d65, 0x10d70}, {0x16ea0, 0x16eb8, 0x16ebb}};

template <size_t n>
bool contains(const Range (&ranges)[n], char32_t c) {
  const auto behind =
      std::upper_bound(std::begin(ranges), std::end(ranges), c, [](char32_t x, Range r) { return x < r.first; });
  return behind != std::begin(ranges) && c <= std::prev(behind)->last;
}

bool good(UErrorCode code, const char* what) {
  if (U_FAILURE(code)) fail("[unicode] ICU gives no {}: {}", what, u_errorName(code));
  return true;
}

icu::UnicodeSet set_of(const char* pattern) {
  UErrorCode code = U_ZERO_ERROR;
  icu::UnicodeSet set(icu::UnicodeString::fromUTF8(pattern), code);
  good(code, pattern);
  set.freeze();
  return set;
}

unsigned at(std::string_view text, size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; }

/// How many bytes of `text` are the beginning of a character, and whether it is whole.
struct Beginning {
  size_t bytes;
  bool whole;
};
Beginning beginning(std::string_view text) {
  const unsigned lead = at(text, 0), second = at(text, 1);
  const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0
                                      : lead < 0xe0   ? 2
                                      : lead < 0xf0   ? 3
                                      : lead < 0xf5   ? 4
                                                      : 0;
  if (length < 2) return {1, length == 1};
  const unsigned low = lead == 0xe0   ? 0xa0
                       : lead == 0xf0 ? 0x90
                                      : 0x80,
                 high = lead == 0xed   ? 0x9f
                        : lead == 0xf4 ? 0x8f
                                       : 0xbf;
  if (text.size() < 2 || second < low || second > high) return {1, false};
  for (size_t i = 2; i < length; ++i)
    if ((at(text, i) & 0xc0) != 0x80) return {i, false};
  return {length, true};
}

std::unique_ptr<icu::BreakIterator> breaks_by(icu::BreakIterator* (*make)(const icu::Locale&, UErrorCode&)) {
  UErrorCode code = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> breaks(make(icu::Locale::getRoot(), code));
  good(code, "boundaries");
  return breaks;
}

std::vector<size_t> ends_by(icu::BreakIterator& breaks, std::string_view text) {
  std::vector<size_t> ends;
  UErrorCode code = U_ZERO_ERROR;
  UText* view = utext_openUTF8(nullptr, text.data(), int64_t(text.size()), &code);
  breaks.setText(view, code);
  if (U_SUCCESS(code))
    for (int32_t end = breaks.next(); end != icu::BreakIterator::DONE; end = breaks.next()) ends.push_back(size_t(end));
  utext_close(view);
  good(code, "boundaries");
  return ends;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
}

template <class Map>
std::string mapped(std::string_view text, const char* what, Map map) {
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  UErrorCode code = U_ZERO_ERROR;
  map(icu::StringPiece(text.data(), int32_t(text.size())), sink, code);
  good(code, what);
  return result;
}

}  // namespace

char32_t next(std::string_view text, size_t& i) {
  const unsigned lead = at(text, i);
  if (lead < 0x80) return ++i, lead;
  const size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3
                                                      : 4;
  char32_t c = lead & (0xff >> (length + 1));
  for (size_t k = 1; k < length; ++k) c = c << 6 | (at(text, i + k) & 0x3f);
  i += length;
  return c;
}

size_t begin_of_last(std::string_view text) {
  size_t at = text.size() - 1;
  while (at > 0 && (text[at] & 0xc0) == 0x80) --at;
  return at;
}

char32_t last(std::string_view text) {
  size_t at = begin_of_last(text);
  return next(text, at);
}

void append(std::string& text, char32_t c) {
  const auto tail = [&](int shift) { text += char(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) {
    text += char(c);
  } else if (c < 0x800) {
    text += char(0xc0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    text += char(0xe0 | (c >> 12));
    tail(6), tail(0);
  } else {
    text += char(0xf0 | (c >> 18));
    tail(12), tail(6), tail(0);
  }
}

size_t length(std::string_view text) {
  if (text.empty()) return 0;
  const Beginning first = beginning(text);
  return first.whole ? first.bytes : 0;
}

bool is_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const size_t step = length(text.substr(i));
    if (step == 0) return false;
    i += step;
  }
  return true;
}

std::string with_replacements(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Beginning first = beginning(bytes);
    if (first.whole)
      text += bytes.substr(0, first.bytes);
    else
      append(text, 0xfffd);
    bytes.remove_prefix(first.bytes);
  }
  return text;
}

size_t count(std::string_view text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool is_white_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
         c == 0x202f || c == 0x205f || c == 0x3000;
}

bool is_numeric(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return (U_MASK(u_charType(UChar32(c))) & U_GC_N_MASK) != 0 || contains(kLaterNumbers, c);
}

bool is_punctuation(char32_t c) {  // of Unicode 8
  static const icu::UnicodeSet marks =
      set_of("[[[:P:]&[:age=8.0:]] \\u166d \\U000111c9 \\u0021-\\u002f \\u003a-\\u0040 \\u005b-\\u0060 \\u007b-\\u007e]");
  return marks.contains(UChar32(c));
}

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  return u_hasBinaryProperty(UChar32(c), UCHAR_ALPHABETIC) ||
         (U_MASK(u_charType(UChar32(c))) & (U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK)) != 0 || contains(kLaterWords, c);
}

bool is_combining_mark(char32_t c) {  // of Unicode 9
  static const icu::UnicodeSet marks = set_of("[[[:M:]&[:age=9.0:]-[\\U000111c9]] \\u1cf2 \\u1cf3]");
  return c >= 0x300 && marks.contains(UChar32(c));
}

bool is_unspaced(char32_t c) {
  if (c < 0xe00) return false;  // before Thai there is none
  UErrorCode code = U_ZERO_ERROR;
  return uscript_breaksBetweenLetters(uscript_getScript(UChar32(c), &code)) && U_SUCCESS(code);
}

bool is_opening(char32_t c) { return (U_MASK(u_charType(UChar32(c))) & (U_GC_PS_MASK | U_GC_PI_MASK)) != 0; }

bool is_closing(char32_t c) {
  return c == '"' || c == '\'' || (U_MASK(u_charType(UChar32(c))) & (U_GC_PE_MASK | U_GC_PF_MASK | U_GC_PI_MASK)) != 0;  // German quotes close with Pi
}

bool ends_sentence(char32_t c) { return u_hasBinaryProperty(UChar32(c), UCHAR_S_TERM); }

std::string normalized(std::string_view text, Form form) {  // of Unicode 9: what is younger stays as it is
  if (is_ascii(text)) return std::string(text);
  static const icu::UnicodeSet known = set_of("[:age=9.0:]");
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* all = form == Form::nfc    ? icu::Normalizer2::getNFCInstance(code)
                                : form == Form::nfd  ? icu::Normalizer2::getNFDInstance(code)
                                : form == Form::nfkc ? icu::Normalizer2::getNFKCInstance(code)
                                                     : icu::Normalizer2::getNFKDInstance(code);
  good(code, "normal form");
  const icu::FilteredNormalizer2 normalizer(*all, known);
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  normalizer.normalizeUTF8(0, icu::StringPiece(text.data(), int32_t(text.size())), sink, nullptr, code);
  good(code, "normal form");
  return result;
}

void append_lowercase(std::string& text, char32_t c) {
  if (c == 0x130) {  // the only one that becomes two
    text += "i\u0307";
    return;
  }
  for (const Lower& later : kLaterLower)
    if (c >= later.first && c <= later.last) return append(text, later.to + (c - later.first));
  append(text, char32_t(u_tolower(UChar32(c))));
}

std::string upper(std::string_view text) {
  return mapped(text, "upper case", [](auto in, auto& out, auto& code) { icu::CaseMap::utf8ToUpper("", 0, in, out, nullptr, code); });
}

std::string lower(std::string_view text) {
  return mapped(text, "lower case", [](auto in, auto& out, auto& code) { icu::CaseMap::utf8ToLower("", 0, in, out, nullptr, code); });
}

std::string capitalized(std::string_view text) {
  if (text.empty()) return "";
  const std::string_view first = text.substr(0, length(text));
  return mapped(first, "title case", [](auto in, auto& out, auto& code) { icu::CaseMap::utf8ToTitle("", U_TITLECASE_WHOLE_STRING | U_TITLECASE_NO_BREAK_ADJUSTMENT, nullptr, in, out, nullptr, code); }) +
         lower(text).substr(lower(first).size());
}

bool is_cased(char32_t c) { return u_hasBinaryProperty(UChar32(c), UCHAR_CASED); }

bool is_printable(char32_t c) {
  return c == ' ' || (U_MASK(u_charType(UChar32(c))) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK | U_GC_CO_MASK | U_GC_CN_MASK | U_GC_Z_MASK)) == 0;
}

bool is_python_space(char32_t c) { return is_white_space(c) || (c >= 0x1c && c <= 0x1f); }

std::string_view without_space_behind(std::string_view text) {
  while (!text.empty() && is_white_space(last(text))) text.remove_suffix(text.size() - begin_of_last(text));
  return text;
}

std::string_view trimmed(std::string_view text) {
  text = without_space_behind(text);
  for (size_t at = 0; !text.empty() && is_white_space(next(text, at)); at = 0) text.remove_prefix(at);
  return text;
}

std::vector<size_t> word_ends(std::string_view text) {
  static thread_local const auto words = breaks_by(icu::BreakIterator::createWordInstance);
  return ends_by(*words, text);
}

std::vector<size_t> grapheme_ends(std::string_view text) {
  std::vector<size_t> ends;
  if (is_ascii(text)) {
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] != '\r' || at(text, i + 1) != '\n') ends.push_back(i + 1);
    return ends;
  }
  static thread_local const auto characters = breaks_by(icu::BreakIterator::createCharacterInstance);
  ends = ends_by(*characters, text);
  std::erase_if(ends, [&](size_t end) {  // a mark joins what stands before it, unless that is a control character
    size_t before = end;
    while (before > 0 && (text[--before] & 0xc0) == 0x80) {
    }
    if (end == text.size() || !contains(kLaterMarks, next(text, end))) return false;
    const int kind = u_getIntPropertyValue(UChar32(next(text, before)), UCHAR_GRAPHEME_CLUSTER_BREAK);
    return kind != U_GCB_CONTROL && kind != U_GCB_CR && kind != U_GCB_LF;
  });
  return ends;
}

const char* later_members(std::string_view category) {
  static const std::map<std::string_view, const char*> members{
      {"L",
       "\\x{1c89}-\\x{1c8a}\\x{a7cb}-\\x{a7cd}\\x{a7da}-\\x{a7dc}\\x{105c0}-\\x{105f3}\\x{10d4a}-\\x{10d65}"
       "\\x{10d6f}-\\x{10d85}\\x{10ec2}-\\x{10ec4}\\x{1123f}-\\x{11240}\\x{11380}-\\x{11389}\\x{1138b}\\x{1138e}"
       "\\x{11390}-\\x{113b5}\\x{113b7}\\x{113d1}\\x{113d3}\\x{11bc0}-\\x{11be0}\\x{11f02}\\x{11f04}-\\x{11f10}"
       "\\x{11f12}-\\x{11f33}\\x{1342f}\\x{13441}-\\x{13446}\\x{13460}-\\x{143fa}\\x{16100}-\\x{1611d}"
       "\\x{16d40}-\\x{16d6c}\\x{18cff}\\x{1b132}\\x{1b155}\\x{1df25}-\\x{1df2a}\\x{1e030}-\\x{1e06d}"
       "\\x{1e4d0}-\\x{1e4eb}\\x{1e5d0}-\\x{1e5ed}\\x{1e5f0}\\x{2b739}\\x{2ebf0}-\\x{2ee5d}\\x{31350}-\\x{323af}"},
      {"M",
       "\\x{897}\\x{cf3}\\x{ece}\\x{10d69}-\\x{10d6d}\\x{10efc}-\\x{10eff}\\x{11241}\\x{113b8}-\\x{113c0}"
       "\\x{113c2}\\x{113c5}\\x{113c7}-\\x{113ca}\\x{113cc}-\\x{113d0}\\x{113d2}\\x{113e1}-\\x{113e2}"
       "\\x{11f00}-\\x{11f01}\\x{11f03}\\x{11f34}-\\x{11f3a}\\x{11f3e}-\\x{11f42}\\x{11f5a}\\x{13440}"
       "\\x{13447}-\\x{13455}\\x{1611e}-\\x{1612f}\\x{1e08f}\\x{1e4ec}-\\x{1e4ef}\\x{1e5ee}-\\x{1e5ef}"},
      {"N",
       "\\x{10d40}-\\x{10d49}\\x{116d0}-\\x{116e3}\\x{11bf0}-\\x{11bf9}\\x{11f50}-\\x{11f59}"
       "\\x{16130}-\\x{16139}\\x{16d70}-\\x{16d79}\\x{1ccf0}-\\x{1ccf9}\\x{1d2c0}-\\x{1d2d3}"
       "\\x{1e4f0}-\\x{1e4f9}\\x{1e5f1}-\\x{1e5fa}"},
      {"P",
       "\\x{1b4e}-\\x{1b4f}\\x{1b7f}\\x{10d6e}\\x{113d4}-\\x{113d5}\\x{113d7}-\\x{113d8}\\x{11b00}-\\x{11b09}"
       "\\x{11be1}\\x{11f43}-\\x{11f4f}\\x{16d6d}-\\x{16d6f}\\x{1e5ff}"},
      {"S",
       "\\x{2427}-\\x{2429}\\x{2ffc}-\\x{2fff}\\x{31e4}-\\x{31e5}\\x{31ef}\\x{10d8e}-\\x{10d8f}"
       "\\x{1cc00}-\\x{1ccef}\\x{1cd00}-\\x{1ceb3}\\x{1f6dc}\\x{1f774}-\\x{1f776}\\x{1f77b}-\\x{1f77f}\\x{1f7d9}"
       "\\x{1f8b2}-\\x{1f8bb}\\x{1f8c0}-\\x{1f8c1}\\x{1fa75}-\\x{1fa77}\\x{1fa87}-\\x{1fa89}\\x{1fa8f}"
       "\\x{1faad}-\\x{1faaf}\\x{1fabb}-\\x{1fabf}\\x{1fac6}\\x{1face}-\\x{1facf}\\x{1fada}-\\x{1fadc}\\x{1fadf}"
       "\\x{1fae8}-\\x{1fae9}\\x{1faf7}-\\x{1faf8}\\x{1fbcb}-\\x{1fbef}"},
      {"Z", ""},
      {"Lu", "\\x{1c89}\\x{a7cb}-\\x{a7cc}\\x{a7da}\\x{a7dc}\\x{10d50}-\\x{10d65}"},
      {"Ll", "\\x{1c8a}\\x{a7cd}\\x{a7db}\\x{10d70}-\\x{10d85}\\x{1df25}-\\x{1df2a}"},
      {"Lt", ""},
      {"Lm", "\\x{10d4e}\\x{10d6f}\\x{16d40}-\\x{16d42}\\x{16d6b}-\\x{16d6c}\\x{1e030}-\\x{1e06d}\\x{1e4eb}"},
      {"Lo",
       "\\x{105c0}-\\x{105f3}\\x{10d4a}-\\x{10d4d}\\x{10d4f}\\x{10ec2}-\\x{10ec4}\\x{1123f}-\\x{11240}"
       "\\x{11380}-\\x{11389}\\x{1138b}\\x{1138e}\\x{11390}-\\x{113b5}\\x{113b7}\\x{113d1}\\x{113d3}"
       "\\x{11bc0}-\\x{11be0}\\x{11f02}\\x{11f04}-\\x{11f10}\\x{11f12}-\\x{11f33}\\x{1342f}\\x{13441}-\\x{13446}"
       "\\x{13460}-\\x{143fa}\\x{16100}-\\x{1611d}\\x{16d43}-\\x{16d6a}\\x{18cff}\\x{1b132}\\x{1b155}"
       "\\x{1e4d0}-\\x{1e4ea}\\x{1e5d0}-\\x{1e5ed}\\x{1e5f0}\\x{2b739}\\x{2ebf0}-\\x{2ee5d}\\x{31350}-\\x{323af}"},
      {"Me", ""},
      {"Nd",
       "\\x{10d40}-\\x{10d49}\\x{116d0}-\\x{116e3}\\x{11bf0}-\\x{11bf9}\\x{11f50}-\\x{11f59}"
       "\\x{16130}-\\x{16139}\\x{16d70}-\\x{16d79}\\x{1ccf0}-\\x{1ccf9}\\x{1e4f0}-\\x{1e4f9}"
       "\\x{1e5f1}-\\x{1e5fa}"},
      {"Nl", ""},
      {"No", "\\x{1d2c0}-\\x{1d2d3}"},
      {"Pc", ""},
      {"Pd", "\\x{10d6e}"},
      {"Ps", ""},
      {"Pe", ""},
      {"Pi", ""},
      {"Pf", ""},
      {"Po",
       "\\x{1b4e}-\\x{1b4f}\\x{1b7f}\\x{113d4}-\\x{113d5}\\x{113d7}-\\x{113d8}\\x{11b00}-\\x{11b09}\\x{11be1}"
       "\\x{11f43}-\\x{11f4f}\\x{16d6d}-\\x{16d6f}\\x{1e5ff}"},
      {"Sm", "\\x{10d8e}-\\x{10d8f}"},
      {"Sc", ""},
      {"Sk", ""},
      {"So",
       "\\x{2427}-\\x{2429}\\x{2ffc}-\\x{2fff}\\x{31e4}-\\x{31e5}\\x{31ef}\\x{1cc00}-\\x{1ccef}"
       "\\x{1cd00}-\\x{1ceb3}\\x{1f6dc}\\x{1f774}-\\x{1f776}\\x{1f77b}-\\x{1f77f}\\x{1f7d9}\\x{1f8b2}-\\x{1f8bb}"
       "\\x{1f8c0}-\\x{1f8c1}\\x{1fa75}-\\x{1fa77}\\x{1fa87}-\\x{1fa89}\\x{1fa8f}\\x{1faad}-\\x{1faaf}"
       "\\x{1fabb}-\\x{1fabf}\\x{1fac6}\\x{1face}-\\x{1facf}\\x{1fada}-\\x{1fadc}\\x{1fadf}\\x{1fae8}-\\x{1fae9}"
       "\\x{1faf7}-\\x{1faf8}\\x{1fbcb}-\\x{1fbef}"},
      {"Zs", ""},
      {"Zl", ""},
      {"Zp", ""},
  };
  const auto found = members.find(category);
  return found == members.end() ? nullptr : found->second;
}

}  // namespace fairfight::unicode
