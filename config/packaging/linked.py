"""What a static binary has in it besides ours: which packages of Debian it came from, and their licences.

A component is found by a file of it, so that the package that is named is the one that the compiler took.

    linked.py MACHINE FOLDER    writes the licences into FOLDER; not the two that every Debian has
"""

import collections
import pathlib
import subprocess
import sys

from packing import MACHINES, ROOT, text, WORK

Component = collections.namedtuple("Component", "name package version debian licence copyright")

SYSROOT = WORK / "sysroot"  # of arm64, made by sysroot.sh
COMMON_LICENCES = pathlib.Path("/usr/share/common-licenses")  # the copyright files refer to these

LICENCES = {
    "libuv": "MIT",
    "spdlog": "MIT",
    "fmt": "MIT",
    "toml++": "MIT",
    "libstdc++": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libgcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
}

NOTICE = """\
Linked into vlmshim, statically, with what is said in the files beside this one:

{}
glibc is under the LGPL, which gives you the right to link the program with a changed glibc: its source is free, and builds
with `meson setup build && ninja -C build vlmshim`.
"""


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def of_this_machine(name, file, debian):
    """From the package that has installed a file. `debian` is the architecture that it is for."""
    package = output("dpkg-query", "--search", str(pathlib.Path(file).resolve())).split(",")[0].rpartition(": ")[0]
    version = output("dpkg-query", "--show", "--showformat=${Version}", package)
    package = package.partition(":")[0]
    return Component(name, package, version, debian, LICENCES[name], pathlib.Path("/usr/share/doc", package, "copyright"))


def of_sysroot(name, package):
    versions = dict(line.split() for line in (SYSROOT / "packages").read_text().splitlines())
    copyright_file = SYSROOT / "usr/share/doc" / package / "copyright"
    return Component(name, package, versions[package], "arm64", LICENCES[name], copyright_file)


def components(machine):
    cross = machine.name == "aarch64"
    compiler = "aarch64-linux-gnu-g++" if cross else "g++"

    def archive(name):
        return output(compiler, "-print-file-name=" + name)
    gcc = [of_this_machine("libstdc++", archive("libstdc++.a"), machine.debian),
           of_this_machine("libgcc", archive("libgcc.a"), machine.debian)]
    if cross:
        ours = {"libuv": "libuv1-dev", "spdlog": "libspdlog-dev", "fmt": "libfmt-dev", "toml++": "libtomlplusplus-dev",
                "glibc": "libc6-dev"}
        return [of_sysroot(*item) for item in ours.items()] + gcc
    files = {"libuv": archive("libuv_a.a"), "spdlog": "/usr/include/spdlog/spdlog.h", "fmt": "/usr/include/fmt/core.h",
             "toml++": "/usr/include/toml++/toml.h", "glibc": archive("libc.a")}
    return [of_this_machine(name, file, machine.debian) for name, file in files.items()] + gcc


def licence_files(machine):
    """name: Entry, for a folder `licences`."""
    linked = components(machine)
    rows = "".join(f"  {part.name:10} {part.licence:42} Debian's {part.package} {part.version}\n" for part in linked)
    files = {"README": text(NOTICE.format(rows)), "vlmshim": text((ROOT / "LICENSE").read_text())}
    for part in linked:
        files[part.name] = text(part.copyright.read_text(encoding="utf-8"))
    for name in ("GPL-3", "LGPL-2.1"):
        files["common/" + name] = text((COMMON_LICENCES / name).read_text(encoding="utf-8"))
    return files


def main(name, folder):
    machine = next(machine for machine in MACHINES if machine.name == name)
    for path, entry in licence_files(machine).items():
        if not path.startswith("common/"):
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(entry.content)


if __name__ == "__main__":
    main(*sys.argv[1:])
