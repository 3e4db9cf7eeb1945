"""Numbers that are the same on every machine, where last bits decide what happens.

Exponentials and sums of products differ in their last bit with the processor and its libraries.  Rates become whole
numbers of quanta, and one quantum more is another trajectory.  So a few numbers are taken from an exponential that is
rounded correctly, and many, or those that a solver gives, are rounded to fewer bits than are certain: then they are the
same everywhere, but for one in a hundred thousand.
"""

from decimal import Context, Decimal

import numpy as np

BITS = 32  # of the mantissa: 9 digits, of numbers whose 16th is uncertain
SOLVED_BITS = 28  # 8 digits, of what an iterative or a sparse solver gives
_LONG = Context(prec=25, Emin=-999_999, Emax=999_999)  # traps nothing


def exp(x):
    """The floating-point number next to e^x, in some microseconds."""
    return float(_LONG.exp(Decimal(float(x))))


def exp_of_each(values):
    """`exp` of an array, of every distinct number once."""
    distinct, place = np.unique(values, return_inverse=True)
    return np.array([exp(each) for each in distinct.tolist()])[place].reshape(np.shape(values))


def rounded(values, bits=BITS):
    """Numbers rounded to so many binary digits, to within 2^-bits of each.

    Done with the words that stand for them, so that it is exact and fast.

    Parameters
    ----------
    values : float or float array
    bits : int

    Returns
    -------
    float or float array
    """
    dropped = 53 - bits
    words = np.asarray(values, dtype=float).view(np.int64)
    found = ((words + (1 << dropped - 1)) & -(1 << dropped)).view(float)  # what is carried goes to the exponent
    return found if np.ndim(values) else float(found)
