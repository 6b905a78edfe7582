#include "fairfight/exam/questions.h"

#include "fairfight/base/stop.h"
#include "fairfight/exam/slices.h"
#include "fairfight/model/batch.h"
#include "fairfight/model/torch.h"

namespace fairfight {

Questionnaire::Questionnaire(const std::map<std::string, std::vector<Question>>& groups) {
  struct Item {
    const Question* question;
    const std::string* group;
    size_t index;
  };
  std::vector<Item> items;
  for (const auto& [name, questions] : groups) {
    const auto& key = sizes_.emplace(name, questions.size()).first->first;
    for (size_t i = 0; i < questions.size(); ++i) items.push_back({&questions[i], &key, i});
  }
  for (const auto& part : slices_of(items, [](const Item& i) { return i.question->prompt.size(); })) {
    std::vector<Tokens> prompts;
    Slice slice;
    size_t most = 1;
    for (const auto& item : part) most = std::max(most, item.question->targets.size());
    slice.targets = at::full({int64_t(part.size()), int64_t(most)}, -1, at::kLong);
    std::vector<int64_t> last;
    for (size_t i = 0; i < part.size(); ++i) {
      const Question& q = *part[i].question;
      prompts.push_back(q.prompt);
      last.push_back(int64_t(q.prompt.size()) - 1);
      for (size_t t = 0; t < q.targets.size(); ++t) slice.targets[int64_t(i)][int64_t(t)] = q.targets[t];
      slice.questions.emplace_back(part[i].group, part[i].index);
      slice.wrong.push_back(q.wrong);
    }
    const Batch batch = pad(prompts);
    slice.tokens = batch.tokens;
    slice.last = at::tensor(last, at::kLong);
    slices_.push_back(std::move(slice));
  }
}

std::map<std::string, std::vector<double>> Questionnaire::ask(const Answering& model) const {
  at::NoGradGuard no_grad;
  std::map<std::string, std::vector<double>> answers;
  for (const auto& [name, size] : sizes_) answers[name].resize(size);
  for (const auto& slice : slices_) {
    check_stop();
    const auto p = model(slice.tokens, Taps().only_at(slice.last)).probability(slice.targets.unsqueeze(1)).to(at::kDouble).contiguous();
    for (size_t i = 0; i < slice.questions.size(); ++i) {
      const double value = p.data_ptr<double>()[i];
      answers[*slice.questions[i].first][slice.questions[i].second] = slice.wrong[i] ? 1 - value : value;
    }
  }
  return answers;
}

std::vector<at::Tensor> Questionnaire::tokens() const { return tokens_of(slices_); }

}  // namespace fairfight
