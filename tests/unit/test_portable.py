"""The kernel's plain C gives the words of the compiler's own: both are compiled here and compared with Python."""

import ctypes
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

KMC = Path(__file__).parents[2] / "kmc"
COMPILER = shutil.which("cc") or shutil.which("gcc")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no C compiler")
FUNCTIONS = """
uint64_t high(uint64_t a, uint64_t b) { uint64_t low; return coble_multiply_high(a, b, &low); }
uint64_t low(uint64_t a, uint64_t b) { uint64_t low; coble_multiply_high(a, b, &low); return low; }
int highest_bit(uint64_t m) { return coble_highest_bit(m); }
int group_of(uint64_t p) { return coble_group_of(p); }
"""
EDGES = [1, 2, 3, 2**32 - 1, 2**32, 2**32 + 1, 2**63 - 1, 2**63, 2**64 - 1]
NUMBERS = EDGES + [1 << k for k in range(64)] + [random.Random(7).getrandbits(k) | 1 << k - 1 for k in range(1, 65)]


@pytest.fixture(scope="module", params=[(), ("-DCOBLE_PORTABLE",)], ids=["compiler's", "portable"])
def library(request, tmp_path_factory):
    """The C that stands in the kernel's sources, as a shared library."""
    folder = tmp_path_factory.mktemp("portable")
    sources = [next(KMC.rglob(name)).read_text(encoding="utf-8") for name in ("draws.pxd", "_kernel.pyx")]
    verbatim = re.compile(r'^cdef extern from \*:\n    """\n(.*?)"""', re.DOTALL | re.MULTILINE)
    parts = [verbatim.search(text)[1] for text in sources]
    (folder / "words.c").write_text("#include <stdint.h>\n" + "".join(parts) + FUNCTIONS)
    made = folder / "words.so"
    subprocess.run([COMPILER, "-O1", "-shared", "-fPIC", *request.param, folder / "words.c", "-o", made], check=True)
    found = ctypes.CDLL(str(made))
    for name in ("high", "low"):
        getattr(found, name).restype = ctypes.c_uint64
    for name in ("high", "low", "highest_bit", "group_of"):
        getattr(found, name).argtypes = [ctypes.c_uint64] * (2 if name in ("high", "low") else 1)
    return found


def test_products_have_128_bits(library):
    for a in NUMBERS:
        for b in NUMBERS:
            assert (library.high(a, b), library.low(a, b)) == divmod(a * b, 2**64), (a, b)


def test_highest_bit(library):
    for number in NUMBERS:
        assert library.highest_bit(number) == number.bit_length() - 1, number


def test_groups_hold_the_propensities_up_to_a_power_of_two(library):
    """Group g: those in (2^(g-1), 2^g]."""
    for number in NUMBERS:
        assert library.group_of(number) == (number - 1).bit_length(), number
