#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/model.h"
#include "fairfight/io/tokenizer/unicode.h"

namespace fairfight {
namespace {

constexpr double kUnknownPenalty = 10;  // below the least likely piece; SentencePiece's number

/// The most likely way to cut a text into pieces that each have a log-probability.
class Unigram : public TokenModel {
 public:
  Unigram(Vocabulary vocabulary, std::string what, std::vector<double> scores, int32_t unknown, bool byte_fallback)
      : TokenModel(std::move(vocabulary), std::move(what)), scores_(std::move(scores)), unknown_(unknown) {
    std::vector<std::string_view> pieces;
    std::vector<int32_t> ids;
    for (size_t id = 0; id < vocabulary_.ids(); ++id) {
      unknown_score_ = std::min(unknown_score_, scores_[id] - kUnknownPenalty);
      const std::string_view piece = vocabulary_.piece(int32_t(id));
      if (vocabulary_.find(piece) != int32_t(id)) continue;  // it stands again further on
      pieces.push_back(piece);
      ids.push_back(int32_t(id));
    }
    table_ = PrefixTable(std::move(pieces), std::move(ids));
    if (byte_fallback) bytes_ = byte_pieces(vocabulary_);
  }

  void encode(std::string_view text, std::vector<int32_t>& ids) const override {
    std::vector<End> ends(text.size() + 1);
    for (size_t at = 0; at < text.size();) {
      size_t behind = at;
      unicode::next(text, behind);
      bool single = false;  // the character is a piece
      const auto offer = [&](size_t end, int32_t id, double score) {
        const double total = score + ends[at].score;
        if (ends[end].id != kNone && total <= ends[end].score) return;
        if (id < 0)
          fail("[tokenizer] {}: there is no piece for \"{}\", and no unk_id", what_, shown(text.substr(at, end - at)));
        ends[end] = {total, at, id};
      };
      table_.prefixes(text.substr(at), [&](size_t bytes, int32_t id) {
        offer(at + bytes, id, scores_[size_t(id)]);
        single = single || at + bytes == behind;
      });
      if (!single) offer(behind, unknown_, unknown_score_);
      at = behind;
    }
    trace(text, ends, ids);
  }

 private:
  static constexpr int32_t kNone = -1;
  struct End {  // of the best path to here: its score, and its last piece
    double score = 0;
    size_t begin = 0;
    int32_t id = kNone;
  };

  /// The best path, those of its unknown pieces that stand side by side as one.
  void trace(std::string_view text, const std::vector<End>& ends, std::vector<int32_t>& ids) const {
    std::vector<std::pair<size_t, size_t>> path;
    bool last_unknown = false;
    for (size_t end = text.size(); end > 0; end = ends[end].begin) {
      const bool unknown = ends[end].id == unknown_;
      if (unknown && last_unknown)
        path.back().first = ends[end].begin;
      else
        path.push_back({ends[end].begin, end});
      last_unknown = unknown;
    }
    for (auto step = path.rbegin(); step != path.rend(); ++step)
      put(text.substr(step->first, step->second - step->first), ids);
  }

  void put(std::string_view part, std::vector<int32_t>& ids) const {
    if (const int32_t id = vocabulary_.find(part); id >= 0) return ids.push_back(id);
    bool all = !bytes_.empty();
    for (char c : part) all = all && bytes_[static_cast<unsigned char>(c)] >= 0;
    if (all) {
      for (char c : part) ids.push_back(bytes_[static_cast<unsigned char>(c)]);
      return;
    }
    ids.push_back(unknown_);
  }

  std::vector<double> scores_;  // by id
  int32_t unknown_;             // -1: there is none
  double unknown_score_ = 1e300;
  PrefixTable table_;
  std::vector<int32_t> bytes_;  // empty: no byte fallback
};

}  // namespace

std::unique_ptr<TokenModel> read_unigram(LazyFields& fields) {
  const bool byte_fallback = fields.flag_or("byte_fallback", false);
  auto unknown = fields.find("unk_id");
  JsonCursor cursor = fields.at("vocab");
  fields.finish();
  Vocabulary vocabulary;
  std::vector<double> scores;
  cursor.array([&] {
    size_t n = 0;
    std::string piece;
    cursor.array([&] {
      if (n == 0) piece = cursor.text("a piece");
      if (n == 1) scores.push_back(cursor.number());
      if (n++ == 2) cursor.refuse("a piece and its score");
    });
    if (n != 2) cursor.refuse("a piece and its score");
    vocabulary.add_again(piece, int32_t(scores.size() - 1));  // trainers do write a piece twice
  });
  const uint64_t unknown_id = unknown ? unknown->natural() : 0;
  if (scores.empty() || unknown_id >= scores.size())
    fail("[tokenizer] {}: unk_id is {}, and there are {} pieces", fields.what(), unknown_id, scores.size());
  return std::make_unique<Unigram>(std::move(vocabulary), fields.what(), std::move(scores),
                                   unknown ? int32_t(unknown_id) : -1, byte_fallback);
}

}  // namespace fairfight
