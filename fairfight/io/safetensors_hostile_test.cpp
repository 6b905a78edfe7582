#include "fairfight/io/hostile_testing.h"
#include "fairfight/io/safetensors.h"
#include "fairfight/io/testing.h"

namespace fairfight {
namespace {

class HostileSafetensors : public HostileTest {};
TEST_P(HostileSafetensors, IsRefused) {
  expect_refused("m.safetensors", [](const std::filesystem::path& path) { SafetensorsFile{path}; });
}
INSTANTIATE_TEST_SUITE_P(
    Catalogue, HostileSafetensors,
    testing::Values(
        // the frame
        Hostile{"Empty", ""}, Hostile{"SevenBytes", std::string(7, '\0')}, Hostile{"OnlyALength", length_bytes(2)},
        Hostile{"EmptyHeader", length_bytes(0)}, Hostile{"HeaderLongerThanFile", length_bytes(100) + "{}"},
        Hostile{"HeaderOf100MbClaimed", length_bytes(100'000'000) + "{}"},
        Hostile{"HeaderOverTheLimit", length_bytes(100'000'001) + "{}"},
        Hostile{"LengthWraps", length_bytes(UINT64_MAX) + "{}"}, Hostile{"LengthIsSignBit", length_bytes(1ull << 63) + "{}"},
        Hostile{"Truncated", kGoodTensors.substr(0, kGoodTensors.size() - 1)},
        Hostile{"TruncatedInHeader", kGoodTensors.substr(0, 30)}, Hostile{"TrailingBytes", kGoodTensors + "x"},
        Hostile{"SpaceBeforeHeader", safetensors_bytes(" {}", 0)},
        Hostile{"ByteOrderMark", safetensors_bytes("\xef\xbb\xbf{}", 0)},
        Hostile{"HeaderIsAList", safetensors_bytes("[]", 0)}, Hostile{"HeaderIsPickle", safetensors_bytes("\x80\x04K*.", 0)},
        Hostile{"NotUtf8", safetensors_bytes("{\"__metadata__\":{\"k\":\"\xff\"}}", 0)},
        Hostile{"TextBehindHeader", safetensors_bytes("{} {}", 0)},
        Hostile{"ZeroBytesBehindHeader", safetensors_bytes(std::string("{}\0\0", 4), 0)},
        Hostile{"DeepLists", safetensors_bytes("{\"w\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}", 0)},
        Hostile{"DeepObjects", safetensors_bytes("{\"w\":" + std::string(50'000, '{'), 0)},
        Hostile{
            "DuplicateTensor",
            safetensors_bytes("{" + tensor_entry("w", "U8", "0", "0,0") + "," + tensor_entry("w", "U8", "0", "0,0") + "}",
                              0),
            "\"w\""},
        // the metadata
        Hostile{"MetadataWithNumber", safetensors_bytes(R"({"__metadata__":{"k":1}})", 0), "\"k\""},
        Hostile{"MetadataIsAList", safetensors_bytes(R"({"__metadata__":[]})", 0), "__metadata__"},
        Hostile{"MetadataNested", safetensors_bytes(R"({"__metadata__":{"k":{"l":"m"}}})", 0), "\"k\""},
        Hostile{"MetadataTwice", safetensors_bytes(R"({"__metadata__":{},"__metadata__":{}})", 0), "__metadata__"},
        // a tensor
        Hostile{"WrapsToZero", one_tensor("F32", "4294967296,4294967296", "0,0", 8), "\"w\""},
        Hostile{"WrapsToZeroWithOffsets", one_tensor("F32", "4294967296,4294967296", "0,900000000", 8), "\"w\""},
        Hostile{"WrapsToFour", one_tensor("U8", "4611686018427387905,4", "0,4", 4), "\"w\""},
        Hostile{"WrapsByElementSize", one_tensor("F64", "2305843009213693952", "0,0", 0), "\"w\""},
        Hostile{"WrapsBeforeAZero", one_tensor("U8", "4294967296,4294967296,0", "0,0", 0), "\"w\""},
        Hostile{"DimensionOver64Bits", one_tensor("U8", "18446744073709551616", "0,0", 0), "\"w\""},
        Hostile{"DimensionOver63Bits", one_tensor("U8", "18446744073709551615", "0,0", 0), "\"w\""},
        Hostile{"NegativeDimension", one_tensor("U8", "-1", "0,0", 0), "\"w\""},
        Hostile{"NegativeDimensions", one_tensor("U8", "-2,-2", "0,4", 4), "\"w\""},
        Hostile{"FractionalDimension", one_tensor("U8", "4.0", "0,4", 4), "\"w\""},
        Hostile{"TextualDimension", one_tensor("U8", "\"4\"", "0,4", 4), "\"w\""},
        Hostile{"ShapeTooSmall", one_tensor("U8", "3", "0,4", 4), "\"w\""},
        Hostile{"ShapeTooLarge", one_tensor("U8", "5", "0,4", 4), "\"w\""},
        Hostile{"ScalarOfNoBytes", one_tensor("F32", "", "0,0", 0), "\"w\""},
        Hostile{"NegativeOffset", one_tensor("U8", "4", "-4,0", 4), "\"w\""},
        Hostile{"FractionalOffset", one_tensor("U8", "4", "0,4.5", 4), "\"w\""},
        Hostile{"OffsetsReversed", one_tensor("U8", "4", "4,0", 4), "\"w\""},
        Hostile{"ThreeOffsets", one_tensor("U8", "4", "0,4,4", 4), "\"w\""},
        Hostile{"OneOffset", one_tensor("U8", "4", "0", 4), "\"w\""},
        Hostile{"EndsBehindFile", one_tensor("U8", "5", "0,5", 4)},
        Hostile{"EndsFarBehindFile", one_tensor("U8", "9223372036854775807", "0,9223372036854775807", 4)},
        Hostile{"UnknownDtype", one_tensor("F128", "4", "0,64", 64), "F128"},
        Hostile{"LowerCaseDtype", one_tensor("f32", "1", "0,4", 4), "f32"},
        Hostile{"HalfByteDtype", one_tensor("F4", "8", "0,4", 4), "\"w\""},
        Hostile{"DtypeWithNewline", one_tensor("F\\n32", "1", "0,4", 4), "\"w\""},
        Hostile{"NoDtype", safetensors_bytes(R"({"w":{"shape":[0],"data_offsets":[0,0]}})", 0), "\"w\""},
        Hostile{"NoShape", safetensors_bytes(R"({"w":{"dtype":"U8","data_offsets":[0,1]}})", 1), "\"w\""},
        Hostile{"NoOffsets", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0]}})", 0), "\"w\""},
        Hostile{"UnknownField", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}})", 0),
                "\"w\""},
        Hostile{"FieldTwice", safetensors_bytes(R"({"w":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}})", 0),
                "\"w\""},
        Hostile{"ShapeTwice", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"shape":[0],"data_offsets":[0,0]}})", 0),
                "\"w\""},
        Hostile{"OffsetsTwice",
                safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"data_offsets":[0,0]}})", 0),
                "\"w\""},
        Hostile{"MetadataKeyTwice", safetensors_bytes(R"({"__metadata__":{"k":"1","k":"2"}})", 0), "\"k\""},
        Hostile{"MetadataTwiceByEscape", safetensors_bytes(R"({"__metadata__":{},"\u005f_metadata__":{}})", 0),
                "__metadata__"},
        Hostile{"DuplicateTensorByEscape",
                safetensors_bytes(
                    "{" + tensor_entry("w", "U8", "0", "0,0") + "," + tensor_entry("\\u0077", "U8", "0", "0,0") + "}", 0),
                "\"w\""},
        Hostile{"MinusZero", one_tensor("U8", "-0", "0,0", 0), "\"w\""},
        Hostile{"LeadingZero", one_tensor("U8", "04", "0,4", 4), "\"w\""},
        Hostile{"SeventeenDimensions", one_tensor("U8", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "0,1", 1), "\"w\""},
        Hostile{"CommaBehindTheLast", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},})", 0)},
        Hostile{"NoClosingBrace", safetensors_bytes(R"({"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})", 0)},
        Hostile{"TensorIsNull", safetensors_bytes(R"({"w":null})", 0), "\"w\""},
        Hostile{"NameWithNewline", safetensors_bytes(R"({"w\nw":null})", 0), "\"w w\""},
        Hostile{"NameOfAMegabyte", safetensors_bytes("{\"" + std::string(1'000'000, 'w') + "\":null}", 0), "www..."},
        // several tensors
        Hostile{
            "Overlap",
            safetensors_bytes("{" + tensor_entry("a", "U8", "2", "0,2") + "," + tensor_entry("w", "U8", "2", "1,3") + "}",
                              3),
            "\"w\""},
        Hostile{
            "SamePlace",
            safetensors_bytes("{" + tensor_entry("a", "U8", "2", "0,2") + "," + tensor_entry("w", "U8", "2", "0,2") + "}",
                              2),
            "\"w\""},
        Hostile{
            "Hole",
            safetensors_bytes("{" + tensor_entry("a", "U8", "1", "0,1") + "," + tensor_entry("w", "U8", "1", "2,3") + "}",
                              3),
            "\"w\""},
        Hostile{"HoleAtStart", one_tensor("U8", "1", "1,2", 2), "\"w\""},
        Hostile{"EmptyTensorInside", safetensors_bytes("{" + tensor_entry("a", "U8", "2", "0,2") + "," +
                                                           tensor_entry("w", "U8", "0", "1,1") + "}",
                                                       2)}),
    name_of_hostile);

}  // namespace
}  // namespace fairfight
