"""Cases on labelled images: what they mean, what is refused with its line, and that they can be run again."""

import numpy as np
import pytest
from command import BAD_CASE, OK, invoke
from matplotlib.figure import Figure
from PIL import Image

import coble
from coble.inputs.case import Case, CaseError, load_case
from coble.inputs.case_text import case_text
from coble.inputs.files.given_files import kept_files
from coble.inputs.structures.image_file import as_given, read_labels
from coble.kinds.discriminate.figures import across_of
from coble.kinds.discriminate.tables import of_image
from coble.kmc.network import exact
from coble.lattices.images.image import refuse_too_large
from coble.models.host import StructureHost
from coble.models.structures.image import image_warnings, order_of
from coble.models.structures.structure import refuse_structure, structure_rates
from coble.structures.map_figures import draw_maps, plot_map
from coble.structures.maps import Maps

TEXT = """
[structure]
image = "host.png"
voxel_nm = 0.5
interface = { between = ["bulk", "wall"], name = "interface", width_angstrom = 2.0 }
[structure.labels]
0 = "pore"
1 = "wall"
2 = "bulk"
[[region]]
name = "bulk"
diffusivity_cm2_s = 4e-11
concentration_cm3 = 4.63e22
[[region]]
name = "wall"
diffusivity_cm2_s = 1e-8
concentration_cm3 = 1.65e22
[[region]]
name = "interface"
diffusivity_cm2_s = 2e-7
concentration_cm3 = 4.63e22
""".lstrip()
WALL = '[[region]]\nname = "wall"\ndiffusivity_cm2_s = 1e-8\nconcentration_cm3 = 1.65e22\n'


def disc(n=22, radius=6, wall=3):
    x = np.arange(n) + 0.5 - n / 2
    far = np.hypot(x[:, None], x[None, :])
    return np.where(far < radius, 2, np.where(far < radius + wall, 1, 0)).astype(np.uint8)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(disc(), mode="L").save("host.png")
    return tmp_path


def fault(text):
    """The one fault of a text, as (line, key, message)."""
    with open("case.toml", "w") as file:
        file.write(text)
    with pytest.raises(CaseError) as caught:
        refuse_structure(load_case("case.toml"), "case.toml")
    assert len(caught.value.faults) == 1, caught.value
    found = caught.value.faults[0]
    return found.line, found.key, found.message


def with_image(name, array, **options):
    image = Image.fromarray(array, **options)
    image.save(name)
    return TEXT.replace("host.png", name)


def case(labels, **structure):
    names = {0: "pore", 1: "wall", 2: "bulk"}
    given = {"image": labels, "voxel_nm": 0.5, "labels": {int(v): names[int(v)] for v in np.unique(labels)}}
    structure = given | {"interface": {"between": ["bulk", "wall"]}} | structure
    there = {*structure["labels"].values(), *(["interface"] if structure["interface"] else [])}
    regions = [
        {"name": "bulk", "diffusivity_cm2_s": 4e-11, "concentration_cm3": 4.63e22},
        {"name": "wall", "diffusivity_cm2_s": 1e-8, "concentration_cm3": 1.65e22},
        {"name": "interface", "diffusivity_cm2_s": 2e-7, "concentration_cm3": 4.63e22},
    ]
    return coble.Case(structure=structure, region=[each for each in regions if each["name"] in there])


# ---- files -------------------------------------------------------------------------------------------------------


def test_all_formats_hold_the_same_labels(here):
    labels = disc()
    labels[0, 3] = 1  # no symmetry
    Image.fromarray(labels.T).save("grey.png")
    Image.fromarray(labels.T.astype(np.uint16)).save("deep.png")
    Image.fromarray(labels.T).convert("P", palette=Image.Palette.ADAPTIVE).save("palette.tif")
    np.save("plain.npy", labels)
    from coble.inputs.files.given_files import read_given

    for name in ("grey.png", "deep.png", "plain.npy"):
        assert np.array_equal(read_labels(read_given(name, ".")), labels), name
    assert len(np.unique(read_labels(read_given("palette.tif", ".")))) == 3


