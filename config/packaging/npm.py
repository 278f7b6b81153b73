#!/usr/bin/env python3
"""The npm packages: `vlmshim` with a launcher, and one for each machine with the binary, as its optional dependencies.

`npm pack` makes the archives: it sets all times itself, so the same content gives the same bytes.
"""

import json
import shutil
import subprocess

import linked
import packing

README = """\
# vlmshim

`npx vlmshim -- node --test` runs a test and, however it ends, ends everything that it started and checks that the port is
free again. With `-s` it starts a server before, and waits until it is ready:

    vlmshim -s 'npx serve -l {port}' -r / -p 3000 -- npx playwright test

For Linux on x86_64 and arm64. On macOS and Windows it runs in a container, or in WSL2. `vlmshim --help` lists the options;
manual pages are in `node_modules/@vlmshim/linux-*/share/man`.
"""


def manifest(name, **more):
    return {"name": name, "version": packing.VERSION, "description": packing.SUMMARY, "license": "MIT", **more}


def packages():
    """folder: {path: Entry}."""
    own_licence = packing.entry(packing.ROOT / "LICENSE")
    names = {machine: "@vlmshim/linux-" + machine.node for machine in packing.MACHINES}
    description = manifest("vlmshim", keywords=["test", "server", "port", "cleanup", "init"], bin={"vlmshim": "bin/vlmshim"},
                           optionalDependencies={name: packing.VERSION for name in names.values()})
    launcher = packing.entry(packing.ROOT / "config/packaging/npm/vlmshim.sh")
    yield "vlmshim", description, {"bin/vlmshim": launcher, "README.md": packing.text(README), "LICENSE": own_licence}
    for machine, name in names.items():
        files = packing.installed(machine, "bin") | packing.installed(machine, "share/man")
        files |= {"licences/" + path: entry for path, entry in linked.licence_files(machine).items()}
        files |= {"README.md": packing.text(f"The binary of `vlmshim` for {machine.node}.\n"), "LICENSE": own_licence}
        # It lies in a folder on no PATH: no two packages bring the same command.
        yield name.replace("/", "-").strip("@"), manifest(name, os=["linux"], cpu=[machine.node], preferUnplugged=True), files


def main():
    for folder, description, files in packages():
        top = packing.WORK / "npm" / folder
        shutil.rmtree(top, ignore_errors=True)
        files["package.json"] = packing.text(json.dumps(description, indent=2) + "\n")
        for path, (mode, content) in files.items():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_bytes(content)
            (top / path).chmod(mode)
        subprocess.run(["npm", "pack", "--silent", "--ignore-scripts", "--offline", "--cache", packing.WORK / "npm-cache",
                        "--pack-destination", packing.OUT], cwd=top, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
