"""The same commit gives the same bytes in another folder; and what the SBOM says is what is in the packages.

To compile everything twice takes minutes: some of the sources are, each kind of them, and all with VLMSHIM_DIST_TWICE=1.
"""

import hashlib
import json
import os
import re
import shutil
import tarfile
import unittest
import zipfile

from packages import Case, OUT, SOURCE, VERSION, WORK, one, run

# What takes most of the libraries' headers, a constant of the build and each layer's own.
SOME = ("core/core_values_version.cpp", "core/core_config_config_toml.cpp", "loop/loop_net_probe.cpp", "log/log_log.cpp")
TWICE = os.environ.get("VLMSHIM_DIST_TWICE", "") == "1"


class Same(Case):
    maxDiff = None

    def copy_of_the_tree(self):
        """Without git: so it is packed as who knows better says."""
        folder = self.folder() / "another name"
        names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=SOURCE).split("\0")
        for name in filter(None, names):
            if (SOURCE / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(SOURCE / name, folder / name)
        return folder

    def environment(self):
        """Not the one in which the first was made."""
        said = dict(line.split() for line in (OUT / "SOURCE").read_text().splitlines())
        return {**os.environ, "SOURCE_DATE_EPOCH": said["time"], "DIST_REVISION": said["revision"], "TZ": "Asia/Taipei",
                "LC_ALL": "C.UTF-8", "CXXFLAGS": "-O3", "CCACHE_DISABLE": "1"}

    def test_packages(self):
        folder = self.copy_of_the_tree()
        if not TWICE:
            (folder / "build-dist/work/sysroot/usr/share").mkdir(parents=True)
            for path in ("x86_64", "aarch64", "sysroot/usr/share/doc"):
                shutil.copytree(WORK / path, folder / "build-dist/work" / path, symlinks=True)
            shutil.copy(WORK / "sysroot/packages", folder / "build-dist/work/sysroot")
        # Another umask, too.
        run("sh", "-c", 'umask 077; exec "$0" "$@"', folder / "config/packaging/dist.sh", "all" if TWICE else "pack",
            env=self.environment())
        self.assertEqual((folder / "build-dist/SHA256SUMS").read_text(), (OUT / "SHA256SUMS").read_text())

    @unittest.skipIf(TWICE, "all are compiled")
    def test_objects(self):
        folder = self.copy_of_the_tree()
        (folder / "build-dist/work").mkdir(parents=True)
        (folder / "build-dist/work/sysroot").symlink_to(WORK / "sysroot")
        objects = [f"src/lib{path.split('/')[0]}.a.p/{path.split('/')[1]}.o" for path in SOME]
        for machine in ("x86_64", "aarch64"):
            options = (WORK / f"build-{machine}/options").read_text().splitlines()
            build = folder / f"build-dist/work/build-{machine}"
            words = [word.replace(f"prefix-map={SOURCE}=", f"prefix-map={folder}=") for word in options]
            environment = {name: value for name, value in self.environment().items() if name != "CXXFLAGS"}
            run("meson", "setup", build, *words, cwd=folder, env=environment)
            run("ninja", "-C", build, "-j1", *objects, env=environment)
            differ = [name for name in objects if (build / name).read_bytes() != (WORK / f"build-{machine}" / name).read_bytes()]
            self.assertEqual(differ, [], machine)


class Content(Case):
    def digests(self, machine, debian, node):
        """Of the program in each package for this machine."""
        with tarfile.open(one(f"vlmshim-{VERSION}-linux-{machine}.tar.gz")) as archive:
            yield archive.extractfile(f"vlmshim-{VERSION}-linux-{machine}/bin/vlmshim").read()
        with tarfile.open(one(f"vlmshim-linux-{node}-{VERSION}.tgz")) as archive:
            yield archive.extractfile("package/bin/vlmshim").read()
        with zipfile.ZipFile(one(f"vlmshim-{VERSION}-py3-none-*_{machine}.whl")) as archive:
            yield archive.read(f"vlmshim-{VERSION}.data/scripts/vlmshim")
        unpacked = self.folder()
        run("dpkg-deb", "--extract", one(f"vlmshim_{VERSION}_{debian}.deb"), unpacked)
        yield (unpacked / "usr/bin/vlmshim").read_bytes()

    def test_every_package_has_the_binary_of_the_sbom(self):
        document = json.loads(one("vlmshim-*.cdx.json").read_text())
        for machine, debian, node in (("x86_64", "amd64", "x64"), ("aarch64", "arm64", "arm64")):
            ours, = (part for part in document["components"] if part["bom-ref"] == f"vlmshim-{machine}")
            digests = {hashlib.sha256(content).hexdigest() for content in self.digests(machine, debian, node)}
            self.assertEqual(digests, {ours["hashes"][0]["content"]})
            linked, = (row["dependsOn"] for row in document["dependencies"] if row["ref"] == f"vlmshim-{machine}")
            self.assertEqual(sorted(re.sub(r".*debian/(.+?)(-\d+)?-dev.*", r"\1", part) for part in linked),
                             ["libc6", "libfmt", "libgcc", "libspdlog", "libstdc%2B%2B", "libtomlplusplus", "libuv1"])

    def test_sbom_is_whole(self):
        """CycloneDX's own rules that no schema is needed for: names are there once, and what is referred to exists."""
        document = json.loads(one("vlmshim-*.cdx.json").read_text())
        self.assertEqual((document["bomFormat"], document["specVersion"]), ("CycloneDX", "1.5"))
        self.assertRegex(document["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        names = [part["bom-ref"] for part in document["components"]] + [document["metadata"]["component"]["bom-ref"]]
        self.assertEqual(len(names), len(set(names)))
        for row in document["dependencies"]:
            self.assertLessEqual({row["ref"], *row["dependsOn"]}, set(names))

    def test_versions_agree(self):
        changelog = (SOURCE / "config/packaging/debian/changelog").read_text()
        self.assertTrue(changelog.startswith(f"vlmshim ({VERSION}) "), "debian/changelog is of another version")
        revision = dict(line.split() for line in (OUT / "SOURCE").read_text().splitlines())["revision"]
        commit = revision[:7] + ("+" if revision.endswith("-dirty") else "")
        self.assertEqual(run(WORK / "x86_64/usr/bin/vlmshim", "--version").splitlines()[0],
                         f"vlmshim {VERSION}" + (f" ({commit})" if revision != "none" else ""))

    def test_no_package_has_a_path_of_this_machine(self):
        for machine in ("x86_64", "aarch64"):
            self.assertNotIn(str(SOURCE).encode(), (WORK / machine / "usr/bin/vlmshim").read_bytes())
