"""Activation energy and prefactor of measured diffusivities: a straight line through ln D against 1 / k_B T."""

from dataclasses import dataclass
from math import exp, inf, sqrt

import numpy as np
from scipy.special import chdtrc

from coble.kmc.constants import BOLTZMANN_EV_K
from coble.kmc.estimates.estimate import Estimate


@dataclass(frozen=True)
class ArrheniusFit:
    """D = D₀ exp(-E / k_B T).

    Attributes
    ----------
    energy_eV, d0 : Estimate
        E [eV], and D₀ in the unit of D.
    chi2 : float
        Sum of squares of what is left, in standard errors.
    degrees_of_freedom : int
    p_value : float
        Probability of so large a χ² by chance; 1 without degrees of freedom.
    """

    energy_eV: Estimate
    d0: Estimate
    chi2: float
    degrees_of_freedom: int
    p_value: float


def arrhenius_fit(temperature_K, diffusivity):
    """The line through ln D, each point weighted by its error.

    Parameters
    ----------
    temperature_K : sequence of float
    diffusivity : list of Estimate
        All > 0; without errors all count alike, and the fit has none.

    Returns
    -------
    ArrheniusFit
        None with fewer than two temperatures, or where a D or its error is not positive and finite.
    """
    value = np.array([each.value for each in diffusivity], dtype=float)
    error = np.array([each.stderr for each in diffusivity], dtype=float)
    if len(set(temperature_K)) < 2 or not (value > 0).all() or not np.isfinite(error).all():
        return None
    exactly = not error.any()
    weight = np.ones_like(value) if exactly else value / np.where(error > 0, error, error[error > 0].min(initial=1.0))
    x = -1 / (BOLTZMANN_EV_K * np.asarray(temperature_K, dtype=float))
    design = np.stack([x, np.ones_like(x)], axis=1) * weight[:, None]
    solved = np.linalg.lstsq(design, np.log(value) * weight, rcond=None)[0]
    covariance = np.linalg.inv(design.T @ design) * (0.0 if exactly else 1.0)
    chi2 = 0.0 if exactly else float((((np.log(value) * weight) - design @ solved) ** 2).sum())
    freedom = len(value) - 2
    fewest = min((each.n_eff for each in diffusivity), default=inf)
    method = "least squares of ln D against 1 / k_B T"
    d0 = exp(solved[1])
    return ArrheniusFit(
        Estimate(float(solved[0]), float(sqrt(covariance[0, 0])), fewest, method),
        Estimate(d0, d0 * float(sqrt(covariance[1, 1])), fewest, method),
        chi2,
        freedom,
        float(chdtrc(freedom, chi2)) if freedom else 1.0,
    )
