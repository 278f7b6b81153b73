"""dpkg, into a root of its own; lintian."""

import subprocess

from packages import Case, VERSION, files_below, one, run


class Debian(Case):
    def root(self):
        """A root where dpkg can install: it knows of no package."""
        root = self.folder()
        for folder in ("info", "updates", "triggers"):
            (root / "var/lib/dpkg" / folder).mkdir(parents=True)
        for name in ("status", "available"):
            (root / "var/lib/dpkg" / name).touch()
        return root

    def dpkg(self, root, *arguments):
        self.need("dpkg")
        return run("dpkg", f"--root={root}", "--force-not-root,script-chrootless", f"--log={root}/log", *arguments)

    def test_installed_and_removed(self):
        root = self.root()
        self.dpkg(root, "--install", one("vlmshim_*_amd64.deb"))
        self.check_works(root / "usr/bin/vlmshim")
        for path in ("share/man/man1/vlmshim.1.gz", "share/man/man5/vlmshim.toml.5.gz", "share/bash-completion/completions/vlmshim",
                     "share/zsh/vendor-completions/_vlmshim", "share/fish/vendor_completions.d/vlmshim.fish",
                     "share/doc/vlmshim/copyright", "share/doc/vlmshim/changelog.gz", "share/doc/vlmshim/licences/README"):
            self.assertTrue((root / "usr" / path).is_file(), path)
        self.dpkg(root, "--purge", "vlmshim")
        self.assertEqual({path for path in files_below(root) if not path.startswith("var/lib/dpkg/") and path != "log"}, set())

    def test_the_other_machine(self):
        self.need("dpkg-deb")
        self.assertEqual(run("dpkg-deb", "--field", one("vlmshim_*_arm64.deb"), "Version", "Architecture").splitlines(),
                         [f"Version: {VERSION}", "Architecture: arm64"])

    def test_lintian(self):
        self.need("lintian")
        done = subprocess.run(["lintian", "--allow-root", "--fail-on", "error,warning", one("vlmshim_*_amd64.deb"),
                               one("vlmshim_*_arm64.deb")], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotIn("unused-override", done.stdout)
