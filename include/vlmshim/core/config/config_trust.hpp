// Whose configuration is obeyed, although nobody has named it. What it says is run in our name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/file_facts.hpp"

namespace vlmshim {

/// Who looks for a configuration.
struct ConfigReader {
    unsigned user = 0;                     // our effective uid
    std::string_view sudo_uid;             // SUDO_UID of the environment; empty: not set
    std::optional<unsigned> folder_owner;  // of the working folder, as PID 1 only: root in a container, in a checkout
};

/// The user and root; as root also whoever has called sudo(8) and the owner of the folder.
std::vector<unsigned> trusted_owners(const ConfigReader& reader);

/// A file as it was found, and the links that led to it.
struct FoundConfig {
    FileFacts file;  // FileKind::None: the last of the links leads nowhere
    std::vector<FileFacts> links;
};

enum class FoundVerdict {
    Obeyed,
    ObeyedButWritable,  // everybody may write it: a checkout with umask 0 is no attack, and worth a warning
    LeadsNowhere,       // passed over with a warning
    ForeignLink,
    ForeignFile,
    NoRegularFile,
};
FoundVerdict classify(const FoundConfig& found, const std::vector<unsigned>& trusted);

/// What is said of a file of that path: for ForeignLink and ForeignFile with its `owner`, "lena (uid 1000)", and with
/// what means consent. Empty for Obeyed.
std::string describe(FoundVerdict verdict, const std::string& path, const std::string& owner);

/// A configuration of somebody who is trusted, in a folder above the working folder that everybody may write.
std::string passed_over(const std::string& path, const std::string& folder);

/// Of any configuration, in bytes: what is longer is none.
inline constexpr std::size_t longest_config = 1U << 20U;

}  // namespace vlmshim
