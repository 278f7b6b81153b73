"""python3 run.py [SUITE...] [unittest arguments]: what `./dev dist` has made is installed and run as its users do."""

import pathlib
import signal
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent


def main(arguments):
    # In the background of a shell it is ignored, and then by what is started, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[:0] = [str(HERE), str(HERE.parent / "e2e")]
    suites = sorted(path.stem for path in HERE.glob("test_*.py"))
    chosen = [word for word in arguments if word.partition(".")[0] in suites] or suites
    others = [word for word in arguments if word not in chosen]
    result = unittest.main(module=None, argv=["run.py", *others, *chosen], exit=False, verbosity=2).result
    bad = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"dist: {result.testsRun - bad - len(result.skipped)} passed, {bad} failed, {len(result.skipped)} skipped")
    return 0 if result.wasSuccessful() and result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
