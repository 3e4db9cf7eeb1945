"""What a design says in words, made from the content of result.json alone."""

from coble.render.numbers import listed


def headline(content):
    """Which walls carry the wanted current."""
    setup = content["provenance"]["case"]["design"]
    names = {True: [], False: []}
    for wall in content["walls"]:
        names[wall["needed_V"]["value"] <= setup["overpotential_V"]].append(wall["name"])
    what = f"{setup['current_mA_cm2']:g} mA/cm² at {1e3 * setup['overpotential_V']:g} mV"
    what += f" through {setup['depth_um']:g} µm"
    does, not_ = (listed(each) if each else "" for each in (names[True], names[False]))
    if not does:
        return f"No wall carries {what}: {not_}."
    said = f"{does} {'carry' if len(names[True]) > 1 else 'carries'} {what}."
    return said + (f" {not_} {'do' if len(names[False]) > 1 else 'does'} not." if not_ else "")


def sentences(content):
    """What the cell needs, and its pressures; what each wall needs stands in the tables."""
    case = content["provenance"]["case"]
    setup, tubule = case["design"], case["tubule"]
    return [*_head(content, setup, tubule), _pressures(content, setup)]


def unreached(content):
    """Walls that were not begun, or not finished."""
    for wall in content["provenance"]["case"]["wall"][len(content["walls"]) :]:
        yield f"wall {wall['name']}"


def accelerated(content):
    """What was made faster than hop by hop."""
    return "Nothing was simulated hop by hop."


def _head(content, setup, tubule):
    density = content["tubules_per_cm2"]
    return (
        f"{setup['current_mA_cm2']:g} mA/cm² at {1e3 * setup['overpotential_V']:g} mV through {setup['depth_um']:g} µm "
        f"need {content['needed_S_cm2']:.3g} S/cm² of matrix.  By eq. (1) κ × fill must be at least "
        f"{content['needed_mS_cm']:.3g} mS/cm.",
        f"{content['packing'].capitalize()}, W = {tubule['inner_width_nm']:g} nm, "
        f"w = {tubule['wall_thickness_nm']:g} nm: {100 * content['porosity']:.1f} % bores"
        + (f", {density:.3g} tubules/cm²" if density else "")
        + f".  Full: {content['capacity_mAh_cm2']:.3g} mAh/cm², {content['capacity_mAh_cm3']:.0f} mAh/cm³, "
        f"{content['capacity_mAh_g']:.0f} mAh/g (wall of {setup['wall_density_g_cm3']:g} g/cm³).",
    )


def _pressures(content, setup):
    gas = content["gas_MPa"]
    others = ", ".join(f"{value:.2f} ({name})" for name, value in gas.items() if name != "isothermal")
    return (
        f"Metal at {1e3 * setup['overpotential_V']:g} mV pushes with up to {content['pressure_MPa']:.0f} MPa.  The "
        f"hoop stress in a wall is {content['hoop_factor']:.2f} times the pressure.  Gas compressed "
        f"{setup['gas_compression']:g} times: {gas['isothermal']:.2f} MPa (isothermal, "
        f"{1e3 * content['gas_V']:.2f} mV), {others}."
    )
