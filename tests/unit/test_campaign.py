"""Campaign files: axes, samples, points, and what is refused."""

import json
from io import StringIO
from math import log10

import numpy as np
import pytest
from rich.console import Console

from coble.inputs.case import CaseError
from coble.kinds.campaign.display import CampaignDisplay
from coble.kinds.campaign.folders import differences, read_json
from coble.kinds.campaign.mechanism_map import few
from coble.kinds.campaign.run import Sweep, estimates, path_series
from coble.kinds.campaign.settings import FLOW, GROWS, load_campaign
from coble.store.files import write_json
from coble.store.lock import Busy, locked

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
[[axis]]
key = "tubule.inner_width_nm"
low = 10
high = 1000
points = 3
spacing = "log"
[[axis]]
key = "wall.name"
values = ["LiC6", "Li22Si5"]
"""


@pytest.fixture
def load(tmp_path):
    def made(text=CAMPAIGN, case=CASE):
        (tmp_path / "case.toml").write_text(case)
        (tmp_path / "c.toml").write_text(text)
        return load_campaign(tmp_path / "c.toml")

    return made


def test_a_grid_has_every_combination(load):
    found = load()
    assert [tuple(point.values.values()) for point in found.points] == [
        (width, wall) for width in (10.0, 100.0, 1000.0) for wall in ("LiC6", "Li22Si5")
    ]
    for point in found.points:
        assert point.case.tubule.inner_width_nm == point.values["tubule.inner_width_nm"]
        assert [wall.name for wall in point.case.wall] == [point.values["wall.name"]]
        assert point.case.tubule.wall_thickness_nm == 1.5
        assert type(point.case).model_validate(json.loads(point.data)).digest() == point.case.digest()
    assert len({point.digest for point in found.points}) == 6


def test_a_campaign_that_has_begun_reads_the_case_that_its_folder_keeps(tmp_path):
    """`coble resume DIR` asks what DIR/campaign.toml is; the file that it names is not there."""
    (tmp_path / "campaign.toml").write_text(CAMPAIGN.replace('case = "', 'case = "elsewhere-'))
    (tmp_path / "case.toml").write_text(CASE)
    with pytest.raises(CaseError, match="elsewhere-"):
        load_campaign(tmp_path / "campaign.toml")
    (tmp_path / "campaign.json").write_text("{}")
    assert load_campaign(tmp_path / "campaign.toml").points


def test_a_latin_hypercube_has_one_point_in_every_row(load):
    text = CAMPAIGN.replace("points = 3\n", "").replace(
        "replicas", 'sampling = "latin-hypercube"\npoints = 8\nreplicas'
    )
    found, again = load(text), load(text)
    assert [point.values for point in found.points] == [point.values for point in again.points]
    widths = sorted(point.values["tubule.inner_width_nm"] for point in found.points)
    rows = [int(8 * log10(w / 10) / 2) for w in widths]
    assert rows == list(range(8))
    assert sorted(point.values["wall.name"] for point in found.points) == ["Li22Si5"] * 4 + ["LiC6"] * 4


def test_equal_cases_are_one_point(load):
    assert len(load(CAMPAIGN.replace('"Li22Si5"', '"LiC6"')).points) == 3


def test_growth_is_noticed(load):
    text = 'case = "case.toml"\nreplicas = 2\n[[axis]]\nkey = "growth.overpotential_V"\nvalues = [0.05, 0.1]\n'
    assert load(text, CASE + "[growth]\ndepth_nm = 30.0\n").kind == GROWS
    with pytest.raises(CaseError, match="where metal grows give replicas"):
        load(text.replace("replicas = 2", "target_error = 0.1"), CASE + "[growth]\ndepth_nm = 30.0\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("replicas = 2", "", "give either replicas, or target_error"),
        ("replicas = 2", "replicas = 2\ntarget_error = 0.1", "give either replicas, or target_error"),
        ("replicas = 2", "replicas = 0", "c.toml:2: replicas: must be a whole number from 1"),
        ("replicas = 2", "replica = 2", "c.toml:2: replica"),
        ("points = 3\n", "", "c.toml:3: axis[1]: the range of tubule.inner_width_nm needs points"),
        ("low = 10", "low = 5000", "low must be below high, got 5000 and 1000"),
        ("low = 10\n", "", "needs either values, or low and high"),
        ('"LiC6", ', '"unobtainium", ', "at tubule.inner_width_nm = 10.0, wall.name = 'unobtainium' and"),
        ('"wall.name"', '"wall.nam"', "c.toml:10: axis[2].key: 'wall.nam': unknown key, did you mean 'name'"),
        ('"wall.name"', '"name"', "axis[2].key: must be SECTION.KEY, as in tubule.inner_width_nm, got 'name'"),
        ('"wall.name"', '"tubule.inner_width_nm"', "every axis needs a key of its own"),
        ('"case.toml"', '"nowhere.toml"', "no such file"),
    ],
)
def test_faults_are_named(load, old, new, said):
    assert old in CAMPAIGN
    with pytest.raises(CaseError) as error:
        load(CAMPAIGN.replace(old, new))
    assert said in str(error.value), str(error.value)


SEVERAL = """\
replicaz = 2
case = "case.toml"
[[axis]]
key = "tubule.inner_widht_nm"
values = [3, 4, 5]
[[axis]]
key = "conditions.temprature_K"
low = 300
high = 320
points = 5
[[axis]]
key = "tubule.wall_thickness_nm"
values = [1, -2, 1.5]
"""


@pytest.mark.parametrize(
    ("replaced", "first"), [("replicaz", "replicaz: unknown key, did you mean"), ("replicas", None)]
)
def test_all_faults_of_a_campaign_are_told_at_once_and_a_wrong_key_once(load, replaced, first):
    """With a fault in another key of the file, too."""
    with pytest.raises(CaseError) as error:
        load(SEVERAL.replace("replicaz", replaced))
    told = [str(fault).rpartition("c.toml")[2] for fault in error.value.faults]
    assert (told[0].startswith(f":1: {first}")) if first else told[0].startswith(":4")
    assert told[-3:] == [
        ":4: axis[1].key: 'tubule.inner_widht_nm': unknown key, did you mean 'inner_width_nm'?",
        ":7: axis[2].key: 'conditions.temprature_K': unknown key, did you mean 'temperature_K'?",
        ":13: axis[3].values: tubule.wall_thickness_nm: must be > 0 nm, got -2",
    ]
    assert len(told) == 3 + bool(first) and all(fault.quote for fault in error.value.faults)


def test_several_walls_in_the_case_are_an_axis(load):
    with pytest.raises(CaseError, match="give several as an axis"):
        load(case=CASE + '[[wall]]\nname = "Li22Si5"\n')


# ---- the store ---------------------------------------------------------------------------------------------


def test_a_lock_has_one_holder_and_names_it(tmp_path):
    with locked(tmp_path / "replica"), pytest.raises(Busy, match=r"process \d+ on "), locked(tmp_path / "replica"):
        pass
    with locked(tmp_path / "replica"):
        pass


def test_json_is_whole_or_not_there(tmp_path):
    (tmp_path / "a").mkdir()
    write_json(tmp_path / "a" / "x.json", {"n": 1})
    assert read_json(tmp_path / "a" / "x.json") == {"n": 1}
    (tmp_path / "a" / "x.json").write_text('{"n": ')
    assert read_json(tmp_path / "a" / "x.json") is None and read_json(tmp_path / "b.json") is None
    with pytest.raises(TypeError):
        write_json(tmp_path / "a" / "y.json", {"n": object()})
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["x.json"]


def test_differences_name_the_key():
    old = {"tubule": {"w": 1.0, "s": "slab"}, "wall": [{"name": "a"}]}
    new = {"tubule": {"w": 2.0, "s": "slab"}, "wall": [{"name": "b"}], "run": 1}
    assert differences(old, new) == [
        "run: was None, is now 1",
        "tubule.w: was 1.0, is now 2.0",
        "wall[1].name: was 'a', is now 'b'",
    ]


# ---- how long it still takes -------------------------------------------------------------------------------


def flowing(number):
    """A replica with two paths whose shares scatter about 0.8 and 0.2."""
    rows = [[8 + noise, 0.0, 2.0, 0.0] for noise in np.random.default_rng(number).normal(size=16)]
    return {
        "replica": number,
        "kinds": [0, 2],
        "conductance_A_s": rows,
        "events": 100,
        "block_duration_s": 1.0,
        "hops": [[0]],
        "S_m_per_A_s": 1e-20,
    }


@pytest.fixture
def sweep(load, tmp_path):
    def made(aim):
        return Sweep(load(CAMPAIGN.replace("replicas = 2", aim)), tmp_path / "out")

    return made


def test_replicas_left_are_known_once_the_exact_answers_are_there(sweep):
    job = sweep("replicas = 5")
    states = list(job.states.values())
    for state in states[1:]:
        state.exact = {"shares": {}}
    assert job.replicas_left() is None
    states[0].exact = {"shares": {}}
    assert job.replicas_left() == 30
    states[1].replicas, states[2].complete, states[3].error = {0: {}, 1: {}}, True, "no lattice"
    assert job.replicas_left() == 30 - 2 - 5 - 5 and job.n_replica == 2


def test_replicas_towards_an_error_fall_with_its_square(sweep):
    for times, short in ((0.5, 1), (2.0, 6), (5.0, 28)):  # the error is so many times what is wanted; 30 at most
        there = [flowing(0), flowing(1)]
        job = sweep(f"target_error = {path_series(there).worst_share_error / times}\nmost_replicas = 30")
        for state in job.states.values():
            state.exact, state.complete = {"shares": {}}, True
        state.complete, state.replicas = False, dict(enumerate(there))
        assert job.replicas_left() == short


def test_a_point_where_nothing_moves_needs_all_its_replicas(sweep):
    """It has no blocks, hence no error that could fall."""
    job = sweep("target_error = 0.01\nmost_replicas = 30")
    for state in job.states.values():
        state.exact, state.complete = {"shares": {}}, True
    frozen = {"kinds": [0, 2], "conductance_A_s": [], "events": 0, "S_m_per_A_s": 1e-20}
    state.complete, state.replicas = False, {0: frozen | {"replica": 0}, 1: frozen | {"replica": 1}}
    assert job.replicas_left() == 28


def test_few_blocks_in_which_a_path_moved_nothing_leave_its_error_unknown():
    """Its interval would be the point 0, and leave out every exact value."""

    def shares(rows):
        replica = {"kinds": [0, 1, 2], "conductance_A_s": rows, "S_m_per_A_s": 1e-20}
        return {name: each.as_dict() for name, each in estimates(FLOW, [replica]).items()}

    rng = np.random.default_rng(1)
    for n, unknown in ((2, True), (7, True), (8, False)):
        bulk = shares([[0.0, a, b, 0.0] for a, b in rng.normal(1.0, 0.1, (n, 2))])["share.bulk"]
        assert bulk["value"] == 0 and (bulk["stderr"] is None) == unknown
        assert [bulk["low"], bulk["high"]] == ([None, None] if unknown else [0, 0])
        assert few(bulk) == (n == 2)


def test_intervals_of_two_blocks_hold_the_exact_value_as_often_as_they_say():
    """Noise of every path is that of its conductance, and 0.3 of the whole: Student's t of one degree of freedom."""
    rng, exact, inside = np.random.default_rng(2), np.array([0.2, 0.8]), 0
    for noise in rng.standard_normal((2000, 2, 2)):
        rows = np.pad(exact + 0.3 * np.sqrt(exact) * noise, [(0, 0), (1, 1)])
        found = estimates(FLOW, [{"kinds": [1, 2], "conductance_A_s": rows.tolist(), "S_m_per_A_s": 1e-20}])
        inside += found["share.wall"].low <= exact[1] <= found["share.wall"].high
    assert (
        0.935 < inside / 2000 < 0.97
    )  # 0.95, three standard errors below; linearised errors are large rather than small


