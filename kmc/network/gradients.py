"""Conjugate gradients with a diagonal preconditioner, for the potentials of a resistor network."""

import numpy as np

from coble.kmc.network._bonds import stepped, turned

MOST = 20_000  # iterations


class NotConverged(ArithmeticError):
    """The iterative solver stopped before its tolerance."""


def conjugate_gradients(bonds, diagonal, right, tolerance, floor, coarse=None):
    """Potentials x at which as much flows out of every site as flows into it from outside, from zero.

    Parameters
    ----------
    bonds : coble.kmc.network._bonds.Bonds
    diagonal : float array (n,)
        Conductance of every site, which also preconditions; where it is zero, so is x.
    right : float array (n,)
        What flows in.  It becomes the residual.
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
    x, left, way, flow, down = (np.zeros_like(right), right, *(np.zeros_like(right) for _ in range(3)))
    before, far = 1.0, 0.0
    for _ in range(MOST):
        square, now = stepped(far, way, flow, inverse, x, left, down)
        if square**0.5 < limit:
            return x
        if coarse is not None:
            down += coarse(left)
            now = float(left @ down)
        turned(way, now / before, down)
        before, far = now, now / bonds.out_of(diagonal, way, flow)
    raise NotConverged(f"conjugate gradients did not reach {tolerance:g} in {MOST} iterations")
