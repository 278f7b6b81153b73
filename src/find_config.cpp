#include "vlmshim/find_config.hpp"

#include <algorithm>

#include "vlmshim/core/config/config_trust.hpp"
#include "vlmshim/os/environment.hpp"
#include "vlmshim/os/file.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/found_file.hpp"
#include "vlmshim/os/own_process.hpp"
#include "vlmshim/os/process.hpp"

namespace vlmshim {

namespace {

/// Names a folder. Ignored if it is not absolute, as the XDG Base Directory Specification says.
std::string folder_variable(const char* name) {
    const std::string_view path = os::environment(name);
    return path.starts_with('/') ? std::string(path) : "";
}

std::string path_in(const std::string& folder) {
    return folder + (folder.empty() || folder == "/" ? "" : "/") + config_name;
}

std::string above(const std::string& folder) {
    return folder == "/" ? "" : folder.substr(0, std::max<std::size_t>(folder.rfind('/'), 1));
}

std::vector<unsigned> trusted_here() {
    ConfigReader reader{.user = os::effective_user(), .sudo_uid = os::environment("SUDO_UID"), .folder_owner = {}};
    std::error_code error;
    if (const os::Fd here = os::open_folder(".", error); here && os::own_pid().value == 1) {
        reader.folder_owner = os::facts_of(here.get()).owner;
    }
    return trusted_owners(reader);
}

class Search {
public:
    ConfigSearch run() {
        if (!look_here() && !look_above() && !look_in(callers_folder())) {
            look_in("/etc");
        }
        return std::move(result_);
    }

private:
    // Each of these returns true when the search is over.

    bool look_here() {
        const os::Fd here = open(".");
        note(os::working_directory());
        return here ? take(find_in(here.get()), config_name, path_in(os::working_directory()), RelativeTo::FolderOfFile)
                    : !result_.error.empty();
    }

    bool look_above() {
        std::string folder = os::working_directory();
        os::Fd opened = open(".");
        while (!is_end_of_search(opened.get())) {
            folder = above(folder);
            if (folder.empty()) {
                break;
            }
            opened = open(folder);
            note(folder);
            if (!opened && !result_.error.empty()) {
                return true;
            }
            if (!opened) {
                continue;
            }
            if (os::facts_of(opened.get()).everybody_writes()) {
                pass_over(find_in(opened.get()), folder);
            } else if (take(find_in(opened.get()), path_in(folder), path_in(folder), RelativeTo::FolderOfFile)) {
                return true;
            }
        }
        return false;
    }

    bool look_in(const std::string& folder) {
        const os::Fd opened = open(folder);
        note(folder);
        return opened ? take(find_in(opened.get()), path_in(folder), path_in(folder), RelativeTo::CallersFolder)
                      : !result_.error.empty();
    }

    /// `shown`: the path from the root, for messages.
    bool take(os::FoundFile found, const std::string& path, const std::string& shown, RelativeTo base) {
        if (found.is_absent() && found.links.empty()) {
            return false;
        }
        const FoundVerdict verdict = classify({found.facts, found.links}, trusted_);
        const std::string message = describe(verdict, shown, name_of(foreign_owner(found)));
        switch (verdict) {
            case FoundVerdict::LeadsNowhere:
                if (found.is_absent()) {
                    result_.warnings.push_back(message);
                    return false;
                }
                break;
            case FoundVerdict::ForeignLink:
            case FoundVerdict::ForeignFile:
            case FoundVerdict::NoRegularFile:
                result_.error = message;
                return true;
            case FoundVerdict::ObeyedButWritable:
                result_.warnings.push_back(message);
                break;
            case FoundVerdict::Obeyed:
                break;
        }
        if (found.descriptor) {
            result_.source = ConfigSource{path, std::move(found.descriptor), base};
        } else {
            result_.error = shown + ": cannot be read: " + found.error.message();
        }
        return true;
    }

    void note(const std::string& folder) {
        if (!folder.empty()) {
            result_.folders.push_back(folder);
        }
    }

    static os::FoundFile find_in(int folder) { return os::find_file(folder, config_name); }

    /// Empty: there is no such folder, or result_.error says what is wrong.
    os::Fd open(const std::string& folder) {
        std::error_code error;
        os::Fd opened = os::open_folder(folder, error);
        if (!opened && !os::FoundFile::is_absence(error)) {
            result_.error = path_in(folder) + ": cannot be looked for: " + error.message();
        }
        return opened;
    }

    static std::string callers_folder() {
        const std::string xdg = folder_variable("XDG_CONFIG_HOME");
        const std::string home = folder_variable("HOME");
        return !xdg.empty() ? xdg + "/vlmshim" : home.empty() ? "" : home + "/.config/vlmshim";
    }

    static std::string name_of(unsigned user) {
        const std::string number = std::to_string(user);
        const std::string name = os::user_name(user);
        return name == number ? "uid " + number : name + " (uid " + number + ")";
    }

    static FileFacts home() {
        std::error_code none;
        return os::facts_of(os::open_folder(folder_variable("HOME"), none).get());
    }

    bool is_end_of_search(int folder) const {
        const FileFacts facts = os::facts_of(folder);
        if (home_.kind != FileKind::None && facts.is_same_file(home_)) {
            return true;
        }
        // In a folder that all users may write, any user may have created it.
        const FileFacts git = os::facts_of(folder, std::string(".git"));
        return git.kind != FileKind::None && (!facts.everybody_writes() || is_trusted(git));
    }

    bool is_trusted(const FileFacts& file) const {
        return std::find(trusted_.begin(), trusted_.end(), file.owner) != trusted_.end();
    }

    /// The owner of a file that is not trusted, or of the link that leads to it.
    unsigned foreign_owner(const os::FoundFile& found) const {
        const auto foreign = std::find_if(found.links.begin(), found.links.end(),
                                          [this](const FileFacts& link) { return !is_trusted(link); });
        return foreign == found.links.end() ? found.facts.owner : foreign->owner;
    }

    void pass_over(const os::FoundFile& found, const std::string& folder) {
        switch (classify({found.facts, found.links}, trusted_)) {
            case FoundVerdict::Obeyed:
            case FoundVerdict::ObeyedButWritable:
                result_.warnings.push_back(passed_over(path_in(folder), folder));
                break;
            case FoundVerdict::LeadsNowhere:
            case FoundVerdict::ForeignLink:
            case FoundVerdict::ForeignFile:
            case FoundVerdict::NoRegularFile:
                break;
        }
    }

    const std::vector<unsigned> trusted_ = trusted_here();
    const FileFacts home_ = home();  // not its name, which may end in a slash or be a link
    ConfigSearch result_;
};

}  // namespace

ConfigSearch find_config() {
    return Search().run();
}

}  // namespace vlmshim
