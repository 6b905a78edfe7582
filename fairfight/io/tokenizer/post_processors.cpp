#include "fairfight/io/tokenizer/post_processors.h"

#include "fairfight/base/error.h"
#include "fairfight/io/shown.h"
#include "fairfight/io/tokenizer/pre_tokenizers.h"

namespace fairfight {
namespace {

/// ["[CLS]", 101], as the processors of BERT and RoBERTa name a token.
int32_t named_id(const Json& pair, size_t ids, const std::string& where) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number_unsigned() ||
      pair[1].get<uint64_t>() >= ids)
    fail("[tokenizer] {}: a special token is no [text, id below {}]", where, ids);
  return pair[1].get<int32_t>();
}

/// What stands for one text; the template for a pair of texts is of no use here.
Frame read_template(Fields& fields, size_t ids) {
  Fields tokens = fields.object("special_tokens");
  fields.ignore("pair");
  const Json& single = fields.any("single");
  if (!single.is_array() || single.size() > 64)
    fail("[tokenizer] {}: \"single\" is no list of at most 64 parts", fields.where());
  Frame frame;
  size_t texts = 0;
  for (const Json& item : single) {
    Fields part(item, fields.where() + ": single");
    if (part.has("Sequence")) {
      Fields text = part.object("Sequence");
      text.one_of("id", {"A"});
      ++texts;
    } else {
      Fields special = part.object("SpecialToken");
      Fields token = tokens.object(special.text("id"));
      for (int64_t id : token.integers("ids", 0, int64_t(ids) - 1))
        (texts ? frame.behind : frame.before).push_back(int32_t(id));
    }
    part.finish();
  }
  if (texts != 1) fail("[tokenizer] {}: \"single\" names the text {} times, expected once", fields.where(), texts);
  return frame;
}

}  // namespace

Frame read_post_processor(const Json& json, size_t ids, const std::string& where) {
  Fields fields(json, where + ": post_processor");
  const std::string type = fields.text("type");
  Frame frame;
  if (type == "Sequence") {
    const auto read = [ids](const Json& part, const std::string& inside) { return read_post_processor(part, ids, inside); };
    for (const Frame& part : read_list(fields, "processors", read)) {
      frame.before.insert(frame.before.begin(), part.before.begin(), part.before.end());
      frame.behind.insert(frame.behind.end(), part.behind.begin(), part.behind.end());
    }
  } else if (type == "TemplateProcessing") {
    frame = read_template(fields, ids);
  } else if (type == "ByteLevel") {
    bool add_prefix_space = false, use_regex = false;  // it only trims offsets, which fairfight does not report
    read_byte_level(fields, add_prefix_space, use_regex);
  } else if (type == "BertProcessing" || type == "RobertaProcessing") {
    frame.before.push_back(named_id(fields.any("cls"), ids, fields.where()));
    frame.behind.push_back(named_id(fields.any("sep"), ids, fields.where()));
    fields.flag_or("trim_offsets", true);
    fields.flag_or("add_prefix_space", true);
  } else {
    fail(
        "[tokenizer] {}: the type {} is not implemented; fairfight knows TemplateProcessing, ByteLevel, Sequence, "
        "BertProcessing "
        "and RobertaProcessing",
        fields.where(), shown(type));
  }
  fields.finish();
  return frame;
}

}  // namespace fairfight
