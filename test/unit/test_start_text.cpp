// Why a command could not be executed, and what to write instead: every way in which that happens.
#include <doctest/doctest.h>

#include "vlmshim/core/report/start_text.hpp"

using namespace vlmshim;

namespace {

using File = ProgramFacts::File;
using Words = std::vector<std::string>;

ProgramFacts nowhere() {
    return {.folder = "/work"};
}

ProgramFacts nowhere_but_here(File here, bool executable = false, std::string first_line = {}) {
    ProgramFacts facts = nowhere();
    facts.here = here;
    facts.here_executable = executable;
    facts.first_line = std::move(first_line);
    return facts;
}

ProgramFacts nowhere_but_similar(std::string similar) {
    ProgramFacts facts = nowhere();
    facts.similar = std::move(similar);
    return facts;
}

ProgramFacts nowhere_as_one_word() {
    ProgramFacts facts = nowhere();
    facts.first_of_several = true;
    return facts;
}

ProgramFacts not_there(std::string path) {
    return {.path = std::move(path), .folder = "/work"};
}

/// A file with these mode bits.
ProgramFacts there(std::string path, bool has_x_bit, bool executable, std::string first_line = {}) {
    return {.path = std::move(path),
            .file = File::Regular,
            .has_x_bit = has_x_bit,
            .executable = executable,
            .first_line = std::move(first_line),
            .folder = "/work"};
}

ProgramFacts of_kind(File kind) {
    return {.path = "./tests", .file = kind, .folder = "/work"};
}

ProgramFacts noexec(ProgramFacts facts) {
    facts.noexec = true;
    return facts;
}

ProgramFacts without_interpreter(ProgramFacts facts) {
    facts.interpreter_is_there = false;
    facts.said_not_there = true;
    return facts;
}

ProgramFacts said_not_there(ProgramFacts facts) {
    facts.said_not_there = true;
    return facts;
}

}  // namespace

