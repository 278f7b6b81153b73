#!/usr/bin/env bash
# `./dev dist`: what users get, into build-dist/. Each kind of package is one file beside this one. What is made is the same,
# byte for byte, from the same commit in another folder.
#
#   dist.sh               all of it
#   dist.sh compile       only what is linked in and the binaries, into build-dist/work
#   dist.sh pack          only the packages, of what lies there
set -euo pipefail
umask 022
here=config/packaging
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$PWD/build-dist
work=$out/work
export LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1
# What the caller compiles with is not what is handed out.
unset CC CXX CXX_LD CFLAGS CPPFLAGS CXXFLAGS LDFLAGS PKG_CONFIG_PATH DESTDIR MAKEFLAGS

say() { printf '%s\n' "dist: $*" >&2; }

# Everything that is packed has the time of the last commit; a tree without git has that of its newest file. Changes that are
# not committed are packed too, and said: here, in build-dist/SOURCE, in the labels of the image and in the SBOM. Who packs a
# tree without git and knows better says so in SOURCE_DATE_EPOCH and DIST_REVISION.
find_source() {
    local time revision=none
    if [[ $(git rev-parse --show-toplevel 2>/dev/null) -ef . ]]; then
        revision=$(git rev-parse HEAD)
        time=$(git log -1 --format=%ct)
        [[ -z $(git status --porcelain) ]] || revision+=-dirty
    else
        time=$(find . -name 'build*' -prune -o -type f -printf '%Ts\n' | sort -n | tail -1)
    fi
    export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$time} DIST_REVISION=${DIST_REVISION:-$revision}
    [[ $DIST_REVISION =~ ^[0-9a-f]+$ ]] || say "not a clean checkout ($DIST_REVISION): for trying out, not for publishing"
}

# compile MACHINE STRIP [OPTION...]: the usual build without its tests, installed and stripped into work/MACHINE.
compile() {
    local machine=$1 strip=$2 folder=$work/build-$1
    shift 2
    local options=(--prefix /usr -Dtests=false "-Dcpp_args=['-ffile-prefix-map=$PWD=.']" "$@")
    if [[ ! -e $folder/build.ninja ]] || ! cmp -s "$folder/options" <(printf '%s\n' "${options[@]}"); then
        rm -rf "$folder"
        meson setup "$folder" "${options[@]}" >&2
        printf '%s\n' "${options[@]}" >"$folder/options"
    fi
    ninja -C "$folder" ${DIST_JOBS:+-j "$DIST_JOBS"} >&2
    rm -rf "${work:?}/$machine"
    meson install -C "$folder" --no-rebuild --quiet --destdir "$work/$machine" >&2
    # As far as Debian's rules do it, so that their package has this very file.
    "$strip" --remove-section=.comment --remove-section=.note "$work/$machine/usr/bin/vlmshim"
}

compile_all() {
    [[ $(uname -m) == x86_64 ]] || { say "error: this is for x86_64; what is for arm64 is made there too"; exit 1; }
    mkdir -p "$work"
    "$here/sysroot.sh" "$work/sysroot"
    compile x86_64 strip
    compile aarch64 aarch64-linux-gnu-strip --cross-file "$work/sysroot.ini" --cross-file "$here/aarch64.ini"
}

pack() {
    local recipe
    find "$out" -maxdepth 1 -type f -delete
    for recipe in tarball.py wheel.py npm.py image.py debian.sh sbom.py; do
        say "$recipe"
        "$here/$recipe"
    done
    printf 'revision %s\ntime %s\n' "$DIST_REVISION" "$SOURCE_DATE_EPOCH" >"$out/SOURCE"
    (cd "$out" && sha256sum SOURCE vlmshim*) >"$work/SHA256SUMS"
    mv "$work/SHA256SUMS" "$out"
    (cd "$out" && du --bytes vlmshim*) >&2
    say "made in build-dist, with SHA256SUMS"
}

find_source # before it is compiled: --version says the same
case ${1:-all} in
    all)
        compile_all
        pack
        ;;
    compile) compile_all ;;
    pack) pack ;;
    *) say "error: dist.sh takes compile, pack or nothing, not '$1'"; exit 1 ;;
esac