def test_time_left_counts_from_the_first_replica(sweep, tmp_path):
    """Two replicas took 10 s since it was known what is left: eight more take 40 s, however long the rest took."""
    job = sweep("replicas = 5")
    for state in list(job.states.values())[:4]:
        state.complete = True
    first, second = list(job.states.values())[4:]
    said = []
    display = CampaignDisplay(Console(file=StringIO()))
    display.say = lambda stage, note, **numbers: said.append(numbers.get("seconds_left"))
    job.seconds = 100.0
    display.show(job)
    first.exact = second.exact = {"shares": {}}
    display.show(job)
    job.seconds, first.replicas = 110.0, {0: {"events": 1}, 1: {"events": 1}}
    display.show(job)
    assert said == [None, None, pytest.approx(40.0)]


def test_points_count_while_exact_answers_are_missing(sweep):
    """One of six points took 10 s: five more take 50 s, and what is done never shrinks."""
    job, said = sweep("replicas = 5"), []
    display = CampaignDisplay(None, listen=lambda stage, note, numbers: said.append((note, numbers)))
    display.show(job)
    job.seconds, first = 10.0, next(iter(job.states.values()))
    first.exact, first.complete = {"shares": {}}, True
    display.show(job)
    for state in job.states.values():
        state.exact = {"shares": {}}
    display.show(job)
    assert [numbers["done"] for _, numbers in said] == pytest.approx([0, 1 / 6, 1 / 6])
    assert [numbers["seconds_left"] for _, numbers in said] == [None, pytest.approx(50.0), None]
    assert said[1][0] == "1 of 6 points done, 1 solved exactly" and said[2][0] == "1 of 6 points done"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "points = 3",
            "points = " + "9" * 400,
            "c.toml:7: axis[1].points: must be a whole number from 1 to 100000, got ",
        ),
        ("points = 3", "points = 90000", "c.toml:7: axis[1].points: 180000 points together; at most 100000"),
        ("high = 1000", "high = inf", "c.toml:3: axis[1]: low and high must be finite and not too far apart"),
        ("low = 10\nhigh = 1000", "low = 1e-300\nhigh = 1e300", "c.toml:3: axis[1]: low and high are too far apart"),
        ("high = 1000", "high = 1e6", "c.toml:6: axis[1].high: tubule.inner_width_nm: must be"),
        (
            '"LiC6", ',
            '"unobtainium", ',
            "c.toml:11: axis[2].values: at tubule.inner_width_nm = 10.0, wall.name = 'unob",
        ),
        ('"wall.name"', '"name"', "c.toml:10: axis[2].key: must be SECTION.KEY"),
    ],
)
def test_faults_of_axes_name_their_line(load, old, new, said):
    assert old in CAMPAIGN
    with pytest.raises(CaseError) as error:
        load(CAMPAIGN.replace(old, new))
    assert said in str(error.value), str(error.value)


