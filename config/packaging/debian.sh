#!/usr/bin/env bash
# vlmshim_VERSION_amd64.deb and _arm64.deb, by dpkg-buildpackage with what is in debian/.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/build-dist/work

for machine in x86_64=amd64 aarch64=arm64; do
    architecture=${machine#*=}
    machine=${machine%=*}
    top=$work/debian-$architecture
    rm -rf "$top"
    mkdir -p "$top/source" "$top/installed"
    cp -r "$root/config/packaging/debian" "$root/README.md" "$root/CHANGELOG.md" "$top/source"
    cp -r "$work/$machine/usr" "$top/installed"
    python3 "$root/config/packaging/linked.py" "$machine" "$top/installed/usr/share/doc/vlmshim/licences"
    # Without a check of what is needed to build: it is built, and for arm64 nothing of that is installed.
    (cd "$top/source" && VLMSHIM_INSTALLED=$top/installed DEB_BUILD_OPTIONS=noautodbgsym \
        dpkg-buildpackage --build=binary --no-sign --no-check-builddeps --host-arch "$architecture" >../log 2>&1) ||
        { tail -n 40 "$top/log" >&2; exit 1; }
    cp "$top"/vlmshim_*.deb "$root/build-dist"
done
