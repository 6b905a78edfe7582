#include "fairfight/exam/answers.h"

#include "fairfight/model/torch.h"

namespace fairfight {

Answers answers_of(const std::vector<Passage>& passages) {
  std::vector<Tokens> documents;
  std::vector<int64_t> answer_starts;
  for (const auto& p : passages) {
    documents.push_back(p.tokens);
    answer_starts.push_back(int64_t(p.answer_start));
  }
  const Batch batch = documents.empty() ? Batch{at::zeros({0, 1}, at::kLong), at::zeros({0, 1}, at::kBool)} : pad(documents);
  Answers answers{batch, at::zeros_like(batch.valid), at::tensor(answer_starts, at::kLong)};
  for (size_t i = 0; i < passages.size(); ++i)
    answers.answer[int64_t(i)].slice(0, int64_t(passages[i].answer_start), int64_t(passages[i].end)).fill_(true);
  return answers;
}

std::vector<Prompts> prompt_slices(const Answers& answers) {
  constexpr int64_t kDocuments = 64;
  std::vector<Prompts> parts;
  for (int64_t first = 0; first < answers.documents(); first += kDocuments) {
    const auto some = at::arange(first, std::min(first + kDocuments, answers.documents()));
    const auto answer_start = answers.answer_start.index_select(0, some);
    parts.push_back({cut(answers.batch.tokens.index_select(0, some), answer_start), answer_start - 1});
  }
  return parts;
}

}  // namespace fairfight
