"""What a case with an image has in [structure]: the image, its labels, and the sheets between two of them."""

from numpy import array, ndarray

from coble.inputs.files.faults import quoted, refusal, typed_text
from coble.inputs.files.given_files import folder_of, read_given
from coble.inputs.numbers.quantities import Quantity
from coble.render.meant import meant

PORE = "pore"  # the label of what holds nothing; it needs no region
MOST_LABEL = 65535
WIDTH = Quantity(0.5, 100.0, "angstrom", "is it in nm?")
LENGTH = Quantity(0.01, 1e4, "nm", "is it in angstrom or um?")
MOST_VOXELS = 10_000  # along an edge of a tubule that is drawn
VOXEL = Quantity(0.05, 1000.0, "nm", "is it in angstrom or um?")
CONCENTRATION = Quantity(1e15, 1e24, "cm-3", "is it in m-3, mol/l or another unit?", or_zero=True)
SHEET_KEYS = ("between", "name", "width_angstrom")
SHEET_WIDTH_A = 2.0  # Chen 2020
IMAGE_KEYS = ("voxel_nm", "along_axis", "across", "layers", "labels", "interface", "surface")  # of [structure]


def region_name(value):
    """Validator of the name of a region, which becomes part of names in results."""
    if not isinstance(value, str):
        raise refusal(f"must be a string, got {typed_text(value)}")
    if not 1 <= len(value) <= 40 or not value.isprintable() or value != value.strip() or "/" in value:
        raise refusal(f"must have 1 to 40 printable characters, no '/' and no spaces at its ends, got {quoted(value)}")
    return value


def image_file(value, info):
    """Validator of an image: the name of a file, an array of labels of Python, or a tubule that is drawn."""
    from coble.inputs.structures.image_file import as_given

    if isinstance(value, dict):
        return _drawn(value, info.data.get("voxel_nm"))
    return read_given(as_given(value) if isinstance(value, ndarray) else value, folder_of(info))


def _drawn(value, voxel_nm):
    """A built-in tubule with a coating or a grain boundary as an image; see `coble.lattices.images.layers`."""
    from coble.inputs.structures.image_file import TUBULE, as_given
    from coble.lattices.images.layers import tubule_labels

    known = ("shape", "pore", "grain_boundary", "inner_width_nm", "wall_thickness_nm", "coating_nm", "length_nm")
    if unknown := [key for key in value if key not in known]:
        raise refusal(f"unknown key {quoted(unknown[0])} of a tubule, must be one of {', '.join(known)}")
    words = {key: value[key] for key in known[:3] if key in value}
    lengths = {}
    for key in known[3:]:
        if key in value:
            try:
                lengths[key] = 10 * LENGTH(value[key])
            except Exception as error:
                raise refusal(f"{key} {error}") from None
    for key in ("inner_width_nm", "wall_thickness_nm"):
        if key not in lengths:
            raise refusal(f"lacks {key}: give the sizes of the tubule")
    if voxel_nm is None:  # a fault of its own, which is told; nothing can be drawn
        return as_given(array([[0]]), TUBULE)
    for key in ("wall_thickness_nm", "coating_nm"):  # one of a voxel or more has no holes, however it runs
        if lengths.get(key, 10 * voxel_nm) < 10 * voxel_nm:
            given = lengths[key] / 10
            raise refusal(
                f"{key} = {given:g} is thinner than a voxel, so it would leak: voxel_nm = {voxel_nm:g} must be at most "
                f"{given:g}, better {given / 2:g}"
            )
    if max(lengths.values()) / voxel_nm > 10 * MOST_VOXELS:
        raise refusal(f"has more than {MOST_VOXELS} voxels along an edge: voxel_nm must be larger")
    try:
        drawn = tubule_labels(
            words.get("shape", "single"),
            lengths["inner_width_nm"],
            lengths["wall_thickness_nm"],
            10 * voxel_nm,
            coating_A=lengths.get("coating_nm", 0.0),
            grain_boundary=words.get("grain_boundary"),
            length_A=lengths.get("length_nm"),
            pore=words.get("pore", "polygonal"),
        )
    except (ValueError, TypeError) as error:
        raise refusal(str(error)) from None
    return as_given(drawn, TUBULE)


def label_table(value):
    """Validator of [structure.labels]: from values of voxels to names of regions."""
    if not isinstance(value, dict):
        raise refusal(f"must be a table of labels and regions, got {typed_text(value)}")
    found = {}
    for key, name in value.items():
        text = str(key)
        if not (text.isascii() and text.isdecimal() and int(text) <= MOST_LABEL):
            raise refusal(f"its keys must be whole numbers from 0 to {MOST_LABEL}, got {quoted(text)}")
        if isinstance(name, dict):  # TOML reads the key 1.5 as 5 in a table 1
            inner = quoted(".".join([text, *map(str, list(name)[:1])]))
            raise refusal(f"its keys must be whole numbers from 0 to {MOST_LABEL}, got {inner}")
        try:
            found[str(int(text))] = region_name(name)
        except Exception as error:
            raise refusal(f"of {text} {error}") from None
    if not set(found.values()) - {PORE}:
        raise refusal("must name at least one region besides the pore")
    return found


def sheets(value):
    """Validator of an interface or a surface, or of several: tuple of dicts."""
    several = value if isinstance(value, list | tuple) else [value]
    return tuple(map(_sheet, several))


