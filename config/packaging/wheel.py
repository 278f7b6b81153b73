#!/usr/bin/env python3
"""One wheel for each machine: the program goes where pip puts programs, the manual pages and completions into share.

The binary is static: it runs with any C library, so both platform tags are true.
"""

import base64
import hashlib
import io
import time
import zipfile

import linked
import packing

METADATA = """\
Metadata-Version: 2.1
Name: vlmshim
Version: {version}
Summary: {summary}
License: MIT
Requires-Python: >=3.8
Classifier: Environment :: Console
Classifier: License :: OSI Approved :: MIT License
Classifier: Operating System :: POSIX :: Linux
Classifier: Topic :: Software Development :: Testing
Description-Content-Type: text/markdown

{readme}"""

WHEEL = """\
Wheel-Version: 1.0
Generator: vlmshim
Root-Is-Purelib: false
"""


def tags(machine):
    return [f"manylinux_2_17_{machine.name}", f"manylinux2014_{machine.name}", f"musllinux_1_1_{machine.name}"]


def content(machine):
    """path: Entry, without RECORD."""
    info, data = (f"vlmshim-{packing.VERSION}.{kind}" for kind in ("dist-info", "data"))
    files = {f"vlmshim/{path.name}": packing.entry(path) for path in (packing.ROOT / "config/packaging/wheel").glob("*.py")}
    for path, entry in packing.installed(machine).items():
        files[f"{data}/scripts/vlmshim" if path == "bin/vlmshim" else f"{data}/data/{path}"] = entry
    for name, entry in linked.licence_files(machine).items():
        files[f"{info}/licences/{name}"] = entry
    files[f"{info}/LICENSE"] = packing.entry(packing.ROOT / "LICENSE")
    readme = (packing.ROOT / "README.md").read_text()
    files[f"{info}/METADATA"] = packing.text(
        METADATA.format(version=packing.VERSION, summary=packing.SUMMARY, readme=readme))
    files[f"{info}/WHEEL"] = packing.text(WHEEL + "".join(f"Tag: py3-none-{tag}\n" for tag in tags(machine)))
    return files, f"{info}/RECORD"


def record(files, own):
    """RFC 4180 without a need for quotes: each path, its sum and its size; of the record itself only the path."""
    rows = []
    for path in sorted(files):
        digest = base64.urlsafe_b64encode(hashlib.sha256(files[path].content).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(files[path].content)}\n")
    return packing.text("".join(rows) + own + ",,\n")


def zip_bytes(files):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for path, (mode, data) in files.items():
            member = zipfile.ZipInfo(path, time.gmtime(packing.EPOCH)[:6])
            member.external_attr = (0o100000 | mode) << 16
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, data, compresslevel=9)
    return whole.getvalue()


def main():
    for machine in packing.MACHINES:
        files, own = content(machine)
        # What describes the wheel lies at its end, as the format recommends.
        ordered = {path: files[path] for path in sorted(files, key=lambda path: (".dist-info/" in path, path))}
        ordered[own] = record(files, own)
        name = f"vlmshim-{packing.VERSION}-py3-none-{'.'.join(tags(machine))}.whl"
        (packing.OUT / name).write_bytes(zip_bytes(ordered))


if __name__ == "__main__":
    main()
