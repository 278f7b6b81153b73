"""The shipped binary needs nothing but a kernel. That it runs in an empty root is tested in
test_restricted; meson leaves this suite out where the binary is shared (-Dstatic=false, sanitizers)."""

import pathlib
import platform
import struct

from harness import Case, check, check_equal, need, VLMSHIM

LOAD, DYNAMIC, INTERPRETER, STACK, READ_ONLY_AFTER_START = 1, 2, 3, 0x6474e551, 0x6474e552  # elf(5), p_type
EXECUTABLE, WRITABLE = 1, 2  # p_flags
SYMBOLS, FUNCTION = 2, 2  # sh_type; the type of a symbol
MOST_BYTES = 2_600_000


def segments(program):
    """(type, flags, offset in the file, bytes in the file) of each, of a 64-bit file in this machine's byte order."""
    data = pathlib.Path(program).read_bytes()
    check_equal(data[:5], b"\x7fELF\x02", "magic number and class")
    start, = struct.unpack_from("=Q", data, 32)
    size, count = struct.unpack_from("=HH", data, 54)
    rows = (struct.unpack_from("=IIQQQQ", data, start + number * size) for number in range(count))
    return [(kind, flags, offset, length) for kind, flags, offset, _, _, length in rows]


def functions(program):
    """name: machine code, of the functions in its symbol table."""
    data = pathlib.Path(program).read_bytes()
    start, = struct.unpack_from("=Q", data, 40)
    size, count = struct.unpack_from("=HH", data, 58)
    sections = [struct.unpack_from("=IIQQQQIIQQ", data, start + number * size) for number in range(count)]
    found = {}
    for _, kind, _, _, offset, length, names, _, _, entry in sections:
        for at in range(offset, offset + length, entry) if kind == SYMBOLS else ():
            name, info, _, section, address, code = struct.unpack_from("=IBBHQQ", data, at)
            if info & 15 == FUNCTION and 0 < section < count and code > 0:
                begin = sections[names][4] + name
                where = sections[section][4] + address - sections[section][3]
                found[data[begin:data.index(b"\0", begin)].decode()] = data[where:where + code]
    return found


class Static(Case):
    def test_no_shared_library(self):
        kinds = {kind for kind, *_ in segments(VLMSHIM)}
        check(LOAD in kinds, "not a program")
        check(INTERPRETER not in kinds, "it needs a dynamic linker")
        check(DYNAMIC not in kinds, "it is relocated at each start")

    def test_size(self):
        """As far as strip(1) leaves it."""
        end = max(offset + length for kind, _, offset, length in segments(VLMSHIM) if kind == LOAD)
        check(end <= MOST_BYTES, f"{end} bytes are loaded, {MOST_BYTES} allowed")


class Hardened(Case):
    """The compiler and linker options of meson.build, seen in the program itself."""

    def test_no_memory_is_both_written_and_run(self):
        flags = [(kind, flags) for kind, flags, *_ in segments(VLMSHIM)]
        check(STACK in dict(flags), "nothing is said of the stack: the kernel makes it executable")
        both = [kind for kind, bits in flags if bits & EXECUTABLE and bits & WRITABLE]
        check_equal(both, [], "segments that are written and run")

    def test_tables_are_read_only_after_the_start(self):
        check(READ_ONLY_AFTER_START in {kind for kind, *_ in segments(VLMSHIM)}, "they stay writable")

    def test_our_functions_are_guarded(self):
        need(self, platform.machine() == "x86_64", "the code of another machine is not known here")
        every = functions(VLMSHIM)
        ours = {name: code for name, code in every.items() if name.startswith(("_ZN7vlmshim", "_ZNK7vlmshim"))}
        check(len(ours) > 500, f"only {len(ours)} functions of ours have a name")
        # mov %fs:0x28, %REGISTER: the canary
        canaries = sum(b"\x25\x28\x00\x00\x00" in code and b"\x64" in code for code in ours.values())
        check(canaries > len(ours) / 20, f"{canaries} of {len(ours)} functions guard their return address")
        check(any("__glibcxx_assert_fail" in name for name in every), "containers do not check their bounds")
