#include "fairfight/io/hostile_testing.h"
#include "fairfight/io/hub.h"
#include "fairfight/io/testing.h"

namespace fairfight {
namespace {

const std::string kIndexStart = R"({"metadata":{},"weight_map":)";

class HostileIndex : public HostileTest {};
TEST_P(HostileIndex, IsRefused) {
  write_atomic(folder_ / "config.json", "{}");
  write_atomic(folder_ / "shard.safetensors", kGoodTensors);
  const auto find = [&](const std::filesystem::path&) { find_model(folder_.path().string()); };
  const auto open = [&](const std::filesystem::path&) { Checkpoint{folder_.path()}; };
  expect_refused("model.safetensors.index.json", find);
  expect_refused("model.safetensors.index.json", open);
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileIndex,
    testing::Values(Hostile{"ParentFolder", kIndexStart + R"({"w":"../shard.safetensors"}})", "\"w\""},
                    Hostile{"AbsolutePath", kIndexStart + R"({"w":"/etc/passwd"}})", "\"w\""},
                    Hostile{"SubFolder", kIndexStart + R"({"w":"sub/shard.safetensors"}})", "\"w\""},
                    Hostile{"OnlyDots", kIndexStart + R"({"w":".."}})", "\"w\""},
                    Hostile{"NoName", kIndexStart + R"({"w":""}})", "\"w\""},
                    Hostile{"NullByte", kIndexStart + R"({"w":"shard.safetensors\u0000.txt"}})", "\"w\""},
                    Hostile{"Newline", kIndexStart + R"({"w":"a\nb"}})", "\"w\""},
                    Hostile{"NumberAsName", kIndexStart + R"({"w":1}})", "\"w\""}, Hostile{"NoTensors", kIndexStart + "{}}"},
                    Hostile{"MapIsAList", kIndexStart + "[]}"}, Hostile{"NoMap", "{}", "weight_map"},
                    Hostile{"TensorTwice", kIndexStart + R"({"w":"shard.safetensors","w":"shard.safetensors"}})", "\"w\""},
                    Hostile{"Deep", std::string(100'000, '[')}, Hostile{"NotJson", "PK\x03\x04"}),
    name_of_hostile);

class HostileConfig : public HostileTest {};
TEST_P(HostileConfig, IsRefused) {
  write_atomic(folder_ / "model.safetensors", kGoodTensors);
  expect_refused("config.json", [&](const std::filesystem::path&) { find_model(folder_.path().string()); });
}
INSTANTIATE_TEST_SUITE_P(Catalogue, HostileConfig,
                         testing::Values(Hostile{"Empty", ""}, Hostile{"List", "[]"}, Hostile{"Cut", R"({"n_layers": )"},
                                         Hostile{"KeyTwice", R"({"n_layers":4,"n_layers":5})", "n_layers"},
                                         Hostile{"NotUtf8", "{\"a\":\"\xc3(\"}"}, Hostile{"Infinite", R"({"eps":1e999})"},
                                         Hostile{"Python", "{'a': True}"},
                                         Hostile{"Deep", R"({"a":)" + std::string(100'000, '[')}),
                         name_of_hostile);

}  // namespace
}  // namespace fairfight
