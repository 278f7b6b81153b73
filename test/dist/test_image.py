"""skopeo and umoci read the image, and a container runtime runs it as PID 1."""

import json
import os
import subprocess

from packages import Case, VERSION, one, run


class Image(Case):
    def name(self):
        return f"oci-archive:{one('vlmshim-*.oci.tar')}:{VERSION}"

    def bundle(self, architecture):
        """umoci's: a root folder and config.json."""
        self.need("skopeo")
        self.need("umoci")
        folder = self.folder()
        run("skopeo", "--override-arch", architecture, "copy", "-q", self.name(), f"oci:{folder}/layout:it")
        run("umoci", "unpack", "--rootless", "--image", f"{folder}/layout:it", folder / "bundle")
        return folder / "bundle"

    def test_labels_and_machines(self):
        self.need("skopeo")
        seen = json.loads(run("skopeo", "inspect", self.name()))
        self.assertEqual(seen["Labels"]["org.opencontainers.image.version"], VERSION)
        self.assertRegex(seen["Labels"]["org.opencontainers.image.revision"], r"^([0-9a-f]{40}(-dirty)?|none)$")
        index = json.loads(run("skopeo", "inspect", "--raw", self.name()))
        self.assertEqual([entry["platform"]["architecture"] for entry in index["manifests"]], ["amd64", "arm64"])
        run("skopeo", "copy", "-q", "--all", self.name(), f"dir:{self.folder()}")  # reads and sums each blob

    def test_nothing_else_is_in_it(self):
        for architecture in ("amd64", "arm64"):
            root = self.bundle(architecture) / "rootfs"
            self.assertEqual(sorted(path.name for path in root.iterdir()), ["licences", "vlmshim"])
            self.assertEqual((root / "vlmshim").stat().st_mode & 0o7777, 0o755)

    def test_copied_out_of_it(self):
        """COPY --from=vlmshim /vlmshim ... in another image."""
        self.check_works(self.bundle("amd64") / "rootfs/vlmshim")

    def contain(self, bundle, *arguments):
        """The command that runs the image's entry point with these arguments, as PID 1."""
        config = json.loads((bundle / "config.json").read_text())
        self.assertEqual(config["process"]["args"], ["/vlmshim", "--help"])
        config["process"]["args"][1:] = arguments
        config["process"]["terminal"] = False
        (bundle / "config.json").write_text(json.dumps(config))
        crun = ["crun", "--cgroup-manager", "disabled", "--root", str(bundle.parent / "state"), "run", "--bundle", str(bundle), "it"]
        # crun does not like cgroups of both versions side by side: in a mount namespace of its own there is one.
        if os.path.ismount("/sys/fs/cgroup/unified"):
            crun = ["unshare", "--mount", "sh", "-c", 'umount /sys/fs/cgroup/unified && exec "$@"', "sh", *crun]
        done = subprocess.run(crun, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode == 1 and done.stdout == "":  # crun's own failure; none of the cases ends so
            print(f"\n{self.id()}: crun cannot run here, bwrap does: {done.stderr.strip()}", flush=True)
            self.need("bwrap")
            bwrap = ["bwrap", "--unshare-pid", "--as-pid-1", "--bind", bundle / "rootfs", "/", "--proc", "/proc", "--dev", "/dev"]
            done = subprocess.run([*bwrap, "/vlmshim", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
        return done

    def test_as_pid_1(self):
        self.need("crun")
        inner = ["/vlmshim", "-v", "-p", "9000", "--"]
        for words, status, said in ((["/vlmshim", "--version"], 0, f"vlmshim {VERSION}"), (["/no/such/test"], 127, ""),
                                    ([*inner, "/vlmshim", "--check", "--no-config"], 0, "[")):
            done = self.contain(self.bundle("amd64"), "-p", "9000", "--", *words)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(said, done.stdout)
