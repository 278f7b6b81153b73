#!/usr/bin/env python3
"""vlmshim-VERSION-linux-MACHINE.tar.gz: what belongs below a prefix, as /usr/local, in one folder."""

import linked
import packing


def main():
    for machine in packing.MACHINES:
        name = f"vlmshim-{packing.VERSION}-linux-{machine.name}"
        files = packing.installed(machine)
        documents = {file: packing.entry(packing.ROOT / file) for file in ("LICENSE", "README.md", "CHANGELOG.md")}
        documents.update({"licences/" + file: entry for file, entry in linked.licence_files(machine).items()})
        files.update({"share/doc/vlmshim/" + path: entry for path, entry in documents.items()})
        archive = packing.tar_bytes({f"{name}/{path}": entry for path, entry in files.items()})
        (packing.OUT / (name + ".tar.gz")).write_bytes(packing.gzip_bytes(archive))


if __name__ == "__main__":
    main()
