"""Fit rates to measured numbers when the model is noisy: Gauss-Newton in the logarithms of the rates.

The model is run in batches.  Each gives, at the present rates, what is to be compared with the targets, its Monte-Carlo
error, and its derivatives; the derivatives come from an exact solve or from how rates scale, never from differences of
noisy numbers.  Residuals are weighted by the errors of data and model together.  Steps are taken only along directions
of rate space that the targets determine: to better than a factor exp(KNOWN).  Along all others the rates stay at the
start: what earlier batches have moved there, because the directions have turned since, is taken back.

The first batches are coarse; as the steps shrink, the model's error is asked to fall to a part `FINEST` of the
data's.  The fit ends when two fine batches agree, and their two answers are averaged.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.linalg import cholesky, qr, solve_triangular
from scipy.special import chdtrc

KNOWN = 1.5  # a direction counts as determined when its standard error, in ln of the rates, is below this
LONGEST = 1.5  # of a step, in ln of a rate
FINEST, COARSEST = 0.5, 2.0  # Monte-Carlo error asked of the model, in errors of the data
AGREE = 1.0  # a fine batch has converged when it moves no determined direction by more than this many standard errors
MOST_BATCHES = 9  # before the one at the final rates
CONTRADICTION = 1e-4  # probability of so large a χ² by chance, below which targets contradict each other or the model
SEEN = 0.1  # part of a rate's unit vector outside the determined directions from which on it is not identifiable


@dataclass(frozen=True)
class Batch:
    """One run of the model.

    Attributes
    ----------
    parameter : float array (n_parameter,)
        ln of the rates, relative to the start.
    value, error : float array (n_target,)
        What is compared with the targets, and its Monte-Carlo error.
    slope : float array (n_target, n_parameter)
        ∂ value / ∂ parameter.
    """

    parameter: np.ndarray
    value: np.ndarray
    error: np.ndarray
    slope: np.ndarray


@dataclass(frozen=True)
class Fit:
    """What the targets say about the rates.

    Attributes
    ----------
    parameter : float array (n_parameter,)
        ln of the rates, relative to the start; 0 along what the targets do not determine.
    covariance : float array (n_parameter, n_parameter)
        Of the determined directions.
    unknown : bool array (n_parameter,)
        Rates that the targets do not determine, each by itself.
    direction : float array (n_parameter, n_parameter)
        Rows: eigenvectors of the Fisher matrix, the stiffest first.
    width : float array (n_parameter,)
        Standard error of the answer along each; inf where nothing is known.
    converged : bool
    batches : list of Batch
    objectives : list of float
        χ² of each.
    fresh : Batch
        At the final rates, with random numbers of its own.
    objective_fresh : float
        χ² of the fresh batch.
    degrees_of_freedom : float
        Mean of χ² when model and data agree: targets less determined directions, those by as much of their errors as
        is the data's.
    """

    parameter: np.ndarray
    covariance: np.ndarray
    unknown: np.ndarray
    direction: np.ndarray
    width: np.ndarray
    converged: bool
    batches: list = field(repr=False)
    objectives: list = field(repr=False)
    fresh: Batch = field(repr=False)
    objective_fresh: float = 0.0
    degrees_of_freedom: float = 0.0

    @property
    def error(self):
        """Standard error of every parameter; inf for those that are unknown."""
        return np.where(self.unknown, np.inf, np.sqrt(np.diag(self.covariance)))

    @property
    def correlation(self):
        """Correlation matrix; 0 beside what is unknown."""
        scale = np.sqrt(np.diag(self.covariance))
        safe = np.where(scale > 0, scale, 1.0)
        return self.covariance / safe[:, None] / safe[None, :]

    @property
    def combinations(self):
        """What is determined of the rates that are not identifiable one by one.

        Returns
        -------
        list of (float array (n_parameter,), float)
            Unit vectors in ln of the rates, as few rates in each as can be, and the standard error along each.
        """
        free = np.flatnonzero(self.unknown)
        kept = self.direction[self.width < KNOWN][:, free]
        part, vectors = np.linalg.eigh(kept.T @ kept)
        basis = vectors[:, part > 1 - SEEN].T
        if not len(basis):
            return []
        _, upper, order = qr(basis, pivoting=True)
        n, rows = len(basis), np.zeros_like(basis)
        rows[:, order] = np.hstack([np.eye(n), solve_triangular(upper[:, :n], upper[:, n:])])
        found = []
        for row in rows:
            vector = np.zeros(len(self.parameter))
            vector[free] = row / np.linalg.norm(row)
            found.append((vector, float(np.sqrt(vector @ self.covariance @ vector))))
        return found

    @property
    def p_value(self):
        """Probability of so large a χ² by chance; 1 without degrees of freedom."""
        return float(chdtrc(self.degrees_of_freedom, self.objective_fresh)) if self.degrees_of_freedom > 0 else 1.0

    @property
    def contradictory(self):
        return self.p_value < CONTRADICTION


def fit(
    model,
    data,
    data_error,
    n_parameter,
    *,
    correlation=None,
    should_stop=lambda: False,
    report=lambda batch, chi2, done: None,
):
    """Find the rates.

    Parameters
    ----------
    model : callable (parameter, part, number) → Batch or None
        Runs batch `number` with a Monte-Carlo error of about `part` of the data's; None when it was stopped.
    data, data_error : float array (n_target,)
    n_parameter : int
    correlation : float array (n_target, n_target), optional
        Of the data's errors; independent when left out.
    should_stop : callable
    report : callable (Batch, float, float)
        Called after every batch, with its χ² and the part of the whole that is done if the next ones agree.

    Returns
    -------
    Fit
        None when stopped before the first batch was complete.
    """
    parameter, part = np.zeros(n_parameter), COARSEST
    batches, objectives, answers, converged, spent = [], [], [], False, 0.0
    correlation = np.eye(len(data)) if correlation is None else correlation
    covariance = correlation * np.outer(data_error, data_error)
    while len(batches) < MOST_BATCHES and not converged and not should_stop():
        batch = model(parameter, part, len(batches))
        if batch is None:
            break
        batches.append(batch)
        local = _Local(batch, data, covariance)
        objectives.append(local.chi2)
        step, spent = local.step, spent + 1 / part**2  # events go as one over the square of the error
        if part <= FINEST:  # a coarse batch may not see a direction that a fine one determines: it takes nothing back
            step = step - local.undetermined(parameter)
            answers.append(parameter + step)
            converged = len(answers) >= 2 and np.all(np.abs(local.moves) < AGREE * np.sqrt(2))
        step = step / max(1.0, np.abs(step).max(initial=0.0) / LONGEST)
        far = np.abs(local.moves).max(initial=0.0)  # in standard errors
        part = float(np.clip(far / 4, FINEST, COARSEST))
        parameter = parameter + step
        ahead = 1 if converged else max(2, 3 - len(answers))  # fine batches, with the one at the final rates
        report(batch, local.chi2, spent / (spent + ahead / FINEST**2))
    if not batches:
        return None
    if len(answers) >= 2:
        parameter = (answers[-1] + answers[-2]) / 2
    fresh = model(parameter, FINEST, MOST_BATCHES) if not should_stop() else None
    fresh = fresh or batches[-1]
    last = _Local(fresh, data, covariance)
    # The answer is a mean of two batches: its Monte-Carlo error is smaller than that of one.
    errors = _Local(fresh, data, covariance, of_model=0.5 if len(answers) >= 2 else 1.0)
    return Fit(
        parameter,
        errors.covariance,
        errors.unknown,
        errors.direction,
        errors.width,
        bool(converged) and not errors.unknown.any(),
        batches,
        objectives,
        fresh,
        last.chi2,
        len(data) - last.fitted,
    )


class _Local:
    """The linear problem around one batch, whitened: errors of data and model together are 1 and independent."""

    def __init__(self, batch, data, covariance, of_model=1.0):
        lower = cholesky(covariance + of_model * np.diag(batch.error**2), lower=True)
        whitened = lambda columns: solve_triangular(lower, columns, lower=True)  # noqa: E731
        residual = whitened(data - batch.value)
        self.chi2 = float(residual @ residual)
        left, stiff, self.direction = np.linalg.svd(whitened(batch.slope), full_matrices=True)
        n = len(self.direction)
        stiff = np.concatenate([stiff, np.zeros(n - len(stiff))]) if len(stiff) < n else stiff
        self.determined = stiff * KNOWN > 1
        with np.errstate(divide="ignore"):
            self.width = np.where(stiff > 0, 1 / stiff, np.inf)
        self.kept, width = self.direction[self.determined], self.width[self.determined]
        left = left[:, : len(width)]  # the stiffest come first
        self.moves = left.T @ residual
        self.fitted = float(np.sum(left * (whitened(whitened(covariance).T).T @ left)))  # of χ², by the data's errors
        self.step = self.kept.T @ (width * self.moves)
        self.covariance = (self.kept.T * width**2) @ self.kept
        self.unknown = (self.direction[~self.determined] ** 2).sum(axis=0) > SEEN

    def undetermined(self, parameter):
        """Part of a vector along what the targets do not determine."""
        return parameter - self.kept.T @ (self.kept @ parameter)