def test_pages_of_a_stack_are_z(here):
    stack = np.random.default_rng(1).integers(0, 3, (4, 5, 6)).astype(np.uint8)
    pages = [Image.fromarray(stack[:, :, k].T) for k in range(6)]
    pages[0].save("stack.tif", save_all=True, append_images=pages[1:])
    from coble.inputs.files.given_files import read_given

    assert np.array_equal(read_labels(read_given("stack.tif", ".")), stack)


# ---- refusals ----------------------------------------------------------------------------------------------------


def test_pictures_that_change_values_are_refused(here):
    Image.fromarray(disc()).save("host.jpg")
    assert "is JPEG, which changes values" in fault(TEXT.replace("host.png", "host.jpg"))[2]


@pytest.mark.parametrize("line", ["coating_nm = 2", 'grain_boundary = "along"', 'coating = "Li2O"'])
def test_tubules_with_more_in_them_lead_to_an_image(here, line):
    """What a user would look for in [tubule] is drawn as voxels; the message says how, and that works."""
    (here / "case.toml").write_text(f'[tubule]\n{line}\n[[wall]]\nname = "LiC6"\n')
    with pytest.raises(CaseError) as caught:
        load_case("case.toml")
    image = caught.value.faults[0].message.split("[structure] ")[1].replace("'", '"')
    drawn = TEXT.replace('image = "host.png"', image).replace('2 = "bulk"', '2 = "bulk"\n3 = "wall"')
    (here / "drawn.toml").write_text(drawn)
    refuse_structure(load_case("drawn.toml"), "drawn.toml")


def test_anisotropic_walls_of_a_tubule_are_told_which_number_counts(here):
    (here / "case.toml").write_text('[[wall]]\nname = "LiC6"\ndiffusivity_cm2_s = [1e-8, 1e-11]\n')
    with pytest.raises(CaseError, match="give the one along the axis"):
        load_case("case.toml")


def test_colours_are_refused(here):
    line, key, said = fault(with_image("rgb.png", np.dstack([disc()] * 3)))
    assert (line, key) == (2, "structure.image")
    assert "in colours" in said


def test_sixteen_bits_are_read_and_their_values_looked_at(here):
    line, key, said = fault(with_image("deep.png", disc().astype(np.uint16) * 300))
    assert (line, key) == (5, "structure.labels")
    assert "also 300 (in " in said


def test_pages_of_unequal_size_are_refused(here):
    Image.fromarray(disc()).save("two.tif", save_all=True, append_images=[Image.fromarray(disc(20))])
    assert (
        "unequal size: the first has 22 x 22 pixels, page 2 has 20 x 20"
        in fault(TEXT.replace("host.png", "two.tif"))[2]
    )


def test_damaged_files_and_fractions_are_refused(here):
    (here / "half.png").write_bytes((here / "host.png").read_bytes()[:60])
    (here / "text.npy").write_text("hello")
    np.save("part.npy", disc() / 3)
    np.save("long.npy", disc())
    (here / "short.npy").write_bytes((here / "long.npy").read_bytes()[:300])
    said = {"half.png": "cannot be read", "text.npy": "no array", "part.npy": "whole", "short.npy": "is cut short"}
    for name, word in said.items():
        assert word in fault(TEXT.replace("host.png", name))[2]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "said"),
    [
        ('voxel_nm = 0.5\n', 'voxel_nm = 0.5\naxis = "x"\n', 4, "structure.axis", "must be 'z' for a section"),
        ("voxel_nm = 0.5\n", "", 1, "structure.voxel_nm", "is missing"),
        ('0 = "pore"\n', "", 5, "structure.labels", "also 0 (in "),
        ('0 = "pore"\n', '0 = "pore"\n7 = "wall"\n', 5, "structure.labels", "7 = 'wall' is nowhere in the image"),
        (WALL, "", 5, "structure.labels", "1 = 'wall' has no [[region]]"),
        (WALL, WALL + WALL.replace('"wall"', '"walls"'), 18, "region[3].name", "neither a label nor an interface"),
        ('["bulk", "wall"]', '["bulk", "wal"]', 4, "structure.interface", "'wal', which is no label"),
        ("concentration_cm3 = 1.65e22\n", "", 13, "region[2].concentration_cm3", "is missing"),
        ("between =", "betwen =", 4, "structure.interface", "unknown key 'betwen'"),
        ('0 = "pore"', '"-1" = "pore"', 5, "structure.labels", "whole numbers from 0 to 65535"),
        ('1 = "wall"', '1.5 = "wall"', 5, "structure.labels", "whole numbers from 0 to 65535, got '1.5'"),
        ("= 1e-8", "= [1e-8, 1e-9, 1e-9]", 15, "region[2].diffusivity_cm2_s", "must have two numbers, got 3"),
        ("voxel_nm = 0.5\n", 'voxel_nm = 0.5\nmobile = ["Li"]\n', 4, "structure.mobile", "has voxels, not atoms"),
    ],
)  # fmt: skip
def test_faults_have_their_line(here, old, new, line, key, said):
    assert old in TEXT
    found = fault(TEXT.replace(old, new, 1))
    assert found[:2] == (line, key)
    assert said in found[2]


