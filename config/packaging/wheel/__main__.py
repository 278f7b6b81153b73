"""`python -m vlmshim ...`: becomes the program that was installed with this package."""

import importlib.metadata
import os
import sys


def program():
    """Where this package's own installation has put it: into a venv, ~/.local or elsewhere."""
    for file in importlib.metadata.files("vlmshim") or []:
        if file.name == "vlmshim" and file.parent.name == "bin":
            return os.path.abspath(file.locate())
    return sys.exit("vlmshim: the program is not where this package was installed: pip install --force-reinstall vlmshim")


if __name__ == "__main__":
    os.execv(program(), ["vlmshim", *sys.argv[1:]])
