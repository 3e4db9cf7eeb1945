"""Which figures there are of which result, each made from its files, so it can be made again without running again."""

from coble.kinds.discriminate.maps import profile_of, read_maps
from coble.plotting.convergence import GROUPS, series_of
from coble.store.contents import WrongKind, read_content
from coble.store.files import result_file


def _shares(folder, content):
    from coble.kinds.discriminate.shares_figures import draw_shares

    yield "shares", draw_shares(content)


def _maps(folder, content):
    from coble.kinds.discriminate.map_figures import draw_maps
    from coble.kinds.discriminate.shares_figures import tubule_of

    found = read_maps(folder)
    case = [wall["name"] for wall in content["walls"]]
    for name in sorted(found, key=lambda name: case.index(name) if name in case else len(case)):
        yield f"maps-{name}", draw_maps(found[name], f"{name}: {tubule_of(content)}")


def _side(folder, content):
    from coble.structures.export import each_frame
    from coble.structures.side_figures import SLAB_NM, close_up, draw_side

    (atoms,) = each_frame(folder, "last", cuts=[f"slab:{SLAB_NM}"])
    name = atoms.info["wall"].removeprefix("wall-")
    yield "side", draw_side([close_up(atoms)], f"{name}: edge of the bore, periods repeated")


def _routes(folder, content):
    from coble.kinds.discriminate.route_figures import draw_routes

    if any("network" not in wall for wall in content["walls"]):
        raise ValueError(f"{folder}: its result.json holds no currents between regions: run again")
    yield "routes", draw_routes(content)


def _waits(folder, content):
    from coble.kinds.discriminate.waits_figures import draw_waits

    if not any(wall.get("waiting_times") for wall in content["walls"]):
        raise ValueError(f"{folder}: its result.json holds no waiting times: run again")
    yield "waits", draw_waits(content)


def _tracers(folder, content):
    from coble.kinds.discriminate.tracer_figures import draw_lags

    if not any(wall.get("tracer_lags") for wall in content["walls"]):
        raise ValueError(f"{folder}: no tracers were followed: run without --quick")
    yield "tracers", draw_lags(content)


def _diffusivities(folder, content):
    from coble.kinds.discriminate.tracer_figures import draw_diffusivities

    if not any(wall["tracer_cm2_s"] for wall in content["walls"]):
        raise ValueError(f"{folder}: no tracers were followed: run without --quick")
    yield "diffusivities", draw_diffusivities(content)


def _convergence(folder, content):
    from coble.plotting.convergence_figures import draw_convergence

    some = False
    for group in GROUPS:
        if found := series_of(folder, content, group):
            some = True
            name = "convergence" if group == "shares" else f"convergence-{group}"
            yield name, draw_convergence(found, "estimates against what they are made from")
    if not some:
        raise ValueError(f"{folder}: follows no law of growth, or is too short: nothing to converge")


def _growth(folder, content):
    from coble.kinds.growth.figures import draw_growth

    yield "growth", draw_growth(content)


def _growth_side(folder, content):
    from coble.kinds.growth.figures import title_of
    from coble.structures.export import each_frame
    from coble.structures.side_figures import draw_side, wall_bands

    frames = list(each_frame(folder, ":", cuts=growth_cuts(content)))
    chosen = sorted({round(part * (len(frames) - 1)) for part in (0, 1 / 3, 2 / 3, 1)})
    yield "side", draw_side([frames[i] for i in chosen], title_of(content), wall_bands(folder))


def _profile(folder, content):
    from matplotlib.figure import Figure

    from coble.kinds.discriminate.map_figures import plot_profile
    from coble.kinds.growth.figures import title_of

    figure = Figure(figsize=(7.0, 3.0), layout="constrained")
    plot_profile(profile_of(folder), figure.subplots())
    figure.suptitle(title_of(content), fontsize=11)
    yield "profile", figure


def _experiment(folder, content):
    from coble.kinds.experiment.figures import draw_experiment

    yield "experiment", draw_experiment(content)


def _creep(folder, content):
    from coble.kinds.creep.figures import draw_creep

    yield "creep", draw_creep(content)


