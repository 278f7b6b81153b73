"""python3 run.py SUITE [unittest arguments]: one suite, the binaries named by the environment."""

import atexit
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import unittest


def for_all_users(path):
    """A copy for cases that start it as another user, who may have no access to this folder (a checkout in /root)."""
    if all(parent.stat().st_mode & 0o001 for parent in pathlib.Path(path).resolve().parents):
        return os.path.abspath(path)
    folder = tempfile.mkdtemp(prefix="vlmshim-e2e-programs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    return shutil.copy2(path, folder)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in ("VLMSHIM", "VLMSHIM_FIXTURE", "VLMSHIM_STANDIN"):
        if not os.access(os.environ.get(name, ""), os.X_OK):
            sys.exit(f"run.py: ${name} must be the path of an executable")
        os.environ[name] = for_all_users(os.environ[name])
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    import harness  # now that the environment says where the binaries are
    harness.hear_typed_signals()
    signal.signal(signal.SIGTERM, harness.give_up)  # meson's timeout: a stuck program leaves nothing behind either
    program = unittest.main(module=sys.argv[1], argv=["run.py", *sys.argv[2:]], exit=False, verbosity=2)
    result = program.result
    bad = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"{sys.argv[1]}: {result.testsRun - bad - len(result.skipped)} passed, {bad} failed, {len(result.skipped)} skipped")
    sys.exit(0 if result.wasSuccessful() and result.testsRun > 0 else 1)


if __name__ == "__main__":
    main()
