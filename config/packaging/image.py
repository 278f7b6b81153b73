#!/usr/bin/env python3
"""vlmshim-VERSION.oci.tar: the program FROM scratch, for both machines in one index, as an OCI archive."""

import datetime
import hashlib
import json

import linked
import packing

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"

CREATED = datetime.datetime.fromtimestamp(packing.EPOCH, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
LABELS = {
    "org.opencontainers.image.title": "vlmshim",
    "org.opencontainers.image.description": packing.SUMMARY,
    "org.opencontainers.image.version": packing.VERSION,
    "org.opencontainers.image.revision": packing.REVISION,
    "org.opencontainers.image.created": CREATED,
    "org.opencontainers.image.licenses": "MIT",
}


def sum_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Layout:
    """The files of an OCI image layout."""

    def __init__(self):
        self.files = {"oci-layout": packing.text('{"imageLayoutVersion":"1.0.0"}')}

    def add(self, kind, content, **more):
        """Keeps the content as a blob and returns its descriptor."""
        if not isinstance(content, bytes):
            content = json.dumps(content).encode()
        self.files["blobs/" + sum_of(content).replace(":", "/")] = packing.Entry(0o644, content)
        return {"mediaType": kind, "digest": sum_of(content), "size": len(content), **more}


def add_image(layout, machine):
    # At the root, where COPY --from= is short; a container has nothing else on its PATH.
    files = {"vlmshim": packing.installed(machine, "bin")["bin/vlmshim"]}
    files.update({"licences/" + name: entry for name, entry in linked.licence_files(machine).items()})
    layer = packing.tar_bytes(files)
    config = {
        "created": CREATED,
        "architecture": machine.oci,
        "os": "linux",
        "config": {"Entrypoint": ["/vlmshim"], "Cmd": ["--help"], "Labels": LABELS},
        "rootfs": {"type": "layers", "diff_ids": [sum_of(layer)]},
        "history": [{"created": CREATED, "created_by": "COPY vlmshim licences /"}],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": layout.add(CONFIG, config),
        "layers": [layout.add(LAYER, packing.gzip_bytes(layer))],
        "annotations": LABELS,
    }
    return layout.add(MANIFEST, manifest, platform={"architecture": machine.oci, "os": "linux"})


def main():
    layout = Layout()
    manifests = [add_image(layout, machine) for machine in packing.MACHINES]
    both = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": LABELS}
    name = {"org.opencontainers.image.ref.name": packing.VERSION}
    top = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [layout.add(INDEX, both, annotations=name)]}
    layout.files["index.json"] = packing.text(json.dumps(top))
    (packing.OUT / f"vlmshim-{packing.VERSION}.oci.tar").write_bytes(packing.tar_bytes(layout.files))


if __name__ == "__main__":
    main()
