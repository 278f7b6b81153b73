"""The binary that is shipped needs nothing but a kernel. That it runs in a root with nothing else in it is in
test_restricted; meson leaves this suite out where the binary is shared (-Dstatic=false, sanitizers)."""

import pathlib
import struct

from harness import Case, check, check_equal, VLMSHIM

LOAD, DYNAMIC, INTERPRETER = 1, 2, 3  # elf(5), p_type
MOST_BYTES = 2_200_000


def segments(program):
    """(type, offset in the file, bytes in the file) of each, of a 64-bit file in this machine's byte order."""
    data = pathlib.Path(program).read_bytes()
    check_equal(data[:5], b"\x7fELF\x02", "magic number and class")
    start, = struct.unpack_from("=Q", data, 32)
    size, count = struct.unpack_from("=HH", data, 54)
    rows = (struct.unpack_from("=IIQQQQ", data, start + number * size) for number in range(count))
    return [(kind, offset, length) for kind, _, offset, _, _, length in rows]


class Static(Case):
    def test_no_shared_library(self):
        kinds = {kind for kind, _, _ in segments(VLMSHIM)}
        check(LOAD in kinds, "not a program")
        check(INTERPRETER not in kinds, "it needs a dynamic linker")
        check(DYNAMIC not in kinds, "it is relocated at each start")

    def test_size(self):
        """As far as strip(1) leaves it."""
        end = max(offset + length for kind, offset, length in segments(VLMSHIM) if kind == LOAD)
        check(end <= MOST_BYTES, f"{end} bytes are loaded, {MOST_BYTES} allowed")
