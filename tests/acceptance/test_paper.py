"""The paper's tubule: W = 100 nm, w = 10 nm, one round tubule wetted inside, 300 K (PHYSICS §1 to §3)."""

import pytest

from coble.lattices import Region

WALLS = ("LiC6", "LiC6-optimistic", "Li9Al4", "Li22Si5")
# Conductance of the wall relative to the interface, D_i = 2e-7 cm²/s, as printed (to the digits there).
WALL_TO_INTERFACE = {"LiC6": 0.982, "LiC6-optimistic": 9.82, "Li9Al4": 0.238, "Li22Si5": 0.003}
METAL_TO_INTERFACE = 0.0249  # 1 / 40


def ratio(shares, kind):
    return shares[kind] / shares[Region.INTERFACE]


@pytest.mark.parametrize("name", WALLS)
def test_continuum_has_the_ratios_of_the_paper(paper, name):
    formula = paper[name].formula_shares
    rounding = 0.06 if name == "Li22Si5" else 0.003  # 0.0032 is printed as 0.003
    assert ratio(formula, Region.WALL) == pytest.approx(WALL_TO_INTERFACE[name], rel=rounding)
    assert ratio(formula, Region.BULK) == pytest.approx(METAL_TO_INTERFACE, rel=0.005)


@pytest.mark.parametrize("name", WALLS)
def test_exact_within_three_percent_of_the_continuum(paper, name):
    """The wall that outruns its interface tenfold keeps some of the current out of it by the exchange bonds."""
    exact, formula = paper[name].exact_shares, paper[name].formula_shares
    assert sum(exact.values()) == pytest.approx(1)
    for kind, share in formula.items():
        assert exact[kind] == pytest.approx(share, abs=0.03 * max(formula.values()))
    if name != "LiC6-optimistic":
        for kind in (Region.WALL, Region.BULK):
            assert ratio(exact, kind) == pytest.approx(ratio(formula, kind), rel=0.03)
    assert paper[name].exact_kappa_mS_cm == pytest.approx(paper[name].formula_kappa_mS_cm, rel=0.03)


@pytest.mark.parametrize("name", WALLS)
def test_measured_shares_agree_with_the_exact_ones(paper, name):
    for kind, path in paper[name].paths.items():
        assert 0 < path.share.stderr <= 0.03
        assert abs(path.share.sigmas_from(paper[name].exact_shares[kind])) <= 4, (kind, path.share)
    kappa = paper[name].kappa_mS_cm
    assert abs(kappa.sigmas_from(paper[name].exact_kappa_mS_cm)) <= 4
    assert kappa.stderr <= 0.1 * kappa.value


@pytest.mark.parametrize(
    ("name", "dominant"),
    [("LiC6", None), ("LiC6-optimistic", Region.WALL), ("Li9Al4", Region.INTERFACE), ("Li22Si5", Region.INTERFACE)],
)
def test_verdicts(paper, name, dominant):
    verdict = paper[name].verdict
    assert verdict.dominant == dominant
    assert verdict.probability < 0.95 if dominant is None else verdict.probability > 0.999
    assert ("undecided" in verdict.sentence) == (dominant is None)


def test_lattice_holds_what_the_paper_says(paper):
    """Sites per volume within 1 %, exact solution between its bounds, shell calibrated as in PHYSICS §3."""
    for wall, concentration in zip(WALLS, (1.65e22, 1.65e22, 4.0e22, 5.3e22), strict=True):
        graph = paper[wall].graph
        sites = graph.count(Region.WALL) / (graph.shape.wall_area * graph.length)
        assert sites * 1e24 == pytest.approx(concentration, rel=0.01)
        low, high = paper[wall].bounds
        assert 0.95 < low <= high == 1
        assert paper[wall].calibration[Region.INTERFACE] == pytest.approx(1.04, rel=0.02)
        assert paper[wall].calibration[Region.BULK] == pytest.approx(1.0, rel=0.03)