def _sheet(value):
    if not isinstance(value, dict):
        raise refusal(
            f"must be a table, as {{ between = ['bulk', 'wall'], name = 'interface' }}, got {typed_text(value)}"
        )
    if unknown := [key for key in value if key not in SHEET_KEYS]:
        raise refusal(f"unknown key {quoted(unknown[0])}, must be one of {', '.join(SHEET_KEYS)}")
    between = value.get("between")
    if not isinstance(between, list | tuple) or len(between) != 2 or between[0] == between[1]:
        raise refusal("between must be a list of two different names of labels")
    found = {"between": tuple(map(region_name, between))}
    if "name" in value:
        found["name"] = region_name(value["name"])
    try:
        found["width_angstrom"] = WIDTH(value.get("width_angstrom", SHEET_WIDTH_A))
    except Exception as error:
        raise refusal(f"width_angstrom {error}") from None
    return found


def sheets_of(structure):
    """All sheets of a [structure] with their names, list of dict; `what` says which key each comes from."""
    found = []
    for what in ("interface", "surface"):
        for each in sheets(getattr(structure, what) or ()):
            found.append({"name": what, "what": what, **each})
    return found


# ---- checks between keys -----------------------------------------------------------------------------------------


def image_checks(draft, given):
    """What must hold between the keys of a case with an image; the manner is that of `coble.inputs.case_checks`."""
    yield _keys(draft)
    yield _no_barriers(draft, given)
    yield _names(draft)
    yield _sheets(draft)
    for region in draft.region:
        yield _complete(draft, region)


def no_image(draft):
    """Keys of an image beside a structure of sites."""
    for key in IMAGE_KEYS:
        if getattr(draft.structure, key) is not None:
            yield draft.structure, key, "belongs to an image: give structure.image, or leave it out"
    for region in draft.region:
        if region.concentration_cm3 is not None:
            yield region, "concentration_cm3", "belongs to an image: a structure says how many sites there are"


def _keys(draft):
    structure = draft.structure
    if structure.file is not None:
        yield structure, "file", "must be left out beside image: give one of the two"
    for key in ("bond_cutoff_angstrom", "mobile"):
        if getattr(structure, key) is not None:
            yield structure, key, "must be left out: an image has voxels, not atoms"
    if structure.lacks("voxel_nm"):
        yield structure, "voxel_nm", "is missing: give the edge of a voxel of the image in nm"
    if structure.lacks("labels"):
        yield (
            structure,
            "labels",
            'is missing: say which value of a voxel is what, as [structure.labels] with 1 = "wall"',
        )


def _no_barriers(draft, given):
    said = "must be left out: regions of an image have diffusivities, not barriers"
    for rule in draft.barrier:
        yield rule, "between", said
    if "barriers" in given and draft.barriers.file is not None:
        yield draft.barriers, "file", said


def _names(draft):
    """Every label has a region, every region a label or a sheet."""
    labels = {} if draft.structure.lacks("labels") else label_table(draft.structure.labels)
    regions = [region.name for region in draft.region]
    of_sheets = [each["name"] for each in sheets_of(draft.structure)]
    for value, name in labels.items():
        if name != PORE and name not in regions:
            yield draft.structure, "labels", f"{value} = '{name}' has no [[region]] with name = '{name}': give it one"
            return
    known = [*dict.fromkeys(name for name in labels.values() if name != PORE), *of_sheets]
    for region in draft.region:
        if region.name not in known:
            advice = meant(region.name, known, f"there are {', '.join(map(repr, known))}")
            yield region, "name", f"'{region.name}' is neither a label nor an interface or surface: {advice}"


def _sheets(draft):
    structure = draft.structure
    labels = {} if structure.lacks("labels") else label_table(structure.labels)
    pairs, widths = set(), {}
    for each in sheets_of(structure):
        for name in each["between"]:
            if name not in labels.values():
                known = dict.fromkeys(labels.values())
                advice = meant(name, known, f"there are {', '.join(map(repr, known))}")
                yield structure, each["what"], f"between names '{name}', which is no label: {advice}"
                return
        if each["name"] in labels.values():
            yield structure, each["what"], f"must have a name of its own, got that of the label '{each['name']}'"
            return
        if widths.setdefault(each["name"], each["width_angstrom"]) != each["width_angstrom"]:
            yield structure, each["what"], f"'{each['name']}' must have one width_angstrom wherever it is"
            return
        if (pair := frozenset(each["between"])) in pairs:
            yield structure, each["what"], f"stands twice between {' and '.join(sorted(pair))}"
            return
        pairs.add(pair)
        if not any(region.name == each["name"] for region in draft.region):
            yield structure, each["what"], f"'{each['name']}' has no [[region]] with its diffusivity: give it one"
            return


def _complete(draft, region):
    if region.lacks("diffusivity_cm2_s") and region.concentration_cm3 != 0:
        yield region, "diffusivity_cm2_s", f"is missing: how fast atoms move in '{region.name}'"
    if region.lacks("concentration_cm3"):
        yield region, "concentration_cm3", f"is missing: mobile atoms per volume of '{region.name}', maybe 0"
    of_sheet = region.name in (each["name"] for each in sheets_of(draft.structure))
    if of_sheet and isinstance(region.diffusivity_cm2_s, list | tuple):
        yield region, "diffusivity_cm2_s", "must be one number: a surface conducts alike in both of its directions"
