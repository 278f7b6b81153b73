#!/usr/bin/env python3
"""vlmshim-VERSION.cdx.json: what is in the binaries, as CycloneDX 1.5."""

import datetime
import hashlib
import json
import uuid

import linked
import packing


def purl(part):
    version = part.version.replace(":", "%3A").replace("+", "%2B").replace("~", "%7E")
    return f"pkg:deb/debian/{part.package.replace('+', '%2B')}@{version}?arch={part.debian}"


def library(part):
    return {"type": "library", "bom-ref": purl(part), "name": part.name, "version": part.version, "purl": purl(part),
            "licenses": [{"expression": part.licence}]}


def program(machine):
    content = packing.installed(machine, "bin")["bin/vlmshim"].content
    return {"type": "application", "bom-ref": f"vlmshim-{machine.name}", "name": "vlmshim", "version": packing.VERSION,
            "description": f"the static binary for {machine.name}", "licenses": [{"license": {"id": "MIT"}}],
            "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}]}


def main():
    time = datetime.datetime.fromtimestamp(packing.EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    whole = {"type": "application", "bom-ref": "vlmshim", "name": "vlmshim", "version": packing.VERSION,
             "description": packing.SUMMARY, "licenses": [{"license": {"id": "MIT"}}]}
    parts, dependencies = [], [{"ref": "vlmshim", "dependsOn": [f"vlmshim-{machine.name}" for machine in packing.MACHINES]}]
    for machine in packing.MACHINES:
        libraries = sorted((library(part) for part in linked.components(machine)), key=lambda part: part["bom-ref"])
        parts += [program(machine), *libraries]
        dependencies.append({"ref": f"vlmshim-{machine.name}", "dependsOn": [part["bom-ref"] for part in libraries]})
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "",
        "version": 1,
        "metadata": {"timestamp": time, "component": whole,
                     "properties": [{"name": "vlmshim:revision", "value": packing.REVISION}]},
        "components": parts,
        "dependencies": dependencies,
    }
    # A number of its own for each content, and the same one for the same.
    document["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(document)).urn
    path = packing.OUT / f"vlmshim-{packing.VERSION}.cdx.json"
    path.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
