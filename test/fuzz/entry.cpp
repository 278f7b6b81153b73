// libFuzzer's entry; the build names the target.
#include <cstdint>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::VLMSHIM_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
    return 0;
}
