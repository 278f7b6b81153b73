#include "vlmshim/cleanup/report_file.hpp"

#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/os/clock.hpp"
#include "vlmshim/os/write.hpp"

namespace vlmshim {

namespace {

/// Logs what is waited for, once for each standstill.
class LoggedReaderWait final : public os::ReaderWait {
public:
    LoggedReaderWait(os::ReaderWait& reader, const std::string& path, Log& log)
        : reader_(reader), path_(path), log_(log) {}

    Answer wait(int descriptor, Millis at_most) override {
        constexpr Millis log_after{2'000};
        const Answer answer = reader_.wait(descriptor, at_most);
        const bool was_logged = waited_ >= log_after;
        waited_ = answer == Answer::Writable ? Millis{0} : waited_ + at_most;
        if (!was_logged && waited_ >= log_after && answer == Answer::TimeOver) {
            log_.info("the report waits for the reader of ", path_, "; a signal ends that");
        }
        return answer;
    }

private:
    os::ReaderWait& reader_;
    const std::string& path_;
    Log& log_;
    Millis waited_{0};
};

}  // namespace

RunReport begin_report(const Config& config, const std::string& writer) {
    RunReport report;
    report.written_by = writer;
    report.command = config.test.command;
    report.config_file = config.file;
    report.started = os::wall_clock();
    report.ports = config.ports.guard;
    return report;
}

void add_ended(RunReport& report, const EndedLog& ended) {
    report.ended = ended.list();
    report.ended_total = ended.total();
}

ReportFile::ReportFile(const std::string& path, const os::Inheritance& inheritance) : path_(path) {
    if (path.empty()) {
        return;
    }
    std::error_code error;
    if (const auto descriptor = descriptor_named(path)) {
        stream_ = os::share_for_writing(*descriptor, inheritance, error);
    } else {
        file_.emplace(path);
        error = file_->refusal();
        unfinished_at_start_ = os::random_file_name();
        unfinished_at_end_ = os::random_file_name();
    }
    if (error) {
        problem_ = not_written(error);
    }
}

std::string ReportFile::not_written(std::error_code why) const {
    return "the report " + path_ + " cannot be written: " + why.message();
}

void ReportFile::begin(const RunReport& report) {
    if (file_ && !file_->is_stream()) {
        os::NoReaderWait none;
        file_->replace(to_json(report), unfinished_at_start_, none);
    }
}

std::error_code ReportFile::write(const std::string& text, const std::string& unfinished, os::ReaderWait& reader) {
    if (!file_) {
        return stream_ ? os::write_all(stream_.get(), text, reader)
                       : std::make_error_code(std::errc::bad_file_descriptor);
    }
    if (!file_->is_stream()) {
        return file_->replace(text, unfinished, reader);
    }
    std::error_code error;
    const os::Fd stream = file_->open_stream(reader, error);
    return stream ? os::write_all(stream.get(), text, reader) : error;
}

ExitStatus ReportFile::finish(const RunReport& report, ExitStatus status, Log& log, os::ReaderWait& reader) {
    return wanted() ? finish_as(unfinished_at_end_, report, status, log, reader) : status;
}

ExitStatus ReportFile::finish_for_supervisor(const RunReport& report, ExitStatus status, Log& log,
                                             os::ReaderWait& reader) {
    if (!wanted()) {
        return status;
    }
    if (file_) {
        file_->remove(unfinished_at_start_);
        file_->remove(unfinished_at_end_);
    }
    return finish_as(os::random_file_name(), report, status, log, reader);
}

ExitStatus ReportFile::finish_as(const std::string& unfinished, const RunReport& report, ExitStatus status, Log& log,
                                 os::ReaderWait& reader) {
    LoggedReaderWait logged_wait(reader, path_, log);
    const auto error = write(to_json(report), unfinished, logged_wait);
    if (!error) {
        return status;
    }
    const std::string problem = not_written(error);
    if (!status.success()) {
        log.warn(problem);
        return status;
    }
    log.error(problem, " (exit status ", exit_own_failure, ")");
    log.annotate_failure(problem);
    return ExitStatus::exited(exit_own_failure);
}

}  // namespace vlmshim
