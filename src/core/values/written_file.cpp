#include "vlmshim/core/values/written_file.hpp"

namespace vlmshim {

std::variant<WritingWay, NotWritten> plan_writing(const FileFacts& there, const WritingPlace& place) {
    switch (there.kind) {
        case FileKind::None:
        case FileKind::Link:
            if (place.of_devices) {
                return NotWritten::DeviceFolder;
            }
            return WritingWay::Replace;
        case FileKind::Regular:
            return place.of_devices ? WritingWay::InPlace : WritingWay::Replace;
        case FileKind::Socket:
            return NotWritten::SocketFile;
        case FileKind::Folder:
        case FileKind::Fifo:
        case FileKind::Device:
            break;
    }
    return WritingWay::Open;
}

bool is_same_target(const WrittenTarget& one, const WrittenTarget& other) {
    const auto is_same = [](const FileFacts& file, const FileFacts& its) {
        return file.kind != FileKind::None && file.kind == its.kind && file.is_same_file(its);
    };
    const bool are_names = !one.name.empty() && !other.name.empty();
    if (are_names && one.name == other.name && is_same(one.folder, other.folder)) {
        return true;
    }
    const bool keeps_its_file = one.there.kind == FileKind::Fifo || one.there.kind == FileKind::Device;
    return (!are_names || keeps_its_file) && is_same(one.there, other.there);
}

std::optional<NotWritten> problem_in_place(const FileFacts& there, NoNewFile why, unsigned user) {
    if (there.kind == FileKind::Link) {
        return NotWritten::LinkInPlace;
    }
    if (there.names != 1) {
        return NotWritten::SeveralNames;
    }
    switch (why) {
        case NoNewFile::Mounted:
            return std::nullopt;
        case NoNewFile::NotAllowed:
            break;
    }
    return there.owner == user ? std::nullopt : std::optional(NotWritten::ForeignFile);
}

TakenOver taken_over(const FileFacts& there, const FileFacts& folder, unsigned user) {
    if (there.kind != FileKind::Regular) {
        return TakenOver::Nothing;
    }
    if (folder.owner == user && !folder.everybody_writes()) {
        return TakenOver::ModeAndOwner;
    }
    return there.owner == user ? TakenOver::Mode : TakenOver::ModeAtMost;
}

}  // namespace vlmshim
