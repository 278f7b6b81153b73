// How a file is written, row by row.
#include <doctest/doctest.h>

#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/core/values/written_file.hpp"

using namespace vlmshim;

namespace {

constexpr unsigned root = 0;
constexpr unsigned lena = 1000;
constexpr unsigned stranger = 1111;

FileFacts file(FileKind kind, unsigned owner = lena, unsigned mode = 0644) {
    return {.kind = kind, .owner = owner, .group = owner, .mode = mode, .names = 1, .device = 1, .inode = 2};
}
FileFacts folder(unsigned owner, unsigned mode) {
    return file(FileKind::Folder, owner, mode);
}

}  // namespace

TEST_CASE("regular files are replaced, others are opened or refused") {
    struct Row {
        FileKind there;
        std::variant<WritingWay, NotWritten> elsewhere;
        std::variant<WritingWay, NotWritten> in_dev;
    };
    for (const Row& row : {
             Row{FileKind::None, WritingWay::Replace, NotWritten::DeviceFolder},
             Row{FileKind::Regular, WritingWay::Replace, WritingWay::InPlace},
             Row{FileKind::Link, WritingWay::Replace, NotWritten::DeviceFolder},
             Row{FileKind::Fifo, WritingWay::Open, WritingWay::Open},
             Row{FileKind::Device, WritingWay::Open, WritingWay::Open},
             Row{FileKind::Folder, WritingWay::Open, WritingWay::Open},
             Row{FileKind::Socket, NotWritten::SocketFile, NotWritten::SocketFile},
         }) {
        CAPTURE(static_cast<int>(row.there));
        CHECK(plan_writing(file(row.there), {.folder = {}, .of_devices = false}) == row.elsewhere);
        CHECK(plan_writing(file(row.there), {.folder = {}, .of_devices = true}) == row.in_dev);
    }
}

TEST_CASE("only a file of ours with one name is written in place, but a mount point of any owner") {
    using enum NoNewFile;
    FileFacts linked = file(FileKind::Regular);
    linked.names = 2;
    CHECK(problem_in_place(file(FileKind::Regular), NotAllowed, lena) == std::nullopt);
    CHECK(problem_in_place(file(FileKind::Regular), Mounted, lena) == std::nullopt);
    CHECK(problem_in_place(file(FileKind::Regular), NotAllowed, root) == NotWritten::ForeignFile);
    CHECK(problem_in_place(file(FileKind::Regular), Mounted, root) == std::nullopt);
    CHECK(problem_in_place(file(FileKind::Link), NotAllowed, lena) == NotWritten::LinkInPlace);
    CHECK(problem_in_place(file(FileKind::Link), Mounted, lena) == NotWritten::LinkInPlace);
    CHECK(problem_in_place(linked, NotAllowed, lena) == NotWritten::SeveralNames);
    CHECK(problem_in_place(linked, Mounted, lena) == NotWritten::SeveralNames);
}

TEST_CASE("mode and owner stay, unless that gave another user access") {
    struct Row {
        FileFacts there;
        FileFacts folder;
        unsigned user;
        TakenOver taken;
    };
    for (const Row& row : {
             Row{file(FileKind::Regular, lena), folder(lena, 0755), lena, TakenOver::ModeAndOwner},
             Row{file(FileKind::Regular, lena), folder(root, 0755), root, TakenOver::ModeAndOwner},
             Row{file(FileKind::Regular, lena), folder(root, 01777), lena, TakenOver::Mode},
             Row{file(FileKind::Regular, stranger), folder(root, 01777), root, TakenOver::ModeAtMost},
             Row{file(FileKind::Regular, stranger), folder(lena, 0777), lena, TakenOver::ModeAtMost},
             Row{file(FileKind::Regular, lena), folder(lena, 0755), root, TakenOver::ModeAtMost},
             Row{file(FileKind::Regular, root), folder(lena, 0755), root, TakenOver::Mode},
             Row{file(FileKind::Link, lena), folder(lena, 0755), lena, TakenOver::Nothing},
             Row{file(FileKind::None), folder(lena, 0755), lena, TakenOver::Nothing},
         }) {
        CAPTURE(row.there.owner);
        CAPTURE(row.folder.mode);
        CHECK(taken_over(row.there, row.folder, row.user) == row.taken);
    }
}

