#include "fairfight/io/hostile_testing.h"
#include "fairfight/io/toml.h"

namespace fairfight {
namespace {

class HostileCard : public HostileTest {};
TEST_P(HostileCard, IsRefused) {
  expect_refused("card.toml", [](const std::filesystem::path& path) { read_toml(path); });
}
std::string dotted(size_t keys) {
  std::string key = "a";
  for (size_t i = 1; i < keys; ++i) key += ".a";
  return key;
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileCard,
    testing::Values(Hostile{"KeyTwice", "a = 1\na = 2\n", ":2:"}, Hostile{"TableTwice", "[a]\n[b]\n[a]\n", ":3:"},
                    Hostile{"Date", "a = 1979-05-27\n", ":1:5"}, Hostile{"Time", "a = 07:32:00\n", ":1:5"},
                    Hostile{"DateTime", "a = 1979-05-27T07:32:00Z\n", ":1:5"}, Hostile{"NotANumber", "a = nan\n", ":1:5"},
                    Hostile{"Infinite", "a = [1.0, -inf]\n", ":1:11"},
                    Hostile{"Over64Bits", "a = 9223372036854775808\n", ":1:"},
                    Hostile{"DeepLists", "a = " + std::string(100'000, '['), ":1:"},
                    Hostile{"LevelsOver64", "a = " + std::string(70, '[') + std::string(70, ']'), "64 levels"},
                    Hostile{"DeepDots", dotted(100'000) + " = 1\n", "dots"},
                    Hostile{"DeepTable", "[" + dotted(400'000) + "]\n", "dots"},
                    Hostile{"DotsOver64", dotted(4000) + " = 1\n", "64 levels"},
                    Hostile{"NotUtf8", "a = \"\xff\"\n", "UTF-8"}, Hostile{"KeyNotUtf8", "\"\xc3\" = 1\n", "UTF-8"},
                    Hostile{"SurrogateHalf", "a = \"\\ud800\"\n", ":1:"}, Hostile{"LetterBehindNumber", "a = 1é\n", ":1:"},
                    Hostile{"LetterAsKey", "é = 1\n", ":1:"}, Hostile{"ThreeBrackets", "[[[1]]]\n"},
                    Hostile{"OddTableName", "[&"}, Hostile{"NullByte", std::string("a = \"\0\"\n", 8), ":1:"},
                    Hostile{"OpenText", "a = \"x\n", ":1:"}, Hostile{"OpenTable", "[a\nb = 1\n", ":1:"},
                    Hostile{"NoValue", "a\n", ":1:"}, Hostile{"Json", "{\"a\": 1}\n", ":1:1"},
                    Hostile{"TwoMegabytes", "a = \"" + std::string(2'000'000, 'x') + "\"\n", "at most"}),
    name_of_hostile);

}  // namespace
}  // namespace fairfight
