#!/usr/bin/env bash
# sysroot.sh FOLDER: the libraries of arm64, unpacked into FOLDER, and FOLDER.ini, which tells meson where that is. apt gets
# lists, state and cache of its own, so that no architecture is added to this machine and nothing is installed.
set -euo pipefail
folder=$1
packages=(libc6 libc6-dev libuv1-dev libspdlog-dev libfmt-dev libtomlplusplus-dev)

[[ ! -e $folder/complete ]] || exit 0
rm -rf "$folder"
mkdir -p "$folder/apt/lists/partial" "$folder/apt/archives/partial"
folder=$(cd "$folder" && pwd)
: >"$folder/apt/status"
apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User=
    -o Acquire::Languages=none -o "Dir::State=$folder/apt" -o "Dir::State::lists=$folder/apt/lists"
    -o "Dir::State::status=$folder/apt/status" -o "Dir::Cache=$folder/apt" -o "Dir::Cache::archives=$folder/apt/archives")
"${apt[@]}" update
(cd "$folder/apt/archives" && "${apt[@]}" download "${packages[@]}")
for package in "$folder"/apt/archives/*.deb; do
    dpkg-deb --extract "$package" "$folder"
    # What is linked in is told by name and version.
    # shellcheck disable=SC2016 # dpkg-deb's variables
    dpkg-deb --show --showformat '${Package} ${Version}\n' "$package"
done >"$folder/packages"
rm -r "$folder/apt"
printf "[constants]\nsysroot = '%s'\n" "$folder" >"$folder.ini"
: >"$folder/complete"
