#!/usr/bin/env bash
# The step of the action: fetches the tarball, checks its sum, unpacks it below RUNNER_TEMP and puts that into PATH.
set -euo pipefail

fail() {
    # A workflow command: the run shows it as an error.
    printf '::error title=vlmshim::%s\n' "$*"
    exit 1
}

case ${RUNNER_OS:-$(uname -s)}-$(uname -m) in
    Linux-x86_64) machine=x86_64 ;;
    Linux-aarch64 | Linux-arm64) machine=aarch64 ;;
    *) fail "it runs on Linux on x86_64 and aarch64, not on $(uname -sm)" ;;
esac
[[ $VLMSHIM_VERSION =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "version: '$VLMSHIM_VERSION' is not like 0.1.0"
[[ $VLMSHIM_SHA256 =~ ^([0-9a-f]{64})?$ ]] || fail "sha256: '$VLMSHIM_SHA256' is not 64 digits of 0-9a-f"

name=vlmshim-$VLMSHIM_VERSION-linux-$machine
folder=${RUNNER_TEMP:?}/vlmshim-$VLMSHIM_VERSION
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"

fetch() {
    curl --fail --silent --show-error --location --retry 3 --output "$1" "$VLMSHIM_URL/$1" || fail "cannot get $VLMSHIM_URL/$1"
}

fetch "$name.tar.gz"
sum=$VLMSHIM_SHA256
if [[ -z $sum ]]; then
    fetch SHA256SUMS
    sum=$(awk -v name="$name.tar.gz" '$2 == name { print $1 }' SHA256SUMS)
    [[ -n $sum ]] || fail "SHA256SUMS does not name $name.tar.gz"
fi
echo "$sum  $name.tar.gz" | sha256sum --check --quiet --strict || fail "$name.tar.gz does not have the sum $sum"
tar -xzf "$name.tar.gz" --strip-components=1
rm -f "$name.tar.gz" SHA256SUMS
echo "$folder/bin" >>"$GITHUB_PATH"
"$folder/bin/vlmshim" --version
