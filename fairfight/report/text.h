#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairfight {

/// Untrusted text made harmless for a terminal or a page: bytes that are not UTF-8 become U+FFFD, control characters become
/// spaces (no escape sequence survives), and marks that turn the direction of writing are dropped.
std::string plain(std::string_view untrusted);

/// A name as a reader likes it: "false_fact" -> "false fact".
std::string spoken(std::string_view name);

// Numbers, all with a real minus sign (U+2212).
std::string fixed(double value, int digits);            // "0.842"
std::string signed_fixed(double value, int digits);     // "+0.071", "−0.071", "0.000"
std::string percent(double fraction, int digits = 1);   // 0.0123 -> "1.2 %"
std::string share_text(double fraction);                // "none", "0.01 %", "10 %"
std::string between(double low, double high);           // "0.816–0.848", "−0.052 to 0.013"
std::string si(double amount);                          // three digits and a prefix: "1.25 T", "600"
std::string thousands(int64_t amount);                  // "400,000"
std::string duration(double seconds);                   // "0.8 s", "3 min 20 s", "2 h 5 min"

/// "1 seed", "3 seeds"
std::string counted(int64_t amount, std::string_view noun);

/// Characters (code points), which is columns for the scripts that titles are written in.
size_t width_of(std::string_view text);

/// Padded with spaces, or cut with an ellipsis, to exactly `width` characters.
std::string align_left(std::string_view text, size_t width);
std::string align_right(std::string_view text, size_t width);

/// Lines of at most `width` characters, broken at spaces; a longer word has a line of its own.
std::vector<std::string> wrapped(std::string_view text, size_t width);

}  // namespace fairfight