TEST_CASE("why a test command could not be executed") {
    struct Row {
        Words command;
        ProgramFacts program;
        const char* why;
    };
    const Row rows[]{
        {{""}, nowhere(), "its first word is empty: a command begins with the name of a program"},
        // not in PATH
        {{"pytst"}, nowhere(), "no such program is in PATH: install it, or write where it is"},
        {{"python", "t.py"}, nowhere_but_similar("python3"), "no such program is in PATH, but python3 is"},
        {{"t.py", "-v"}, nowhere_but_here(File::Regular), "it is not in PATH, but in /work: run 'python3 t.py'"},
        {{"t"},
         nowhere_but_here(File::Regular, false, "#!/usr/bin/env -S node --test"),
         "it is not in PATH, but in /work: run 'node t'"},
        {{"t.sh"}, nowhere_but_here(File::Regular, true), "it is not in PATH, but in /work: write ./t.sh"},
        {{"t"}, nowhere_but_here(File::Regular), "it is not in PATH, but in /work: write ./t, after 'chmod +x t'"},
        {{"tests"},
         nowhere_but_here(File::Folder),
         "no such program is in PATH, and in /work it is a folder: a command begins with the name of a program"},
        // not where the path leads
        {{"./run.sh"}, not_there("./run.sh"), "there is no such file in /work"},
        {{"/opt/run.sh"}, not_there("/opt/run.sh"), "there is no such file"},
        // no program
        {{"python t.py"},
         nowhere_as_one_word(),
         "it is one word, with blanks in it: drop the quotes around it, vlmshim -- python t.py"},
        {{"python 'my t.py'", "-v"},
         nowhere_as_one_word(),
         "it is one word, with blanks in it: drop the quotes around it, vlmshim -- python 'my t.py' -v"},
        {{"cd x && pytest"},
         nowhere_as_one_word(),
         "it is one word, and holds a second command ('&'), which needs a shell: quote it, or run sh -c '...'"},
        {{"my program"}, nowhere(), "no such program is in PATH: install it, or write where it is"},
        {{"A=1", "pytest"}, nowhere(), "it sets a variable, which only a shell understands: vlmshim -- env A=1 pytest"},
        {{"cd", "x"}, nowhere(), "it is a command of the shell and no program: vlmshim -- sh -c 'cd x && ...'"},
        {{"cd", "x", "&&", "pytest", "a b"},
         nowhere(),
         "it is a command of the shell and no program: vlmshim -- sh -c 'cd x && pytest '\\''a b'\\'''"},
        {{"source", "venv/bin/activate"},
         nowhere(),
         "it is a command of the shell and no program: vlmshim -- bash -c 'source venv/bin/activate && ...'"},
        {{"-p", "8080", "pytest", "-v"},
         nowhere(),
         "an option of vlmshim comes before the --, after it comes the command: vlmshim -p 8080 -- pytest -v"},
        {{"-v"}, nowhere(), "an option of vlmshim comes before the --, after it comes the command: vlmshim -v"},
        {{"--", "pytest"},
         nowhere(),
         "an option of vlmshim comes before the --, after it comes the command: vlmshim -- pytest"},
        {{"-k", "pytest"}, nowhere(), "it is an option: a command begins with the name of a program"},
        {{"who", "8080"}, nowhere(), "no such program is in PATH; did you mean 'vlmshim --who 8080'?"},
        {{"check"}, nowhere(), "no such program is in PATH; did you mean 'vlmshim --check'?"},
        {{"free"}, nowhere(), "no such program is in PATH; did you mean 'vlmshim --free'?"},
        {{"help"}, nowhere(), "no such program is in PATH; did you mean 'vlmshim --help'?"},
        {{"version"}, nowhere(), "no such program is in PATH; did you mean 'vlmshim --version'?"},
        {{"./check"}, not_there("./check"), "there is no such file in /work"},
        // there, but
        {{"./tests"}, of_kind(File::Folder), "it is a folder: a command begins with the name of a program"},
        {{"./tests"}, of_kind(File::Other), "it is not a regular file, and not a program"},
        {{"./t.py"}, there("./t.py", false, false), "it is not executable: 'chmod +x ./t.py', or run 'python3 ./t.py'"},
        {{"./t"},
         there("./t", false, false, "#!/bin/bash -e"),
         "it is not executable: 'chmod +x ./t', or run 'bash ./t'"},
        {{"./t"}, there("./t", false, false), "it is not executable: 'chmod +x ./t'"},
        {{"t"}, there("/opt/bin/t", false, false), "/opt/bin/t is not executable: 'chmod +x /opt/bin/t'"},
        {{"./t.sh"}, there("./t.sh", true, false), "this user may not execute it: run 'sh ./t.sh'"},
        {{"./t.sh"},
         noexec(there("./t.sh", true, false)),
         "it lies in a file system that is mounted noexec: run 'sh ./t.sh'"},
        {{"./t"},
         noexec(there("./t", true, false)),
         "it lies in a file system that is mounted noexec: copy it to another one"},
        {{"./t.py"},
         without_interpreter(there("./t.py", true, true, "#!/usr/bin/pyton")),
         "its first line names an interpreter that is not there (#!/usr/bin/pyton): mend that line, or run 'python3 "
         "./t.py'"},
        {{"./t"},
         without_interpreter(there("./t", true, true, "#!/bin/sh\r")),
         "its first line names an interpreter that is not there (#!/bin/sh and a carriage return): its lines end as on "
         "Windows, mend that with 'sed -i 's/\\r$//' ./t'"},
        {{"./t"}, said_not_there(there("./t", true, true)), "its loader is not there: it was built for another system"},
        {{"./t"}, there("./t", true, true), "Argument list too long"},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        CHECK(why_not_executed(row.command, row.program, "Argument list too long", WrittenIn::CommandLine) == row.why);
    }
}

TEST_CASE("the correction fits the place where the command is written") {
    struct Row {
        Words command;
        ProgramFacts program;
        WrittenIn where;
        const char* why;
    };
    const Row rows[]{
        {{"python t.py"},
         nowhere_as_one_word(),
         WrittenIn::File,
         "it is one word, with blanks in it: drop the quotes around it, command = [\"python\", \"t.py\"]"},
        {{"python t.py"},
         nowhere_as_one_word(),
         WrittenIn::ServerOption,
         "it is one word, with blanks in it: drop the quotes around it, -s 'python t.py'"},
        {{"A=1", "serve"},
         nowhere(),
         WrittenIn::File,
         "it sets a variable, which only a shell understands: command = [\"env\", \"A=1\", \"serve\"], or the key env"},
        {{"cd", "x"},
         nowhere(),
         WrittenIn::File,
         "it is a command of the shell and no program: command = [\"sh\", \"-c\", \"cd x && ...\"], or the key cwd"},
        {{"-p", "8080"}, nowhere(), WrittenIn::File, "it is an option: a command begins with the name of a program"},
        {{"who"}, nowhere(), WrittenIn::File, "no such program is in PATH: install it, or write where it is"},
        {{"who"}, nowhere(), WrittenIn::ServerOption, "no such program is in PATH: install it, or write where it is"},
    };
    for (const Row& row : rows) {
        CAPTURE(&row - rows);
        CHECK(why_not_executed(row.command, row.program, "", row.where) == row.why);
    }
}
