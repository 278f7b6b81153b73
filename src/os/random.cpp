#include "vlmshim/os/random.hpp"

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "vlmshim/core/values/hex_digits.hpp"
#include "vlmshim/os/file.hpp"

namespace vlmshim::os {

namespace {

/// So many bytes, on which each character of the text has an effect.
std::string folded(std::string_view text, std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        char& byte = bytes[i % size];
        byte = static_cast<char>(static_cast<unsigned char>(byte) * 31U + static_cast<unsigned char>(text[i]));
    }
    return bytes;
}

std::string random_bytes(std::size_t size) {
    std::string bytes(size, '\0');
    if (::getrandom(bytes.data(), size, GRND_NONBLOCK) == static_cast<ssize_t>(size)) {
        return bytes;
    }
    std::error_code ignored;
    bytes = read_file("/dev/urandom", ignored, size).value_or("");
    if (bytes.size() < size) {
        timespec now{};
        ::clock_gettime(CLOCK_BOOTTIME, &now);
        bytes = folded(
            std::to_string(now.tv_nsec) + '.' + std::to_string(::getpid()) + '.' + std::to_string(now.tv_sec), size);
    }
    return bytes;
}

}  // namespace

std::string random_hex(std::size_t bytes) {
    std::string hex;
    for (const char byte : random_bytes(bytes)) {
        hex += hex_digits(static_cast<unsigned char>(byte), 2);
    }
    return hex;
}

}  // namespace vlmshim::os
