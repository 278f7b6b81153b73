#!/bin/sh
# What npm puts on the PATH. It becomes the program: a launcher in JavaScript would stay between it and its caller, and when that
# launcher is killed nothing tells the program. No script has to run at installation.
set -u
here=$(readlink -f -- "$0" 2>/dev/null) || here=$0
case $(uname -sm) in
    'Linux x86_64' | 'Linux amd64') package=@vlmshim/linux-x64 ;;
    'Linux aarch64' | 'Linux arm64') package=@vlmshim/linux-arm64 ;;
    *)
        echo "vlmshim: error: it runs on Linux on x86_64 and arm64, not on $(uname -sm): use a container, or WSL2 on Windows" >&2
        exit 125
        ;;
esac

# As node looks for a package: in each node_modules above.
folder=${here%/*}
program=
while [ -n "$folder" ]; do
    program=$folder/node_modules/$package/bin/vlmshim
    [ ! -x "$program" ] || break
    program=
    folder=${folder%/*}
done
if [ -z "$program" ]; then
    echo "vlmshim: error: $package is not installed: npm install without --omit=optional, or npm install $package" >&2
    exit 125
fi

# npm passes SIGTERM to its shell only, which dies of it and tells nobody. So where the parent is npm, or the shell of a script
# of npm's, the kernel sends SIGTERM when that parent is gone. Not where the shell puts things into the background: what is
# meant to outlive it does.
of() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null; }
is_npm() {
    case $(of "$1") in
        npm\ * | npx\ * | pnpm\ * | yarn\ * | *node\ */npm\ * | *node\ */npx\ * | *node\ */pnpm* | *node\ */yarn*) return 0 ;;
    esac
    return 1
}
parent=$(of "$PPID" | sed 's/&&//g; s/[<>]&//g; s/&>//g')
above=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$PPID/status" 2>/dev/null)
case $parent in
    *'&'*) ;;
    *sh\ -c\ *) ! is_npm "$above" || under_npm=yes ;;
    *) ! is_npm "$PPID" || under_npm=yes ;;
esac
if [ -n "${under_npm-}" ] && setpriv --pdeathsig TERM true 2>/dev/null; then
    exec setpriv --pdeathsig TERM "$program" "$@"
fi
exec "$program" "$@"
