"""The files of config/examples: the Dockerfiles, which are not built, README.md, and what every file holds to."""

import json
import os
import re
import shutil
import subprocess

from harness import Case, check, check_equal, need, SOURCE, VLMSHIM
from recipes import copies, EXAMPLES, instructions, VERSION, yaml


class Docker(Case):
    def installed(self, name):
        """The packages of its first RUN."""
        line = next(text for word, text in instructions(name) if word == "RUN" and "apt-get install" in text)
        return set(re.search(r"apt-get install -y --no-install-recommends ([^&]*)", line)[1].split())

    def test_instructions(self):
        for name in ("Dockerfile", "Dockerfile.source"):
            words = {word for word, _text in instructions(name)}
            check(words <= {"FROM", "RUN", "ENV", "COPY", "WORKDIR", "HEALTHCHECK", "ENTRYPOINT", "CMD"}, f"instructions of {name}: {words}")
            stages = {text.split()[-1] for word, text in instructions(name) if word == "FROM" and " AS " in text}
            taken = {text.split()[0].removeprefix("--from=") for word, text in instructions(name) if text.startswith("--from=")}
            check_equal(taken, stages, f"the stages of {name} that are used")

    def test_one_is_what_the_other_takes(self):
        """Dockerfile.source makes the image that Dockerfile starts from, as that of a release is (config/packaging/image.py)."""
        name = f"vlmshim:{VERSION}"
        check(["FROM", f"{name} AS vlmshim"] in instructions("Dockerfile"), f"{name} is not what it takes")
        check(f"-t {name} " in (EXAMPLES / "docker" / "Dockerfile.source").read_text(), f"{name} is not what is made")
        check_equal(instructions("Dockerfile.source")[-2:], [["ENTRYPOINT", '["/vlmshim"]'], ["CMD", '["--help"]']], "its end")
        release = (SOURCE / "config" / "packaging" / "image.py").read_text()
        check('"Entrypoint": ["/vlmshim"], "Cmd": ["--help"]' in release, "a release's image has another entry point")

    def test_packages(self):
        """Those of ./dev that the program needs, without those of its tests; README.md has the same."""
        needed = set(re.search(r"^build_packages=\((.*?)\)$", (SOURCE / "dev").read_text(), re.MULTILINE)[1].split()) - {"doctest-dev", "python3"}
        check_equal(self.installed("Dockerfile.source"), needed, "packages of Dockerfile.source")
        readme = re.search(r"^sudo apt-get install (g\+\+.*)$", (SOURCE / "README.md").read_text(), re.MULTILINE)[1]
        check_equal(set(readme.split()), needed, "packages in README.md")

    def test_the_source_configures(self):
        """With what Dockerfile.source copies: meson names no file that is left out."""
        need(self, shutil.which("meson"), "meson is not installed")
        stage = self.stage()
        for *sources, destination in copies("Dockerfile.source"):
            for source in sources:
                target = stage.file("root" + destination)
                if (SOURCE / source).is_dir():
                    shutil.copytree(SOURCE / source, target)
                else:
                    target.mkdir(parents=True, exist_ok=True)
                    shutil.copy(SOURCE / source, target)
        setup = next(text for word, text in instructions("Dockerfile.source") if word == "RUN" and "meson setup" in text).split(" && ")[0]
        words = [stage.file("root" + word) if word.startswith("/") else word for word in setup.split()]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        check_equal(done.returncode, 0, f"status of {setup}:\n{done.stdout}")


class Documents(Case):
    """README.md of the examples, and what every file holds to."""

    def test_the_lines_that_matter(self):
        """Each line of a block stands, as it is, in a file of the folders that the section links to."""
        text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        sections = text.split("\n## ")[1:]
        check(len(sections) >= 8, f"sections: {sections}")
        for section in sections:
            title = section.partition("\n")[0]
            folders = re.findall(r"\]\((\w+)\)", section)
            check(folders, f"{title} names no folder")
            known = {line.strip() for folder in folders for file in (EXAMPLES / folder).rglob("*") if file.is_file()
                     for line in file.read_text(encoding="utf-8").splitlines()}
            for block in re.findall(r"^```\w+\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
                unknown = [line for line in block.splitlines() if line.strip() not in known]
                check(not unknown, f"{title}: in no file of {folders}: {unknown}")

    def test_links(self):
        text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
        missing = [link for link in links if not (EXAMPLES / link).exists()]
        check(not missing, f"links to nothing: {missing}")
        folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
        check(folders <= set(links), f"not in README.md: {folders - set(links)}")

    def test_configurations(self):
        """--check takes every TOML file."""
        for path in EXAMPLES.rglob("*.toml"):
            done = subprocess.run([VLMSHIM, "--check", "-c", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            check_equal(done.returncode, 0, f"status for {path}: {done.stderr}")

    def test_every_file_is_read(self):
        need(self, yaml, "python3-yaml is not installed")
        readers = {".yaml": lambda text: list(yaml.safe_load_all(text)), ".json": json.loads,
                   ".py": lambda text: compile(text, "an example", "exec")}
        for path in EXAMPLES.rglob("*.*"):
            reader = readers.get(path.suffix.replace(".yml", ".yaml"))
            check(reader is None or reader(path.read_text(encoding="utf-8")), f"{path} is empty")
        for path in EXAMPLES.rglob("*.sh"):
            check_equal(subprocess.run(["sh", "-n", path], check=False).returncode, 0, f"the syntax of {path}")
            check(os.access(path, os.X_OK), f"{path} cannot be run")