def test_keys_of_an_image_need_one(here):
    text = '[structure]\nfile = "sites.xyz"\nvoxel_nm = 0.5\nbond_cutoff_angstrom = 3.0\n'
    (here / "sites.xyz").write_text("1\n\nCu 0 0 0\n")
    assert fault(text)[1:] == ("structure.voxel_nm", "belongs to an image: give structure.image, or leave it out")


def test_a_stack_through_which_nothing_goes_is_refused():
    labels = np.zeros((6, 6, 8), dtype=int)
    labels[1:5, 1:5, :3], labels[1:3, 1:5, 4:6] = 2, 1
    labels[2, 2, 3] = 1
    labels[:, :, 6:] = 0
    with pytest.raises(ValueError, match="nothing goes through along z"):
        structure_rates(case(labels))


def test_too_many_voxels_are_refused_with_a_voxel_that_would_do():
    with pytest.raises(ValueError, match=r"voxels of 0\.578 nm would do"):
        refuse_too_large(2 * (1 << 27) * 3 // 4, 5.0)


# ---- what it means -----------------------------------------------------------------------------------------------


def test_phases_that_end_are_told():
    labels = np.repeat(disc()[:, :, None], 8, axis=2)
    labels[5:17, 5:17, 3:5] = np.where(labels[5:17, 5:17, 3:5] == 2, 1, labels[5:17, 5:17, 3:5])
    closed = " ".join(coble.check(case(labels)).warnings)
    assert closed.count("The region bulk does not percolate along z by itself.") == 1
    assert "of the sites of 'bulk'" not in closed
    labels[:2, :2] = 2
    part = 100 * labels[:2, :2].size / np.count_nonzero(labels == 2)
    assert any(said.startswith(f"{part:.3g} % of the sites of 'bulk' lie on") for said in image_warnings(case(labels)))


def test_voxels_too_large_for_the_interface_are_told():
    coarse, fine = image_warnings(case(disc(16, 3, 3))), image_warnings(case(disc(70, 30, 3)))
    assert any("The voxels are large" in said and "uncertain by about" in said for said in coarse)
    assert not any("uncertain" in said for said in fine)


def test_an_interface_as_wide_as_its_neighbours_is_told():
    """Thickness by hand: a disc has half its radius of volume behind each area, 20 voxels of 5 Å."""
    wide = {"between": ["bulk", "wall"], "name": "interface", "width_angstrom": 40.0}
    bulk, wall = sorted(said for said in image_warnings(case(disc(56, 20, 6), interface=wide)) if "width" in said)
    thick = [float(said.split(" is ")[2].split(" Å")[0]) for said in (bulk, wall)]
    assert "'interface' is 40 Å wide" in bulk and "'bulk'" in bulk and "'wall'" in wall
    assert thick == pytest.approx([50, (26**2 - 20**2) / 40 * 5], rel=0.01)
    assert not any("width" in said for said in image_warnings(case(disc(56, 20, 6))))


def test_every_axis_gives_the_same():
    """A stack whose axes are exchanged conducts the same, and its sites lie where its voxels are."""
    stack = np.repeat(disc()[:, :, None], 5, axis=2)
    expected = StructureHost(case(stack)).solve()
    for axis, order in (("x", (2, 0, 1)), ("y", (1, 2, 0))):
        host = StructureHost(case(stack.transpose(order), axis=axis))
        assert host.solve().total == pytest.approx(expected.total, rel=1e-3)
        from coble.lattices.atoms.from_atoms import given_positions

        voxels = host.graph.region < 2
        place = np.floor(given_positions(host.graph)[voxels] / 5.0).astype(int)
        names = {"wall": 1, "bulk": 2}
        wanted = [names[host.graph.regions[kind]] for kind in host.graph.region[voxels]]
        assert np.array_equal(stack.transpose(order)[tuple(place.T)], wanted)


def test_mirror_and_reservoirs_are_one_conductance_and_say_which():
    """Between mirror images the end planes have one potential: a stack in series with nothing, as by hand."""
    labels = np.full((6, 6, 6), 2)
    labels[:, :, 3:] = 1
    hosts = [StructureHost(case(labels, interface=[], along_axis=way)) for way in ("mirror", "reservoirs")]
    assert hosts[0].solve().total == pytest.approx(hosts[1].solve().total, rel=1e-12)
    assert [host.notes["along_axis"] for host in hosts] == ["mirror", "reservoirs"]
    bulk, wall = 4e-11 * 4.63e22, 1e-8 * 1.65e22
    alone = [StructureHost(case(np.full((6, 6, 6), 2), interface=[])).solve().total, bulk]
    assert hosts[0].solve().total == pytest.approx(alone[0] * 2 / (1 + alone[1] / wall), rel=1e-5)


def test_a_wall_that_takes_nothing_still_has_an_interface(here):
    text = TEXT.replace(WALL, '[[region]]\nname = "wall"\nconcentration_cm3 = 0\n')
    (here / "case.toml").write_text(text)
    host = StructureHost(load_case("case.toml"))
    assert host.graph.regions == ("bulk", "interface")
    assert host.solve().shares[1] > 0.9


def test_bare_surfaces(here):
    Image.fromarray(disc(68, 24, 6), mode="L").save("host.png")
    surface = 'surface = { between = ["wall", "pore"] }\n'
    more = '[[region]]\nname = "surface"\ndiffusivity_cm2_s = 7e-7\nconcentration_cm3 = 4.63e22\n'
    (here / "case.toml").write_text(TEXT.replace("[structure.labels]", surface + "[structure.labels]") + more)
    host = StructureHost(load_case("case.toml"))
    sheets = {each["name"]: each["area_A2"] for each in host.notes["sheets"]}
    assert sheets["surface"] / sheets["interface"] == pytest.approx(30 / 24, rel=3e-3)
    assert host.solve().shares == pytest.approx(host.formula, abs=5e-3)


# ---- again -------------------------------------------------------------------------------------------------------


def test_a_case_made_in_python_is_kept_as_files(here):
    made = case(disc())
    for name, content in kept_files(made, case_text(made)).items():
        path = here / name
        path.write_text(content) if isinstance(content, str) else content(path)
    again = load_case("case.toml")
    assert again.digest() == made.digest()
    assert again.resolved()["structure"]["sha256"] == as_given(disc()).digest
    assert Case.model_validate(made.model_dump()).digest() == made.digest()


def test_the_digest_follows_the_image():
    other = disc()
    other[0, 0] = 1
    assert case(disc()).digest() != case(other).digest() != case(disc(), voxel_nm=0.6).digest()


def test_the_command_line(here):
    (here / "case.toml").write_text(TEXT + "[run]\nfield_kT = 1.0\n")
    assert invoke("check", "case.toml").exit_code == OK
    run = invoke("discriminate", "case.toml", "--quick", "--out", "mine")
    assert run.exit_code == OK
    assert "periodic along the axis" in " ".join(run.output.split())
    assert (here / "mine" / "host.png").exists()
    assert invoke("export", "mine", "--out", "atoms.extxyz").exit_code == OK
    assert (here / "atoms.extxyz").exists()
    (here / "case.toml").write_text(TEXT.replace("host.png", "none.png"))
    assert invoke("check", "case.toml").exit_code == BAD_CASE


def test_what_memory_does_not_hold_is_refused(monkeypatch):
    monkeypatch.setattr("coble.models.structures.image.memory_bytes", lambda: 100_000)
    with pytest.raises(ValueError, match="voxels need about 0 GiB.* nm would do"):
        structure_rates(case(disc(24), voxel_nm=0.7))


def test_a_campaign_over_images(here):
    """Names on an axis are relative to the campaign; the images are kept beside it, so that it goes on without them."""
    (here / "sections").mkdir()
    for radius in (5, 7):
        Image.fromarray(disc(radius=radius), mode="L").save(f"sections/{radius}.png")
    (here / "case.toml").write_text(TEXT + "[run]\nfield_kT = 1.0\n")
    axis = '[[axis]]\nkey = "structure.image"\nvalues = ["sections/5.png", "sections/7.png"]\n'
    (here / "many.toml").write_text('case = "case.toml"\nreplicas = 1\nevents = 1e5\n' + axis)
    done = invoke("sweep", "many.toml", "--out", "swept")
    assert done.exit_code == OK, done.output
    assert "All 2 points are done" in done.output
    said = " ".join(done.output.split())
    assert "Exact shares over 2 images, mean ± standard deviation between images: interface" in said
    for path in (*here.glob("sections/*.png"), here / "host.png", here / "case.toml"):
        path.unlink()
    again = invoke("resume", "swept")
    assert again.exit_code == OK, again.output
    assert "All 2 points are done" in again.output
    assert invoke("plot", "swept", "--out", "drawn").exit_code == OK
    assert (here / "drawn" / "images.png").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("inner_width_nm = 8", "inner_width_nm = 8, coating_nm = 4", "a coating of 4 nm fills a bore of 8 nm"),
        ("inner_width_nm = 8", 'inner_width_nm = 8, grain_boundary = "round"', "must be 'along' or 'across'"),
        ("inner_width_nm = 8", "width = 8", "unknown key 'width'"),
        ("inner_width_nm = 8", "inner_width_nm = 8, coating_nm = 0.3", "0.3 is thinner than a voxel, so it would leak"),
        ("thickness_nm = 3", "thickness_nm = 0.2", "voxel_nm = 0.5 must be at most 0.2, better 0.1"),
        ("inner_width_nm = 8", 'inner_width_nm = 8, shape = "cube"', "shape must be one of"),
        ("inner_width_nm = 8", 'inner_width_nm = 8.3, shape = "square-array"', "do not divide the period"),
        (", wall_thickness_nm = 3", "", "lacks wall_thickness_nm"),
    ],
)
def test_tubules_that_cannot_be_drawn_are_refused(here, old, new, said):
    text = TEXT.replace('"host.png"', "{ inner_width_nm = 8, wall_thickness_nm = 3 }")
    line, key, message = fault(text.replace(old, new))
    assert (line, key) == (2, "structure.image")
    assert said in message


