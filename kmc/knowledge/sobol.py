"""Scrambled Sobol points, the same numbers as those of `scipy.stats.qmc.Sobol`, whose import takes most of a second.

A Sobol sequence is a digital net: coordinate j of point i is the exclusive or of those direction numbers of j that the
bits of the Gray code of i select.  Scrambled, every direction number is multiplied by a random lower triangular matrix
of bits, and every coordinate is shifted (J. Matoušek, Journal of Complexity 14, 527, 1998).
"""

import numpy as np

# Primitive polynomials with their first and last coefficient, and the first direction numbers, from the second
# coordinate on (S. Joe and F. Y. Kuo, SIAM Journal on Scientific Computing 30, 2635, 2008; new-joe-kuo-6).
DIRECTIONS = """
3 1, 7 1 3, 11 1 3 1, 13 1 1 1, 19 1 1 3 3, 25 1 3 5 13, 37 1 1 5 5 17, 41 1 1 5 5 5, 47 1 1 7 11 19, 55 1 1 5 1 1,
59 1 1 1 3 11, 61 1 3 5 5 31, 67 1 3 3 9 7 49, 91 1 1 1 15 21 21, 97 1 3 1 13 27 49, 103 1 1 1 15 7 5,
109 1 3 1 15 13 25, 115 1 1 5 5 19 61, 131 1 3 7 11 23 15 103, 137 1 3 7 13 13 15 69, 143 1 1 3 13 7 35 63,
145 1 3 5 9 1 25 53, 157 1 3 1 13 9 35 107, 167 1 3 1 5 27 61 31, 171 1 1 5 11 19 41 61, 185 1 3 5 3 3 13 69,
191 1 1 7 13 1 19 1, 193 1 3 7 5 13 19 59, 203 1 1 3 9 25 29 41, 211 1 3 5 13 23 1 55, 213 1 3 7 3 13 59 17,
229 1 3 1 3 5 53 69, 239 1 1 5 5 23 33 13, 241 1 1 7 7 1 61 123, 247 1 1 7 9 13 61 49, 253 1 3 3 5 3 55 33,
285 1 3 1 15 31 13 49 245, 299 1 3 5 15 31 59 63 97, 301 1 3 1 11 11 11 77 249, 333 1 3 1 11 27 43 71 9,
351 1 1 7 15 21 11 81 45, 355 1 3 7 3 25 31 65 79, 357 1 3 1 1 19 11 3 205, 361 1 1 5 9 19 21 29 157,
369 1 3 7 11 1 33 89 185, 391 1 3 3 3 15 9 79 71, 397 1 3 7 11 15 39 119 27
"""
ROWS = [list(map(int, entry.split())) for entry in DIRECTIONS.split(",")]
MOST = len(ROWS) + 1  # coordinates


def sobol(n_factor, n_sample, rng, bits=30):
    """The first points of a scrambled Sobol sequence.

    Parameters
    ----------
    n_factor : int
        At most `MOST`; for more, points come from `scipy.stats`.
    n_sample : int
        A power of two.
    rng : numpy.random.Generator
    bits : int
        Of a coordinate, at most 64.

    Returns
    -------
    float array (n_sample, n_factor)
        In [0, 1).
    """
    if n_factor > MOST:
        from scipy.stats import qmc

        return qmc.Sobol(n_factor, bits=bits, rng=rng).random(n_sample)
    rng = rng.spawn(1)[0]
    word = np.uint32 if bits <= 32 else np.uint64
    place = np.arange(bits, dtype=word)
    shift = rng.integers(2, size=(n_factor, bits), dtype=word) @ (word(1) << place)
    scramble = np.tril(rng.integers(2, size=(n_factor, bits, bits), dtype=word))
    scramble[:, range(bits), range(bits)] = 1
    digits = _directions(n_factor, bits, word)[:, :, None] >> place[::-1] & word(1)  # highest first
    digits = np.einsum("cij,cdj->cdi", scramble, digits) & word(1)
    direction = (digits << place[::-1]).sum(axis=2, dtype=word)
    number = np.arange(n_sample)
    gray, point = number ^ number >> 1, np.tile(shift, (n_sample, 1))
    for bit in range(n_sample.bit_length() - 1):
        point ^= np.where((gray >> bit & 1)[:, None], direction[:, bit], word(0))
    return point * 2.0**-bits


def _directions(n_factor, bits, word):
    """Direction numbers as whole numbers of so many bits, array (n_factor, bits)."""
    found = np.ones((n_factor, bits), dtype=object)
    for row, (polynomial, *first) in zip(found[1:], ROWS, strict=False):
        degree = len(first)
        row[:degree] = first
        for at in range(degree, bits):
            row[at] = row[at - degree]
            for back in range(1, degree + 1):
                row[at] ^= (polynomial >> degree - back & 1) * row[at - back] << back
    return (found << np.arange(bits)[::-1].astype(object)).astype(word)
