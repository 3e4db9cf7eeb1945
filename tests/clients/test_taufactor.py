"""PyPI's `taufactor` (S. J. Cooper et al., SoftwareX 5, 203, 2016) gives the same conductance of a phase in a stack.

Its plates lie on the outer faces of the first and last layer, where the planes of our mirrors are, along its first
axis; no current leaves through the sides.  (Its solver for several phases has them half a voxel further out.)
It is in no extra, for it brings torch: `pip install taufactor` with a torch of any kind.
"""

import numpy as np
import pytest
from images import EMPTY, INNER, noise, solved

taufactor = pytest.importorskip("taufactor")
pytest.importorskip("torch")


@pytest.mark.parametrize("kind", ["noise", "block"])
def test_one_phase_between_plates(kind):
    conducts = np.ones((6, 5, 7), dtype=bool) if kind == "block" else noise(12, seed=3) == INNER
    theirs = taufactor.Solver(conducts.transpose(2, 0, 1).astype(int), device="cpu")
    theirs.solve(verbose=False, conv_crit=1e-4)
    labels = np.where(conducts, INNER, EMPTY)
    mirrored = np.concatenate([labels, labels[:, :, ::-1]], axis=2)
    _, ours = solved(mirrored, 1.0, 0.0, 0.0)
    area = conducts.shape[0] * conducts.shape[1]
    assert 0.05 < ours.total / area <= 1 + 1e-9
    assert float(theirs.D_eff[0]) == pytest.approx(ours.total / area, rel=1e-5)
