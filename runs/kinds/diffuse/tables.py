"""Tables of diffuse, made from the content of result.json alone."""

from coble.kinds.diffuse.axes import axis_text, principal_of
from coble.render.numbers import many, number_of, plain, power, scientific, with_error
from coble.render.table import Table, columns_of, spread

NAMES = {"tracer": "D* of the tracer", "collective": "D_σ, collective"}
ROUNDING = 1e-12  # of the largest component
COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")


def tables(content):
    """Means over directions at every temperature, the tensors, and the Arrhenius fit: list of `Table`."""
    yield Table(
        "Diffusion, averaged over the directions",
        ["T [K]", "D* [cm²/s]", "D_σ [cm²/s]", "Haven ratio", "correlation factor", "lone carrier [cm²/s]", "events"],
        [
            [
                f"{point['temperature_K']:g}",
                scientific(point["tracer_mean_cm2_s"]),
                scientific(point["collective_mean_cm2_s"]),
                with_error(point["haven_ratio"]),
                with_error(point["correlation_factor"]),
                f"{lone_mean(point):.4e}",
                many(point["events"]),
            ]
            for point in content["temperatures"]
        ],
        note=_who(content),
        name="diffusion",
        numbers=_numbers(content),
        wide=("events", "lone carrier [cm²/s]"),
    )
    if fit := content["arrhenius"]:
        yield _fits(fit)
    for point in content["temperatures"]:
        yield _tensor(point)
        if axes := principal_of(point):
            yield _principal(point, axes)


def lone_mean(point):
    """D of the lone carrier, averaged over the directions in which it moves [cm²/s]."""
    return sum(point["lone_carrier_cm2_s"][axis] for axis in point["directions"]) / len(point["directions"])


def _who(content):
    """Who carries, in a sentence."""
    if not content["temperatures"]:
        return "No temperature was finished."
    point = content["temperatures"][0]
    who = {"atom": "atoms", "vacancy": "vacancies"}[point["carrier"]]
    return (
        f"D* and D_σ are per atom. The carriers are {who}: {number_of(point['carriers'])} on {point['sites']:,} sites, "
        f"with {number_of(point['atoms'])} atoms."
    )


def _numbers(content):
    keys = ("tracer_mean_cm2_s", "collective_mean_cm2_s", "haven_ratio", "correlation_factor")
    headings = ["temperature_K", "events"]
    for key in keys:
        name, unit = (key.removesuffix("_cm2_s"), "_cm2_s") if key.endswith("_cm2_s") else (key, "")
        headings += columns_of(name, unit)
    headings += [f"lone_carrier_{component}_cm2_s" for component in COMPONENTS]
    rows = []
    for point in content["temperatures"]:
        row = [point["temperature_K"], point["events"]]
        for key in keys:
            row += spread(point[key])
        rows.append(row + [point["lone_carrier_cm2_s"][component] for component in COMPONENTS])
    return headings, rows


def _tensor(point):
    """One temperature's tensors."""
    rows, numbers = [], []
    shown = {key: _without_noise(point[f"{key}_cm2_s"]) for key in ("tracer", "collective")}
    for component in COMPONENTS:
        tracer, together = point["tracer_cm2_s"][component], point["collective_cm2_s"][component]
        lone, network = point["lone_carrier_cm2_s"][component], point["network_cm2_s"][component]
        along = component in point["directions"]
        rows.append(
            [
                component,
                shown["tracer"][component],
                shown["collective"][component],
                with_error(point["haven_ratio"][component]) if along else "–",
                with_error(point["correlation_factor"][component]) if along else "–",
                f"{lone:.4e}" if lone else "0",
                f"{network:.4e}" if network else "0",
            ]
        )
        numbers.append([component, *spread(tracer), *spread(together), lone, network])
    headings = ["component", *columns_of("tracer", "_cm2_s"), *columns_of("collective", "_cm2_s")]
    return Table(
        f"Tensors at {point['temperature_K']:g} K, in the frame of the structure",
        ["component", "D* [cm²/s]", "D_σ [cm²/s]", "Haven ratio", "f", "lone carrier [cm²/s]", "network D_σ [cm²/s]"],
        rows,
        name=f"tensors-{point['temperature_K']:g}K",
        numbers=([*headings, "lone_carrier_cm2_s", "network_cm2_s"], numbers),
        wide=("network D_σ [cm²/s]", "f", "Haven ratio"),
    )


