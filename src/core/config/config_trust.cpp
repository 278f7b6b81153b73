#include "vlmshim/core/config/config_trust.hpp"

#include <algorithm>
#include <limits>

#include "vlmshim/core/values/read_number.hpp"
#include "vlmshim/core/values/shell_words.hpp"

namespace vlmshim {

namespace {

constexpr unsigned root = 0;

std::string ways_out(const std::string& path) {
    return "to use it all the same give " + join_command({"-c", path}) + ", to do without it --no-config";
}

}  // namespace

std::vector<unsigned> trusted_owners(const ConfigReader& reader) {
    constexpr unsigned no_user = std::numeric_limits<unsigned>::max();  // (uid_t)-1
    std::vector<unsigned> trusted{reader.user, root};
    unsigned sudo_user = no_user;
    if (reader.user == root && read_number(reader.sudo_uid, sudo_user) && sudo_user != no_user) {
        trusted.push_back(sudo_user);
    }
    if (reader.folder_owner) {
        trusted.push_back(*reader.folder_owner);
    }
    return trusted;
}

FoundVerdict classify(const FoundConfig& found, const std::vector<unsigned>& trusted) {
    const auto is_foreign = [&](const FileFacts& file) {
        return std::find(trusted.begin(), trusted.end(), file.owner) == trusted.end();
    };
    if (std::any_of(found.links.begin(), found.links.end(), is_foreign)) {
        return FoundVerdict::ForeignLink;
    }
    if (found.file.kind == FileKind::None) {
        return FoundVerdict::LeadsNowhere;
    }
    if (is_foreign(found.file)) {
        return FoundVerdict::ForeignFile;
    }
    if (found.file.kind != FileKind::Regular) {
        return FoundVerdict::NoRegularFile;
    }
    return found.file.everybody_writes() ? FoundVerdict::ObeyedButWritable : FoundVerdict::Obeyed;
}

std::string describe(FoundVerdict verdict, const std::string& path, const std::string& owner) {
    const std::string name = join_command({path});
    switch (verdict) {
        case FoundVerdict::Obeyed:
            break;
        case FoundVerdict::ObeyedButWritable:
            return name + " can be written by everybody, and who writes it decides what is run: chmod o-w " + name;
        case FoundVerdict::LeadsNowhere:
            return name + " is a link that leads nowhere, and passed over";
        case FoundVerdict::ForeignLink:
            return name + " is a link of " + owner + ", and was only found, not named: it is not obeyed; " +
                   ways_out(path);
        case FoundVerdict::ForeignFile:
            return name + " belongs to " + owner + ", and was only found, not named: it is not obeyed; " +
                   ways_out(path);
        case FoundVerdict::NoRegularFile:
            return name + " is no regular file, and was only found, not named: it is not read; " + ways_out(path);
    }
    return {};
}

std::string passed_over(const std::string& path, const std::string& folder) {
    return join_command({path}) + " is passed over, since everybody may write in " + join_command({folder}) +
           ": to use it give " + join_command({"-c", path});
}

}  // namespace vlmshim
