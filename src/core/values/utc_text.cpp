#include "vlmshim/core/values/utc_text.hpp"

namespace vlmshim {

namespace {

std::string padded(long long number, std::size_t digits) {
    std::string text = std::to_string(number);
    return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
}

}  // namespace

std::string utc_text(Millis since_epoch) {
    using namespace std::chrono;
    const auto days_since = floor<days>(since_epoch);
    const year_month_day date{sys_days{days_since}};
    const hh_mm_ss time{since_epoch - days_since};
    return padded(int{date.year()}, 4) + "-" + padded(unsigned{date.month()}, 2) + "-" +
           padded(unsigned{date.day()}, 2) + "T" + padded(time.hours().count(), 2) + ":" +
           padded(time.minutes().count(), 2) + ":" + padded(time.seconds().count(), 2) + "." +
           padded(time.subseconds().count(), 3) + "Z";
}

}  // namespace vlmshim