def _principal(point, axes):
    """The same along the principal axes of each tensor."""
    rows = [
        [f"{NAMES[which]} {number}", plain({"value": value, "stderr": error}), axis_text(axis)]
        for which, found in axes.items()
        for number, (value, error, axis) in enumerate(found, 1)
    ]
    return Table(
        f"Principal values at {point['temperature_K']:g} K",
        ["of", "D [cm²/s]", "principal axis (x, y, z)"],
        rows,
        note="Values that agree within their errors have no axes of their own.",
        name=f"principal-{point['temperature_K']:g}K",
        numbers=(
            ["tensor", "value_cm2_s", "stderr_cm2_s", "axis_x", "axis_y", "axis_z"],
            [[which, *each[:2], *map(float, each[2])] for which, found in axes.items() for each in found],
        ),
    )


def _without_noise(tensor):
    """Components as texts: 0 for what the digits of the computer leave where nothing moves, dict of str."""
    least = ROUNDING * max(abs(each["value"] or 0.0) for each in tensor.values())
    return {name: "0" if 0 < abs(each["value"] or 0.0) < least else plain(each) for name, each in tensor.items()}


def _fits(fit):
    """Activation energies and prefactors."""
    rows = []
    for name, each in (("tracer", fit), ("collective", fit["collective"])):
        if each:
            said = f"{each['chi2']:.1f} of {each['degrees_of_freedom']}"
            energy, d0 = each["activation_energy_eV"], each["d0_cm2_s"]
            rows.append([NAMES[name], with_error(energy), plain(d0), said])
            rows += [
                [f"  along {axis[0]}", with_error(energy[axis]), plain(d0[axis]), ""]
                for axis in ("xx", "yy", "zz")
                if energy[axis]["value"] is not None
            ]
    if fit["lone_carrier_eV"] is not None:
        rows.append(["lone carrier, exact", f"{fit['lone_carrier_eV']:.4f}", f"{fit['lone_carrier_d0_cm2_s']:.3e}", ""])
    return Table(
        "Arrhenius: D = D₀ exp(−E / k_B T)",
        ["of", "E [eV]", "D₀ [cm²/s]", "χ² of"],
        rows,
        note="Carriers are as many at all temperatures: the energy of making them is not in E.",
        name="arrhenius",
    )


def details(content):
    """How D depends on the time, and where events went."""
    for point in content["temperatures"]:
        rows = [
            [which if number == 0 else "", f"{lag['lag_s']:.3g}", scientific(lag["mean_cm2_s"])]
            for which, lags in point["lags"].items()
            for number, lag in enumerate(lags)
        ]
        yield Table(
            f"Slopes of mean squares between a time and twice it, {point['temperature_K']:g} K",
            ["of", "time [s]", "D [cm²/s]"],
            rows,
            name=f"lags-{point['temperature_K']:g}K",
        )
    total = sum(point["events"] for point in content["temperatures"])
    yield Table(
        "Events by temperature",
        ["T [K]", "events", "seconds"],
        [[f"{p['temperature_K']:g}", many(p["events"]), f"{p['seconds']:.1f}"] for p in content["temperatures"]],
        parts=[point["events"] / total if total else 0.0 for point in content["temperatures"]],
        note=f"{power(total)} events in {content['seconds']:.1f} s.",
    )


def rates(content, case, folder):
    """Hop rates at every temperature, list of `Table`; none without the case."""
    from coble.kinds.discriminate.rate_tables import structure_table

    return [structure_table(case, point["temperature_K"]) for point in content["temperatures"]] if case else []


def effort(content):
    """(events, seconds) of all temperatures."""
    return sum(point["events"] for point in content["temperatures"]), content["seconds"]
