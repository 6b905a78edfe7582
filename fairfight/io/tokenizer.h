#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fairfight/base/json.h"

namespace fairfight {

struct Frame;

/// A Hugging Face `tokenizer.json`: byte-level BPE (GPT-2, NeoX, Llama 3, Qwen, OLMo), BPE with byte fallback (Llama 2,
/// Mistral, Gemma), Unigram or WordLevel, with the parts around them. Gives the ids that `tokenizers` gives. What is not
/// implemented is refused by its name, because ids that differ silently ruin every number downstream.
///
/// Ids lie in 0 .. size() - 1; a file may leave holes in between. Copies share one state; several threads may use it at
/// once.
class Tokenizer {
 public:
  explicit Tokenizer(const std::filesystem::path& tokenizer_json);
  static Tokenizer parse(std::string_view tokenizer_json, std::string_view what);  // `what` names the source in errors

  /// See word_level_json.
  static Tokenizer from_words(const std::vector<std::string>& words, const std::vector<std::string>& specials);

  /// The text is UTF-8. Without `add_special_tokens`, there is no <bos> or <eos> but those in the text. Errors: something
  /// without a piece, if there is no unknown token.
  std::vector<int32_t> encode(std::string_view text, bool add_special_tokens = false) const;
  /// Bytes of the text that the first of its tokens stands for, in the text as it was given: a space that only the tokenizer has put
  /// before it is none, and one byte of a letter is one. No token: 0.
  size_t bytes_of_first(std::string_view text) const;
  const Frame& frame() const;  // the special tokens that it puts around a text (io/tokenizer/post_processors.h)
  /// An id without a piece is nothing, as in `tokenizers`: a hole, or one of the model's rows after size(). Errors: a negative id.
  std::string decode(std::span<const int32_t> ids, bool skip_special_tokens = false) const;

  /// A model's embedding has rows for so many ids only: a text with another one is an error, which names the piece.
  void limit_to(int64_t rows) { rows_ = rows; }

  size_t size() const;
  std::optional<int32_t> find(std::string_view piece) const;
  int32_t id(std::string_view piece) const;  // of a piece that must be there
  std::string_view piece(int32_t id) const;  // as the file writes it; empty if there is none; errors: a negative id
  std::vector<std::string> pieces() const;   // by id

 private:
  struct Parts;
  explicit Tokenizer(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<const Parts> parts_;
  int64_t rows_ = INT64_MAX;
};

/// The file of a WordLevel tokenizer after the pre-tokenizer WhitespaceSplit: `words` in the order of their ids. Those in
/// `specials` (<bos> ...) become added tokens; "<unk>", if there is one, stands for unknown words. Every word encodes to
/// itself: one that is empty, or that a space or a special token would split, is refused; so encode(decode(ids)) == ids.
/// A "<bos>" among the specials stands before every text.
Json word_level_json(const std::vector<std::string>& words, const std::vector<std::string>& specials);

}  // namespace fairfight
