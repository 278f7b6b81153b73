// Whose configuration is obeyed when it was found, not named. The commands in it run as our user.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vlmshim/core/values/file_facts.hpp"

namespace vlmshim {

/// The user for whom a configuration is looked for.
struct ConfigReader {
    unsigned user = 0;                     // our effective uid
    std::string_view sudo_uid;             // SUDO_UID of the environment; empty: not set
    std::optional<unsigned> folder_owner;  // of the working folder; for PID 1 only
};

/// The user and root; for root also the user of sudo(8); and `folder_owner`, since a container's root often runs in a
/// user's checkout.
std::vector<unsigned> trusted_owners(const ConfigReader& reader);

/// A file as it was found, and the links that led to it.
struct FoundConfig {
    FileFacts file;  // FileKind::None: the last link leads nowhere
    std::vector<FileFacts> links;
};

enum class FoundVerdict {
    Obeyed,
    ObeyedButWritable,  // all users may write it: a warning, since a checkout with umask 0 is no attack
    LeadsNowhere,       // skipped with a warning
    ForeignLink,
    ForeignFile,
    NoRegularFile,
};
FoundVerdict classify(const FoundConfig& found, const std::vector<unsigned>& trusted);

/// The message for the file at `path`, with the options that use it all the same; empty for Obeyed. `owner`, such as
/// "lena (uid 1000)", is for ForeignLink and ForeignFile.
std::string describe(FoundVerdict verdict, const std::string& path, const std::string& owner);

/// The message for a trusted configuration in a folder above the working folder where all users may write.
std::string passed_over(const std::string& path, const std::string& folder);

/// Bytes. A longer file is refused.
inline constexpr std::size_t longest_config = 1U << 20U;

}  // namespace vlmshim
