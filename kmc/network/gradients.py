"""Conjugate gradients with a diagonal preconditioner, some rows at a time: on 10⁶ sites what takes time is memory."""

import numpy as np

MOST = 20_000  # iterations
AT_ONCE = 1 << 13  # rows: all vectors stay in the cache, and a scalar product is the same on any number of cores


class NotConverged(ArithmeticError):
    """The iterative solver stopped before its tolerance."""


def conjugate_gradients(diagonal, adjacency, right, tolerance, floor, coarse=None):
    """Solve (diagonal - adjacency) x = right, from zero.

    Parameters
    ----------
    diagonal : float array (n,)
        Also what preconditions; where it is zero, so is x.
    adjacency : scipy.sparse.csr_matrix (n, n)
        Symmetric.
    right : float array (n,)
        It becomes the residual.
    tolerance : float
        Of the residual, relative to `right`.
    floor : float
        Of the residual, in the unit of `right`.
    coarse : callable, optional
        Added to the preconditioner; see `coble.kmc.network.coarse_space.coarse_solver`.

    Raises
    ------
    NotConverged
        After `MOST` iterations.
    """
    limit = max(floor, tolerance * float(np.linalg.norm(right)))
    inverse = np.zeros_like(diagonal)
    np.divide(1, diagonal, out=inverse, where=diagonal > 0)
    x, left, way = np.zeros_like(right), right, np.zeros_like(right)
    down = inverse * left
    if coarse is not None:
        down += coarse(left)
    parts = [slice(low, low + AT_ONCE) for low in range(0, len(right), AT_ONCE)]
    before, now, square = 1.0, _dot(left, down, parts), _dot(left, left, parts)
    for _ in range(MOST):
        if square**0.5 < limit:
            return x
        for part in parts:
            way[part] *= now / before
            way[part] += down[part]
        product, far = adjacency @ way, 0.0
        for part in parts:
            here = np.multiply(diagonal[part], way[part], out=down[part])
            np.subtract(here, product[part], out=product[part])
            far += float(way[part] @ product[part])
        far = now / far
        before, now, square = now, 0.0, 0.0
        for part in parts:
            x[part] += np.multiply(way[part], far, out=down[part])
            left[part] -= np.multiply(product[part], far, out=down[part])
            np.multiply(inverse[part], left[part], out=down[part])
            square += float(left[part] @ left[part])
            now += float(left[part] @ down[part])
        if coarse is not None:
            down += coarse(left)
            now = _dot(left, down, parts)
    raise NotConverged(f"conjugate gradients did not reach {tolerance:g} in {MOST} iterations")


def _dot(a, b, parts):
    """Scalar product, in an order that depends on no machine."""
    return sum(float(a[part] @ b[part]) for part in parts)