def test_a_tubule_that_is_drawn_is_kept(here):
    (here / "case.toml").write_text(TEXT.replace('"host.png"', "{ inner_width_nm = 8, wall_thickness_nm = 3 }"))
    drawn = load_case("case.toml")
    assert set(np.unique(read_labels(drawn.structure.image))) == {0, 1, 2}
    assert "tubule.npy" in kept_files(drawn, (here / "case.toml").read_text())


def test_where_a_stack_is_narrowest():
    """Every layer of a uniform stack loses the same, a neck the most; a mirrored stack is told as it was given."""
    from coble.models.narrowest import narrowest_of

    stack = np.repeat(disc()[:, :, None], 12, axis=2)
    even = StructureHost(case(stack))
    found = narrowest_of(even.case, even.graph, even.solve())
    assert found["times_mean"] == pytest.approx(1, rel=1e-3)
    notes = even.notes | {"narrowest": found}
    assert dict(of_image(notes))["narrowest"].startswith("nowhere: no layer loses more than 1.00 times")
    assert sum(map(sum, found["lost"].values())) == pytest.approx(1)
    stack[:, :, 4:6] = np.where(disc(radius=3, wall=1) > 0, disc(radius=3, wall=1), 0)[:, :, None]
    for way in ("periodic", "mirror"):
        neck = StructureHost(case(stack, along_axis=way))
        told = neck.found_in(neck.solve())["narrowest"]
        assert len(told["edges_nm"]) == 13
        assert 1.5 < told["at_nm"] < 3.5  # voxels 4 and 5 of 0.5 nm, or at the mouth, where it turns
        assert told["times_mean"] > 2
        assert dict(of_image(neck.notes | {"narrowest": told}))["narrowest"].startswith("at ")
    assert StructureHost(case(disc())).found_in(None) == {}


