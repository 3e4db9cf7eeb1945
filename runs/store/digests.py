"""Digests of what is stored: a file that was damaged is told from one that was not before anything in it is used."""

import hashlib
import json

import numpy as np


def digest_of(arrays, plain):
    """SHA-256 of arrays and plain values.

    Parameters
    ----------
    arrays : dict of str → array
        Name, dtype, shape and bytes of each count; their order does not.
    plain : dict
        What JSON can hold; a float counts with all its digits, the order of the keys does not.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    found = hashlib.sha256()
    for name, value in sorted(arrays.items()):
        value = np.asarray(value)
        found.update(f"{name}\n{value.dtype.str}\n{value.shape}\n".encode())
        found.update(value.tobytes())
    found.update(json.dumps(plain, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode())
    return found.hexdigest()
