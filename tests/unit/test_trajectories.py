"""Same seed, same trajectory: counters of short runs, as they were before the package got its rooms.

The numbers were written down by running commit c169d3e, in which every module still stood in one of three folders.
A change that alters them alters every user's trajectories, and has to say so in the changelog.  Those of what flows and
of the campaign are of the kernel that draws under the largest rate of a class of sites.  Those of metal are of blocks
in groups, and of sites numbered by bricks.  The twins prove both.
"""

import hashlib

import numpy as np
import pytest

from coble.kinds.campaign.engines import engine
from coble.kinds.campaign.run import Sweep
from coble.kinds.campaign.settings import load_campaign

CASE = """\
[tubule]
inner_width_nm = 3.0
wall_thickness_nm = 1.5
[[wall]]
name = "LiC6"
"""
CAMPAIGN = """\
case = "case.toml"
replicas = 2
events = 1e5
seed = 5
[[axis]]
key = "tubule.inner_width_nm"
values = [3.0, 4.0]
"""


def digest(*counters):
    """Of arrays of whole numbers."""
    found = hashlib.sha256()
    for counter in counters:
        found.update(np.ascontiguousarray(counter).astype("<i8").tobytes())
    return found.hexdigest()[:16]


def test_what_flows(discriminated):
    found = discriminated["LiC6"].measurement
    assert (found.n_event, found.n_block) == (318217, 32)
    assert found.block_duration == pytest.approx(1.1295446665307118e-08, rel=1e-13)
    assert digest(*found.hops) == "a6c3c57b7b5faa3d"


def test_metal_that_grows(plated):
    kernel = plated.growth.kernel
    assert (int(kernel.n_event), plated.series.atoms[-1]) == (101960, 2063)
    assert kernel.time == pytest.approx(7.876833348147589e-08, rel=1e-13)
    assert (digest(kernel.hops), digest(kernel.codes)) == ("2fd7fc2ebdf2d520", "620959d22adda7aa")
    assert digest(plated.series.atoms) == "41e4cc5d2dbf48e1"
    assert digest(*(frame for _, frame in plated.frames)) == "6c3045e8683f44bf"


def test_a_campaign(tmp_path, monkeypatch):
    monkeypatch.setattr("coble.kmc.estimates.measure.BLOCK_EVENTS", 5000)
    monkeypatch.setattr("coble.kmc.estimates.measure.BURN_IN_EVENTS", 5000)
    (tmp_path / "case.toml").write_text(CASE)
    (tmp_path / "campaign.toml").write_text(CAMPAIGN)
    sweep = Sweep(load_campaign(tmp_path / "campaign.toml"), tmp_path / "run")
    sweep.prepare()
    with engine("process", 1, None) as executor:
        assert sweep.run(executor, 2)
    found = [
        (
            [replica["events"] for replica in state.in_order()],
            digest(*(replica["hops"] for replica in state.in_order())),
        )
        for state in sweep.states.values()
    ]
    assert found == [([103731, 102117], "00f0bfe6b570aa64"), ([98126, 98536], "a10662c02f5dee56")]