TEST_CASE("two paths to one file or stream") {
    const auto numbered = [](FileKind kind, std::uint64_t inode) {
        FileFacts facts = file(kind);
        facts.inode = inode;
        return facts;
    };
    const FileFacts here = numbered(FileKind::Folder, 10);
    const FileFacts there = numbered(FileKind::Folder, 11);
    const FileFacts regular = numbered(FileKind::Regular, 20);
    const FileFacts fifo = numbered(FileKind::Fifo, 21);
    const FileFacts none{};
    struct Row {
        WrittenTarget one;
        WrittenTarget other;
        bool same;
    };
    const Row rows[]{
        {{here, "a", none}, {here, "a", none}, true},
        {{here, "a", none}, {here, "b", none}, false},
        {{here, "a", none}, {there, "a", none}, false},
        {{none, "a", none}, {none, "a", none}, false},        // folders that do not exist yet
        {{here, "a", regular}, {here, "b", regular}, false},  // hard links: each name is replaced
        {{here, "a", fifo}, {there, "b", fifo}, true},
        {{here, "a", fifo}, {here, "b", numbered(FileKind::Fifo, 22)}, false},
        {{none, "", fifo}, {none, "", fifo}, true},  // descriptors
        {{none, "", fifo}, {none, "", regular}, false},
        {{none, "", none}, {none, "", none}, false},  // not open
        {{none, "", regular}, {here, "a", regular}, true},
        {{none, "", regular}, {here, "a", none}, false},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        CHECK(is_same_target(row.one, row.other) == row.same);
        CHECK(is_same_target(row.other, row.one) == row.same);
    }
}

TEST_CASE("a path that means a descriptor") {
    struct Row {
        const char* path;
        std::optional<int> descriptor;
    };
    for (const Row& row : {
             Row{"/dev/stdin", 0},
             Row{"/dev/stdout", 1},
             Row{"/dev/stderr", 2},
             Row{"/dev/fd/0", 0},
             Row{"/dev/fd/63", 63},
             Row{"/proc/self/fd/7", 7},
             Row{"//dev//stdout", 1},
             Row{"/dev/./fd/1", 1},
             Row{"/dev/fd/", std::nullopt},
             Row{"/dev/fd/1/", std::nullopt},
             Row{"/dev/fd/-1", std::nullopt},
             Row{"/dev/fd/+1", std::nullopt},
             Row{"/dev/fd/1x", std::nullopt},
             Row{"/dev/fd/99999999999", std::nullopt},
             Row{"/dev/stdout2", std::nullopt},
             Row{"/dev/stdout/x", std::nullopt},
             Row{"dev/stdout", std::nullopt},
             Row{"stdout", std::nullopt},
             Row{"/tmp/dev/stdout", std::nullopt},
             Row{"/proc/1/fd/1", std::nullopt},
             Row{"/", std::nullopt},
             Row{"", std::nullopt},
         }) {
        CAPTURE(row.path);
        CHECK(descriptor_named(row.path) == row.descriptor);
    }
}

TEST_CASE("a path is a name in a folder") {
    const auto both = [](const char* path) { return split_path(path).folder + " " + split_path(path).name; };
    CHECK(both("run.json") == ". run.json");
    CHECK(both("out/run.json") == "out run.json");
    CHECK(both("/out/run.json") == "/out run.json");
    CHECK(both("/run.json") == "/ run.json");
    CHECK(both("out/") == "out ");
    CHECK(both("a//b") == "a/ b");
}
