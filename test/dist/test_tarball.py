"""tar: below a prefix of one's own, as /usr/local is."""

from packages import Case, MANUAL_PAGES, OUT, VERSION, one, run


class Tarball(Case):
    def unpack(self, machine):
        prefix = self.folder()
        run("tar", "-xzf", one(f"vlmshim-{VERSION}-linux-{machine}.tar.gz"), "-C", prefix, "--strip-components=1")
        return prefix

    def test_it_works(self):
        prefix = self.unpack("x86_64")
        self.check_works(prefix / "bin/vlmshim")

    def test_what_is_in_it(self):
        for machine in ("x86_64", "aarch64"):
            share = self.unpack(machine) / "share"
            licences = ("README", "vlmshim", "libuv", "spdlog", "fmt", "toml++", "libstdc++", "libgcc", "glibc")
            wanted = [*("man/" + page for page in MANUAL_PAGES), "bash-completion/completions/vlmshim",
                      "zsh/site-functions/_vlmshim", "fish/vendor_completions.d/vlmshim.fish", "vlmshim/vlmshim.schema.json",
                      "vlmshim/vlmshim-report.schema.json",
                      "doc/vlmshim/LICENSE", "doc/vlmshim/README.md", "doc/vlmshim/examples/vlmshim.toml",
                      *("doc/vlmshim/licences/" + name for name in licences)]
            self.assertEqual([path for path in wanted if not (share / path).stat().st_size], [])

    def test_sums(self):
        run("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=OUT)
        listed = {line.split()[1] for line in (OUT / "SHA256SUMS").read_text().splitlines()}
        self.assertEqual(listed, {path.name for path in OUT.iterdir() if path.is_file()} - {"SHA256SUMS"})
