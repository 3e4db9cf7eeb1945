"""Conjugate gradients with a diagonal preconditioner, in few arrays: on 10⁶ sites the memory is what takes the time."""

import numpy as np

MOST = 20_000  # iterations


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
    x, left, way, product = np.zeros_like(right), right.copy(), np.zeros_like(right), np.empty_like(right)
    before = 1.0
    for _ in range(MOST):
        if np.linalg.norm(left) < limit:
            return x
        down = np.multiply(inverse, left, out=product)
        if coarse is not None:
            down += coarse(left)
        now = left @ down
        way *= now / before
        way += down
        before = now
        np.multiply(diagonal, way, out=product)
        product -= adjacency @ way
        far = now / (way @ product)
        left -= np.multiply(product, far, out=product)
        x += np.multiply(way, far, out=product)
    raise NotConverged(f"conjugate gradients did not reach {tolerance:g} in {MOST} iterations")
