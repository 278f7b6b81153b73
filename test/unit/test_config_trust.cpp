// Whose vlmshim.toml is obeyed, row by row.
#include <doctest/doctest.h>

#include "vlmshim/core/config/config_trust.hpp"

using namespace vlmshim;
using Users = std::vector<unsigned>;

namespace {

constexpr unsigned root = 0;
constexpr unsigned lena = 1000;
constexpr unsigned stranger = 1111;

FileFacts file(unsigned owner, unsigned mode = 0644, FileKind kind = FileKind::Regular) {
    return {.kind = kind, .owner = owner, .group = owner, .mode = mode, .names = 1, .device = 1, .inode = 2};
}
FileFacts link(unsigned owner) {
    return file(owner, 0777, FileKind::Link);
}

}  // namespace

TEST_CASE("the user and root are trusted; for root also the user of sudo, and as PID 1 the owner of the folder") {
    const auto trusted = [](unsigned user, const char* sudo_uid, std::optional<unsigned> folder_owner = {}) {
        return trusted_owners({.user = user, .sudo_uid = sudo_uid, .folder_owner = folder_owner});
    };
    CHECK(trusted(lena, "") == Users{lena, root});
    CHECK(trusted(root, "") == Users{root, root});
    CHECK(trusted(root, "1000") == Users{root, root, lena});
    CHECK(trusted(lena, "uid 1111") == Users{lena, root});  // it has not gone through sudo
    CHECK(trusted(root, "", lena) == Users{root, root, lena});
    for (const char* const no_number :
         {"+1000", " 1000", "1000 ", "-1", "1000x", "0x3e8", "lena", "99999999999", "4294967295"}) {
        CAPTURE(no_number);
        CHECK(trusted(root, no_number) == Users{root, root});
    }
}

TEST_CASE("a found file, and the links that led to it") {
    using enum FoundVerdict;
    const Users trusted{lena, root};
    struct Row {
        FoundConfig found;
        FoundVerdict verdict;
    };
    for (const Row& row : {
             Row{{file(lena), {}}, Obeyed},
             Row{{file(root), {}}, Obeyed},
             Row{{file(lena, 0664), {}}, Obeyed},
             Row{{file(lena, 0666), {}}, ObeyedButWritable},
             Row{{file(root, 0602), {}}, ObeyedButWritable},
             Row{{file(stranger), {}}, ForeignFile},
             Row{{file(stranger, 0666), {}}, ForeignFile},
             Row{{file(lena), {link(lena)}}, Obeyed},
             Row{{file(root), {link(root), link(lena)}}, Obeyed},
             Row{{file(lena), {link(stranger)}}, ForeignLink},
             Row{{file(lena), {link(lena), link(stranger)}}, ForeignLink},
             Row{{file(stranger), {link(lena)}}, ForeignFile},
             Row{{FileFacts{}, {link(lena)}}, LeadsNowhere},
             Row{{FileFacts{}, {link(stranger)}}, ForeignLink},
             Row{{file(lena, 0644, FileKind::Fifo), {}}, NoRegularFile},
             Row{{file(lena, 0755, FileKind::Folder), {}}, NoRegularFile},
             Row{{file(root, 0666, FileKind::Device), {link(lena)}}, NoRegularFile},
             Row{{file(stranger, 0644, FileKind::Fifo), {}}, ForeignFile},
         }) {
        CAPTURE(row.found.file.owner);
        CAPTURE(row.found.links.size());
        CHECK(classify(row.found, trusted) == row.verdict);
    }
}

TEST_CASE("a refusal names the file, its owner and the option for consent") {
    using enum FoundVerdict;
    CHECK(describe(ForeignFile, "/src/vlmshim.toml", "mallory (uid 1111)") ==
          "/src/vlmshim.toml belongs to mallory (uid 1111), and was only found, not named: it is not obeyed; to use it "
          "all the "
          "same give -c /src/vlmshim.toml, to do without it --no-config");
    CHECK(describe(ForeignLink, "/a b/vlmshim.toml", "uid 1111") ==
          "'/a b/vlmshim.toml' is a link of uid 1111, and was only found, not named: it is not obeyed; to use it all "
          "the "
          "same give -c '/a b/vlmshim.toml', to do without it --no-config");
    CHECK(describe(NoRegularFile, "/x/vlmshim.toml", "") ==
          "/x/vlmshim.toml is no regular file, and was only found, not named: it is not read; to use it all the same "
          "give "
          "-c /x/vlmshim.toml, to do without it --no-config");
    CHECK(describe(ObeyedButWritable, "/x/vlmshim.toml", "") ==
          "/x/vlmshim.toml can be written by everybody, and who writes it decides what is run: chmod o-w "
          "/x/vlmshim.toml");
    CHECK(describe(LeadsNowhere, "/x/vlmshim.toml", "") ==
          "/x/vlmshim.toml is a link that leads nowhere, and passed over");
    CHECK(describe(Obeyed, "/x/vlmshim.toml", "lena").empty());
    CHECK(passed_over("/x/vlmshim.toml", "/x") ==
          "/x/vlmshim.toml is passed over, since everybody may write in /x: to use it give -c /x/vlmshim.toml");
}