def test_strong_fields_in_a_stack_are_told(here):
    """What `coble check` says of a stack with a neck; a section has one answer at any field."""
    stack = np.repeat(disc()[:, :, None], 12, axis=2)
    stack[:, :, 4:6] = np.where(disc(radius=3, wall=1) > 0, disc(radius=3, wall=1), 0)[:, :, None]
    np.save("stack.npy", stack)
    for file, field, warned in (("stack.npy", 1.0, True), ("stack.npy", 0.05, False), ("host.png", 1.0, False)):
        (here / "case.toml").write_text(TEXT.replace("host.png", file) + f"[run]\nfield_kT = {field}\n")
        said = " ".join(invoke("check", "case.toml").stdout.split())
        assert ("below the exact network" in said) == warned
        assert "pumps" not in said


def test_a_stack_is_solved_once_to_be_checked(monkeypatch):
    """What hops limit and how far the field tilts the gas follow from the same potentials."""
    solved, once = [], exact.conjugate_gradients
    monkeypatch.setattr(exact, "conjugate_gradients", lambda *given: solved.append(given) or once(*given))
    stack = np.repeat(disc()[:, :, None], 6, axis=2)
    stack[:, :, 2] = disc(radius=4)
    assert dict(coble.check(case(stack)).facts)["region bulk"].endswith("percolates along z")
    assert len(solved) == 1


