"""pip, in a fresh venv and without a network."""

from packages import Case, MANUAL_PAGES, OUT, PYTHON, VERSION, files_below, run


class Wheel(Case):
    def venv(self):
        folder = self.folder() / "venv"
        run(PYTHON, "-m", "venv", folder)
        return folder

    def test_it_works_and_leaves_nothing(self):
        venv = self.venv()
        pip = [venv / "bin/python", "-m", "pip", "--disable-pip-version-check", "-q"]
        run(*pip, "--version")  # what python writes for itself is there before we look
        before = files_below(venv)
        run(*pip, "install", "--no-index", "--find-links", OUT, "--no-compile", "vlmshim")
        self.check_works(venv / "bin/vlmshim")
        self.assertEqual(run(venv / "bin/python", "-m", "vlmshim", "--version").split()[:2], ["vlmshim", VERSION])
        self.assertEqual([page for page in MANUAL_PAGES if not (venv / "share/man" / page).exists()], [])
        self.assertIn(f"vlmshim {VERSION}", " ".join(run(*pip[:-1], "list").split()))
        run(*pip, "uninstall", "--yes", "vlmshim")
        left = {path for path in files_below(venv) - before if "__pycache__" not in path}
        self.assertEqual({path for path in left if not (venv / path).is_dir()}, set())

    def test_each_machine_and_c_library_finds_its_wheel(self):
        for platform in ("manylinux_2_17", "manylinux2014", "musllinux_1_1"):
            for machine in ("x86_64", "aarch64"):
                folder = self.folder()
                run(PYTHON, "-m", "pip", "--disable-pip-version-check", "-q", "download", "--no-index", "--find-links", OUT,
                    "--only-binary=:all:", "--platform", f"{platform}_{machine}", "--dest", folder, "vlmshim")
                self.assertEqual([machine in path.name for path in folder.iterdir()], [True])
