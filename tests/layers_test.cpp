#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

namespace fs = std::filesystem;

namespace {

/// What each layer may include beside itself; the picture in docs/architecture.md.
const std::map<std::string, std::set<std::string>> kMayInclude{
    {"base", {}},
    {"io", {"base"}},
    {"report", {"base"}},
    {"board", {"base", "io", "report"}},
    {"model", {"base", "io"}},
    {"exam", {"base", "io", "model"}},
    {"organism", {"base", "io", "model", "exam"}},
    {"acts", {"base", "io", "model"}},
    {"dict", {"base", "io", "model", "acts"}},
    {"methods", {"base", "io", "model", "acts", "dict"}},
    {"stress", {"base", "io", "model", "exam", "acts", "dict", "methods"}},
    {"arena", {"base", "io", "model", "acts", "dict", "methods", "report"}},
    {"disciplines", {"base", "io", "model", "exam", "acts", "dict", "methods", "stress", "arena", "report"}},
    {"fights", {"base", "io", "model", "exam", "organism", "acts", "dict", "methods", "stress", "arena", "disciplines", "report"}},
};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Visit>
void each_source(const fs::path& root, Visit visit) {
  for (const auto& entry : fs::recursive_directory_iterator(root))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h") visit(entry.path(), text_of(entry.path()));
}

TEST(Layers, FilesIncludeOnlyWhatStandsToTheirLeft) {
  const fs::path root = fs::path(FAIRFIGHT_ROOT) / "fairfight";
  const std::regex include("#include \"fairfight/([a-z]+)/");
  size_t includes = 0;
  each_source(root, [&](const fs::path& path, const std::string& text) {
    const std::string layer = fs::relative(path, root).begin()->string();
    ASSERT_TRUE(kMayInclude.contains(layer)) << path << ": add the layer to the picture";
    for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at, ++includes) {
      const std::string other = (*at)[1];
      EXPECT_TRUE(other == layer || kMayInclude.at(layer).contains(other)) << path << " includes fairfight/" << other;
    }
  });
  EXPECT_GT(includes, 100u);
}

TEST(Layers, WhatKnowsNoTorchStaysThatWay) {
  const fs::path root = fs::path(FAIRFIGHT_ROOT) / "fairfight";
  const std::regex torch("#include [<\"](ATen|torch|c10)/|#include \"fairfight/model/");
  for (const char* folder : {"base", "io", "report", "board", "organism/tinytown"})
    each_source(root / folder, [&](const fs::path& path, const std::string& text) { EXPECT_FALSE(std::regex_search(text, torch)) << path; });
}

TEST(Layers, TheLibraryNeitherPrintsNorExitsNorUnpickles) {
  const std::regex forbidden("std::c(out|err)|\\bprintf\\(|fmt::print|[^_]exit\\(|abort\\(|\\bassert\\(|torch::(load|jit::load|pickle)|ofstream");
  each_source(fs::path(FAIRFIGHT_ROOT) / "fairfight", [&](const fs::path& path, const std::string& text) {
    if (path.string().ends_with("_test.cpp") || path.filename() == "stop.cpp" || path.filename() == "testing.h") return;
    std::smatch found;
    EXPECT_FALSE(std::regex_search(text, found, forbidden)) << path << ": " << found.str();
  });
}

}  // namespace