@pytest.mark.parametrize(("axis", "across"), [("x", ("y", "z")), ("y", ("z", "x")), ("z", ("x", "y"))])
def test_maps_have_the_axes_of_the_image(axis, across):
    assert across_of({"image": "host.npy", "axis": axis}) == across
    assert across_of({"atoms": "host.extxyz", "axis": axis}) == ("x", "y")  # its axes are those of the lattice
    assert order_of(axis)[2] == "xyz".index(axis)
    x, y = np.meshgrid(np.arange(4) * 5.0, np.arange(3) * 5.0)
    flat = np.ones(12)
    drawn = draw_maps(Maps(x.ravel(), y.ravel(), flat.astype(np.uint8), flat, flat, flat), names=across)
    fine = Maps(*(values + [0.2, 0.3, 0.0, -0.2] * 3 for values in (x.ravel() + 2.5, y.ravel() + 2.5)), *[flat] * 4)
    pixels = plot_map(fine, "occupancy", Figure().add_subplot(), pixel_nm=0.5).collections[0]
    assert pixels.get_array().shape == (3, 4) and (pixels.get_array() == 1).all()  # voxels, whatever stands in them
    for ax in drawn.axes[:3]:
        assert (ax.get_xlabel(), ax.get_ylabel()) == tuple(f"{name} [nm]" for name in across)


def test_its_lattice_can_be_a_structure_of_its_own():
    """The arrays of the lattice hold the sheets as sheets, too."""
    from coble.inputs.files.given_files import GivenFile
    from coble.inputs.structures.structure_file import lattice_bytes, read_lattice

    lattice = StructureHost(case(disc())).graph
    again = read_lattice(GivenFile("lattice.npz", lattice_bytes(lattice)))
    assert again.thin == lattice.thin == (2,)
    assert np.array_equal(again.parts, [[0.5, 0.5, 1.0], [0.5, 0.5, 1.0], [0.0, 0.0, 0.5]])