def _sensitivity(folder, content):
    from coble.kinds.sensitivity.figures import draw_sensitivity

    yield "sensitivity", draw_sensitivity(content)


def _tune(folder, content):
    from coble.kinds.tune.figures import draw_tuning

    yield "tune", draw_tuning(content)


def _design(folder, content):
    from coble.kinds.design.figures import draw_design

    yield "design", draw_design(content)


def _campaign(folder, content):
    from coble.kinds.campaign.mechanism_map import is_map

    if is_map(content):
        from coble.kinds.campaign.map_figures import draw_mechanism_maps

        yield "map", draw_mechanism_maps(content)
        return
    from coble.kinds.campaign.figures import draw_campaign

    yield "campaign", draw_campaign(content)


PLOTS = {  # by kind of result
    "discriminate": {
        "shares": _shares, "maps": _maps, "side": _side, "routes": _routes, "convergence": _convergence,
        "diffusivities": _diffusivities, "tracers": _tracers, "waits": _waits,
    },
    "plate": {"growth": _growth, "side": _growth_side, "profile": _profile, "convergence": _convergence},
    "experiment": {"experiment": _experiment},
    "tune": {"tune": _tune},
    "design": {"design": _design},
    "creep": {"creep": _creep},
    "sensitivity": {"sensitivity": _sensitivity},
    "campaign": {"campaign": _campaign},
}  # fmt: skip
MAIN = {"discriminate": "walls", "plate": "series", "experiment": "observables", "campaign": "points"}
AHEAD_NM = 3.0  # of the farthest tip that a picture still shows


def growth_cuts(content):
    """Cuts that leave what a picture from the side of metal that grows shows, list of str as of `coble.structures.cuts`."""
    from coble.structures.side_figures import SLAB_NM

    cuts, growth = [f"slab:{SLAB_NM}"], content["provenance"]["case"]["growth"]
    if not growth["space_nm"]:
        farthest = max(*content["series"]["front_nm"], growth["metal_to_nm"])
        cuts.append(f"z::{farthest + AHEAD_NM:.2f}")
    return cuts


def content_of(folder):
    """The content of result.json in a folder, or of campaign.json.

    Raises
    ------
    ValueError
        When there is none, or none of a kind that has figures.
    """
    try:
        content = read_content(result_file(folder), tuple(PLOTS))
    except OSError:
        raise ValueError(f"{folder}: holds no result.json of a run; name a folder that a command has written") from None
    except WrongKind as error:
        if error.kind is None:
            raise ValueError(f"{result_file(folder)}: is damaged, or not that of a run") from None
        raise ValueError(
            f"{folder}: a result of kind {error.kind!r} has no figures, only {', '.join(PLOTS)} have"
        ) from None
    kind = content["kind"]
    if (part := MAIN.get(kind)) and not isinstance(content.get(part), dict | list):
        raise ValueError(f"{result_file(folder)}: is damaged, it has no {part}")
    if kind == "discriminate" and not content["walls"]:
        raise ValueError(f"{folder}: was interrupted before its first wall: nothing to draw")
    return content


def figures_of(folder, what=None, skipped=None):
    """The figures of a result, one at a time.

    Parameters
    ----------
    folder : path-like
        What `coble discriminate`, `plate`, `strip`, `cycle` or `tune` has written.
    what : sequence of str, optional
        Which of `PLOTS[kind]`; all that can be made when left out.
    skipped : list, optional
        Takes a sentence for each figure that cannot be made, when `what` is left out.

    Yields
    ------
    name : str
    figure : matplotlib.figure.Figure

    Raises
    ------
    ValueError
        For a folder without a result, a figure that its kind does not have, or files that are missing.
    """
    content = content_of(folder)
    known = PLOTS[content["kind"]]
    for name in what or ():
        if name not in known:
            raise ValueError(
                f"{folder}: a result of kind {content['kind']!r} has no figure {name!r}; there are {', '.join(known)}"
            )
    for name in what or known:
        try:
            yield from known[name](folder, content)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            if not isinstance(error, ValueError):
                error = ValueError(f"{result_file(folder)}: is damaged, or of another version ({error!r})")
            if what:
                raise error from None
            (skipped if skipped is not None else []).append(f"{name}: {error}")