def test_what_the_temperature_brings_is_told_at_its_axis(load):
    """A wall of one's own has no activation energy: no width is the cause, wherever its axis stands."""
    case = """[tubule]
inner_width_nm = 3.0
[[wall]]
name = "mine"
diffusivity_cm2_s = 1e-8
concentration_cm3 = 3e22
"""
    width, heat = (
        f'[[axis]]\nkey = "{key}"\nvalues = {values}\n'
        for key, values in (("tubule.inner_width_nm", [3.0, 4.0]), ("conditions.temperature_K", [280.0, 320.0]))
    )
    for axes, line in ((width + heat, 8), (heat + width, 5)):
        with pytest.raises(CaseError) as error:
            load('case = "case.toml"\nreplicas = 2\n' + axes, case)
        number = 1 + (line == 8)
        assert f"c.toml:{line}: axis[{number}].values: at" in str(error.value), str(error.value)
        assert "wall[1].activation_energy_eV: is missing" in str(error.value) and str(error.value).count("axis[") == 2


def test_a_product_of_axes_that_no_float_holds_is_a_sentence(load):
    axes = "".join(f'[[axis]]\nkey = "tubule.k{n}"\nlow = 1\nhigh = 2\npoints = 100000\n' for n in range(80))
    with pytest.raises(CaseError, match=r"axis\[1\].points: more than 1e15 points together; at most 100000"):
        load('case = "case.toml"\nreplicas = 2\n' + axes)
