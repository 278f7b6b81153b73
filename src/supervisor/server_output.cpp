#include "vlmshim/supervisor/server_output.hpp"

#include "vlmshim/os/file.hpp"
#include "vlmshim/os/folder.hpp"
#include "vlmshim/os/found_file.hpp"

namespace vlmshim {

ServerOutput::ServerOutput(const ServerConfig& server, const Config& config, loop::Loop& loop, Log& log)
    : server_(server), way_(output_way_of(server, config)), loop_(loop) {
    if (way_ == OutputWay::ShownByLines) {
        shown_.emplace(server.name, loop, log);
    }
}

std::variant<Pid, os::SpawnError> ServerOutput::start(Launcher& launcher, ServerId id) {
    if (!server_.ready.log.empty()) {
        read_file();  // what was written after an earlier start does not count
        match_.emplace(launcher.log_pattern_of(id));
    }
    switch (way_) {
        case OutputWay::Kept:
        case OutputWay::ShownByLines:
            return start_captured(launcher, id);
        case OutputWay::IntoFile:
            return start_into_file(launcher, id);
        case OutputWay::PassedThrough:
            return launcher.start_server_on_our_output(id);
        case OutputWay::Discarded:
            break;
    }
    return launcher.start_server(id, -1);
}

// Descriptors are opened late and closed early: a limit of 16 has to be enough.
std::variant<Pid, os::SpawnError> ServerOutput::start_captured(Launcher& launcher, ServerId id) {
    std::error_code error;
    os::Pipe pipe = os::open_pipe(error);
    if (error) {
        return os::SpawnError{os::SpawnError::Stage::Output, error, {}};
    }
    auto outcome = launcher.start_server(id, pipe.writer.get());
    pipe.writer.reset();
    if (std::holds_alternative<Pid>(outcome)) {
        pipe_ = std::make_unique<loop::PipeReader>(loop_, std::move(pipe.reader),
                                                   [this](std::string_view bytes) { take(bytes); });
    }
    return outcome;
}

std::variant<Pid, os::SpawnError> ServerOutput::start_into_file(Launcher& launcher, ServerId id) {
    auto outcome = launcher.start_server_into_file(id);
    if (match_ && !file_ && std::holds_alternative<Pid>(outcome)) {
        std::error_code error;
        file_ = os::open_named(server_.output.path, error);
        if (os::facts_of(file_.get()).kind != FileKind::Regular) {
            file_.reset();  // reading a pipe or a terminal would take the output from its reader
        }
    }
    return outcome;
}

std::string ServerOutput::why_no_match() {
    read_file();
    if (match_->found()) {
        return {};
    }
    const bool cannot_be_read = way_ == OutputWay::IntoFile && !file_;
    return cannot_be_read ? server_.output.path + " cannot be read back" : "no line of its output matches";
}

/// From where the last look ended.
void ServerOutput::read_file() {
    while (file_) {
        const os::ReadSome read = os::read_some(file_.get());
        if (read.bytes.empty()) {
            break;
        }
        match_->take(read.bytes);
    }
}

void ServerOutput::take(std::string_view bytes) {
    kept_.append(bytes);
    if (match_) {
        match_->take(bytes);
    }
    if (shown_) {
        shown_->add(bytes);
    }
}

void ServerOutput::finish() {
    if (pipe_) {
        pipe_->drain_now();
    }
    if (shown_) {
        shown_->show_open();
    }
}

std::vector<std::string> ServerOutput::lines() const {
    return kept_.lines();
}

RunReport::Output ServerOutput::report() const {
    switch (way_) {
        case OutputWay::Kept:
        case OutputWay::ShownByLines:
            return kept_.kept();
        case OutputWay::IntoFile:
            return RunReport::OutputFile{server_.output.path};
        case OutputWay::PassedThrough:
        case OutputWay::Discarded:
            break;
    }
    return {};
}

}  // namespace vlmshim
