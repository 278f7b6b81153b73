"""python3 run.py SUITE [unittest arguments]: one suite, the binaries named by the environment."""

import os
import pathlib
import signal
import sys
import unittest


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in ("VLMSHIM", "VLMSHIM_FIXTURE", "VLMSHIM_STANDIN"):
        if not os.access(os.environ.get(name, ""), os.X_OK):
            sys.exit(f"run.py: ${name} must be the path of an executable")
        os.environ[name] = os.path.abspath(os.environ[name])
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
