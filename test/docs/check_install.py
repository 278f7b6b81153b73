"""Checks that `meson install` puts every file in its place, and strips the program.

Arguments: build folder, prefix, bindir, mandir, datadir, and whether it strips (true or false).
"""

import os
import subprocess
import sys
import tempfile


def main(build, prefix, bindir, mandir, datadir, strips):
    examples = os.path.join(datadir, "doc/vlmshim/examples")
    expected = {
        os.path.join(bindir, "vlmshim"): 0o755,
        os.path.join(mandir, "man1/vlmshim.1"): 0o644,
        os.path.join(mandir, "man5/vlmshim.toml.5"): 0o644,
        os.path.join(mandir, "man5/vlmshim-report.5"): 0o644,
        os.path.join(datadir, "bash-completion/completions/vlmshim"): 0o644,
        os.path.join(datadir, "zsh/site-functions/_vlmshim"): 0o644,
        os.path.join(datadir, "fish/vendor_completions.d/vlmshim.fish"): 0o644,
        os.path.join(mandir, "man7/vlmshim-migrate.7"): 0o644,
        os.path.join(mandir, "zh_TW/man1/vlmshim.1"): 0o644,
        os.path.join(datadir, "vlmshim/vlmshim.schema.json"): 0o644,
        os.path.join(datadir, "vlmshim/vlmshim-report.schema.json"): 0o644,
        os.path.join(examples, "vlmshim.toml"): 0o644,
        os.path.join(examples, "smolvlm.toml"): 0o644,
        os.path.join(examples, "quickstart.zh-TW.md"): 0o644,
    }
    config = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../config")
    for folder, _, names in os.walk(os.path.join(config, "examples")):
        for name in names:
            path = os.path.join(folder, name)
            expected[os.path.join(datadir, "doc/vlmshim", os.path.relpath(path, config))] = os.stat(path).st_mode & 0o777
    with tempfile.TemporaryDirectory() as destination:
        subprocess.run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", destination],
                       check=True)
        found = set()
        for folder, _, names in os.walk(destination):
            found.update(os.path.join(folder, name) for name in names)
        # An absolute directory replaces the prefix, as in meson.
        wanted = {destination + os.path.join(prefix, path): mode for path, mode in expected.items()}
        problems = ["missing: " + path for path in sorted(set(wanted) - found)]
        problems += ["not expected: " + path for path in sorted(found - set(wanted))]
        problems += ["mode {:o}: {}".format(os.stat(path).st_mode & 0o777, path)
                     for path in sorted(found & set(wanted)) if os.stat(path).st_mode & 0o777 != wanted[path]]
        program = destination + os.path.join(prefix, bindir, "vlmshim")
        if not problems and not subprocess.check_output([program, "--version"]).startswith(b"vlmshim "):
            problems.append("the installed program does not print its version")
        if not problems and strips == "true":
            with open(program, "rb") as file:
                if b"\0.symtab\0" in file.read():
                    problems.append("the installed program has its symbols: it is not stripped")
    print("\n".join(problems) or "all {} files in place".format(len(expected)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
