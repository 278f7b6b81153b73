#include "vlmshim/cleanup/report_file.hpp"

#include <algorithm>
#include <utility>

#include "vlmshim/core/values/file_path.hpp"
#include "vlmshim/os/folder.hpp"
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

ReportFile::ReportFile(const std::string& path, const os::Inheritance& inheritance) : path_(path) {
    std::error_code error;
    if (const auto descriptor = descriptor_named(path)) {
        stream_ = os::share_for_writing(*descriptor, inheritance, error);
    } else {
        file_.emplace(path);
        error = file_->refusal();
        unfinished_at_start_ = os::random_file_name();
        unfinished_at_end_ = os::random_file_name();
        unfinished_again_ = os::random_file_name();
    }
    if (error) {
        problem_ = not_written(error.message());
    }
}

std::string ReportFile::not_written(const std::string& why) const {
    return "the report " + path_ + " cannot be written: " + why;
}

WrittenTarget ReportFile::target() const {
    return file_ ? file_->target() : WrittenTarget{.there = os::facts_of(stream_.get())};
}

void ReportFile::refuse_if_same(const ReportFile& earlier) {
    if (problem_.empty() && earlier.problem_.empty() && is_same_target(earlier.target(), target())) {
        problem_ = not_written("it is the same as " + earlier.path_ + ": name it once");
    }
}

void ReportFile::begin(const RunReport& report) {
    if (!is_stream()) {
        os::NoReaderWait none;
        file_->replace(report_text(report, report_form_of(path_)), unfinished_at_start_, none);
    }
}

std::string ReportFile::write(const RunReport& report, Log& log, os::ReaderWait& reader) {
    if (!problem_.empty()) {
        return problem_;
    }
    LoggedReaderWait logged_wait(reader, path_, log);
    const std::error_code error = write_text(report_text(report, report_form_of(path_)), logged_wait);
    return error ? not_written(error.message()) : "";
}

std::string ReportFile::write_again(const RunReport& report, Log& log, os::ReaderWait& reader) {
    std::swap(unfinished_at_end_, unfinished_again_);
    return write(report, log, reader);
}

std::error_code ReportFile::write_text(const std::string& text, os::ReaderWait& reader) {
    if (!file_) {
        return stream_ ? os::write_all(stream_.get(), text, reader)
                       : std::make_error_code(std::errc::bad_file_descriptor);
    }
    if (!file_->is_stream()) {
        return file_->replace(text, unfinished_at_end_, reader);
    }
    std::error_code error;
    const os::Fd stream = file_->open_stream(reader, error);
    return stream ? os::write_all(stream.get(), text, reader) : error;
}

void ReportFile::take_over() {
    if (file_) {
        file_->remove(unfinished_at_start_);
        file_->remove(unfinished_at_end_);
        file_->remove(unfinished_again_);
        unfinished_at_end_ = os::random_file_name();
    }
}

ReportFiles::ReportFiles(const std::vector<std::string>& paths, const os::Inheritance& inheritance) {
    for (const std::string& path : paths) {
        ReportFile file(path, inheritance);
        for (const ReportFile& earlier : files_) {
            file.refuse_if_same(earlier);
        }
        files_.push_back(std::move(file));
    }
}

std::vector<std::string> ReportFiles::leave_out_refused() {
    std::vector<std::string> problems;
    for (const ReportFile& file : files_) {
        if (!file.problem().empty()) {
            problems.push_back(file.problem());
        }
    }
    std::erase_if(files_, [](const ReportFile& file) { return !file.problem().empty(); });
    return problems;
}

void ReportFiles::begin(const RunReport& report) {
    for (ReportFile& file : files_) {
        file.begin(report);
    }
}

/// Streams last: the others need not wait for a reader.
bool ReportFiles::finish(RunReport& report, Log& log, os::ReaderWait& reader) {
    std::vector<ReportFile*> in_order;
    for (ReportFile& file : files_) {
        in_order.push_back(&file);
    }
    const auto streams =
        std::stable_partition(in_order.begin(), in_order.end(), [](ReportFile* file) { return !file->is_stream(); });
    const bool was_success = report.status == ExitStatus::exited(0);
    bool warned = false;
    const auto take = [&](const std::string& problem) {
        if (problem.empty()) {
            return;
        }
        if (!was_success) {
            log.warn(problem);
            warned = true;
            return;
        }
        log.error(problem, " (exit status ", exit_own_failure, ")");
        log.annotate_failure(problem);
        report.status = ExitStatus::exited(exit_own_failure);
        report.cause = Cause::ReportNotWritten;
        report.reason = problem;
    };
    std::vector<ReportFile*> written;
    const auto tell_written = [&] {
        if (was_success && report.status != ExitStatus::exited(0)) {
            for (ReportFile* const file : std::exchange(written, {})) {
                take(file->write_again(report, log, reader));
            }
        }
    };
    std::for_each(in_order.begin(), streams, [&](ReportFile* file) {
        const std::string problem = file->write(report, log, reader);
        if (problem.empty()) {
            written.push_back(file);
        }
        take(problem);
    });
    tell_written();
    std::for_each(streams, in_order.end(), [&](ReportFile* file) { take(file->write(report, log, reader)); });
    tell_written();
    return warned;
}

void ReportFiles::take_over() {
    for (ReportFile& file : files_) {
        file.take_over();
    }
}

}  // namespace vlmshim
