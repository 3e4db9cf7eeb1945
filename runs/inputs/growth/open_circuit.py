"""Walls that fill: an open-circuit curve and the lithiation at the start, and their checks."""

from numbers import Real

from coble.inputs.files.faults import number_text, refusal, typed_text

MOST_V, MOST_POINTS = 3.0, 100
POINTS = "[lithiation, potential in V against the metal]"


class Curve:
    """Validator of an open-circuit curve: points whose lithiation rises from 0 to 1 and whose potential falls."""

    def __call__(self, value):
        if not isinstance(value, list | tuple) or not 2 <= len(value) <= MOST_POINTS:
            raise refusal(f"must be a list of 2 to {MOST_POINTS} points {POINTS}, got {typed_text(value)}")
        points = tuple(map(_point, value))
        for before, after in zip(points, points[1:], strict=False):
            if after[0] <= before[0]:
                raise refusal(f"must have lithiations that rise, got {_text(after)} after {_text(before)}")
            if after[1] >= before[1]:
                raise refusal(
                    f"must have potentials that fall as lithium comes in, got {_text(after)} after {_text(before)}"
                )
        for place, point, end in (("start", points[0], 0.0), ("end", points[-1], 1.0)):
            if point[0] != end:
                raise refusal(f"must {place} at the lithiation {end:g}, got {_text(point)}")
        return points

    def __get_pydantic_json_schema__(self, core_schema, handler):
        return handler(core_schema) | {"minItems": 2, "maxItems": MOST_POINTS}


def _point(value):
    """A point of a curve, (lithiation, potential [V])."""
    if (
        not isinstance(value, list | tuple)
        or len(value) != 2
        or not all(isinstance(each, Real) and not isinstance(each, bool) for each in value)
    ):
        raise refusal(f"must be a list of points {POINTS}, got {typed_text(value)} in it")
    lithiation, potential = map(float, value)
    if not 0 <= lithiation <= 1:
        raise refusal(f"must have lithiations from 0 to 1, got {number_text(value[0])}")
    if not 0 <= potential <= MOST_V:
        raise refusal(
            f"must have potentials from 0 to {MOST_V:g} V against the metal, which is deposited below 0 V, "
            f"got {number_text(value[1])}"
        )
    return lithiation, potential


def _text(point):
    return "[" + ", ".join(map(number_text, point)) + "]"


def check_filling(draft, given, takes_none):
    """Faults of walls that fill.

    Parameters
    ----------
    draft : namespace of `coble.inputs.case_checks`
    given
        What came as [[wall]].
    takes_none : callable (wall) → bool
        Whether a wall takes no metal.

    Yields
    ------
    section, key, message
    """
    if not isinstance(given, list | tuple):  # what is no list of walls is a fault of its own
        return
    for wall, keys in zip(draft.wall, given, strict=False):
        curve = wall.ocv_V
        if curve is None:
            if wall.lithiation is not None:
                yield wall, "lithiation", "needs the wall's open-circuit curve: give ocv_V, or leave it out"
            continue
        if takes_none(wall):
            yield wall, "ocv_V", "must be left out for a wall that takes no metal: give a concentration_cm3 > 0"
            continue
        if "vacancy_fraction" in getattr(keys, "model_fields_set", keys):
            yield wall, "vacancy_fraction", "must be left out with ocv_V, whose sites say how many are empty"
        from coble.kmc.rates.site_energies import site_energies  # scipy's optimisers take a while to import

        temperature_K = draft.conditions.temperature_K
        try:
            site_energies(Curve()(curve), temperature_K)
        except ValueError as error:
            yield wall, "ocv_V", str(error)
