"""vlmshim is a program; `python -m vlmshim` runs it too."""
