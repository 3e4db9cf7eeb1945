"""Small results that are written once: a run in which metal grows, and one that tells which path carries it.

What they need is imported when a test asks for one: tests of the kernel alone load none of it.
"""

import pytest

PLATE = """\
[tubule]
inner_width_nm = 2.5
wall_thickness_nm = 1.0
[[wall]]
name = "LiC6"
[growth]
depth_nm = 6.0
metal_to_nm = 2.0
until_front_nm = 3.2
overpotential_V = 0.3
obstacle_fraction = 0.05
obstacle_radius_nm = 0.4
records = 20
frames = 5
[run]
seed = 3
"""


@pytest.fixture(scope="session")
def plated():
    from coble import parse_case
    from coble.kinds.growth.setup import prepare

    run = prepare(parse_case(PLATE))
    run.run()
    return run


@pytest.fixture(scope="session")
def plate(plated, tmp_path_factory):
    """A folder of `coble plate`."""
    from coble.kinds.growth.result import write

    folder = tmp_path_factory.mktemp("plate") / "run"
    write(folder, plated, PLATE, ["coble"])
    return folder


@pytest.fixture(scope="session")
def discriminated():
    from command import SMALL

    import coble.kmc.estimates.measure
    from coble import parse_case
    from coble.kinds.discriminate.run import discriminate

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coble.kmc.estimates.measure, "BLOCK_EVENTS", 5000)
        patch.setattr(coble.kmc.estimates.measure, "BURN_IN_EVENTS", 5000)
        return discriminate(parse_case(SMALL), quick=True, target_error=0.2)


@pytest.fixture(scope="session")
def shares(discriminated, tmp_path_factory):
    """A folder of `coble discriminate`."""
    from command import SMALL

    from coble.kinds.discriminate.result import write

    folder = tmp_path_factory.mktemp("shares") / "run"
    write(folder, discriminated, SMALL, ["coble"])
    return folder
