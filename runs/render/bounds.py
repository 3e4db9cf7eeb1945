"""Where the network is no exact answer but an upper bound: what is printed and judged then.

With one occupancy in all regions the network is exact.  Else the total conductance of the interacting gas lies between
that of the regions by themselves and that of the network (`coble.kmc.network.exact.bounds`).  Where these two are more
than 1 % apart, tables, figures and checks show both.  The total alone is bounded rigorously: of shares, of κ and of
conductances of paths both limits are given, and what the gas has lies between them as far as it has been seen.

All functions take the content of result.json, or of exact.json of a campaign's point.
"""

from coble.render.lights import compared

TIGHT = 0.99  # lower over upper bound, from which on the network counts as exact


def between(exact):
    """Bounds of the total conductance over the network's, (low, high); (1, 1) where no bounds were written."""
    return tuple(exact.get("total_lies_between", (1.0, 1.0)))


def loose(exact):
    """Whether the bounds are so far apart that the network is no exact answer."""
    low, high = between(exact)
    return low < TIGHT * high


def share_ends(exact, path):
    """Share of a path by the network, and by the regions by themselves: the same twice where the network is exact."""
    share = exact["shares"].get(path, 0.0)
    if not loose(exact):
        return share, share
    alone = exact.get("alone_conductance_S_m") or exact.get("formula", exact["shares"])  # of a point: its formula
    if not sum(alone.values()):  # no region goes on by itself: no limit is known
        return 0.0, 1.0
    return share, alone.get(path, 0.0) / sum(alone.values())


def conductance_ends(exact, path):
    """The same of the conductance of a path [S·m]; None where it was not written."""
    known = exact.get("conductance_S_m", {}).get(path)
    alone = exact.get("alone_conductance_S_m")
    return known and ((known, alone[path]) if alone and loose(exact) else (known, known))


def total_ends(exact):
    """The same of the conductance of all paths, over the network's."""
    return between(exact)[::-1] if loose(exact) else (1.0, 1.0)


def kappa_ends(exact):
    """The same of κ of wall and interface [mS/cm]."""
    kappa, alone = exact["kappa_mS_cm"], exact.get("alone_conductance_S_m")
    if not alone or not loose(exact):
        return kappa, kappa
    of_both, of_each = (sum(v for path, v in c.items() if path != "bulk") for c in (exact["conductance_S_m"], alone))
    return kappa, kappa * of_each / of_both if of_both else kappa


def speed_ends(found):
    """The same of a speed of the tip in a result of experiments [nm/s]."""
    high, low = found["exact"], found.get("exact_low")
    return (high, high) if low is None or low >= TIGHT * high else (high, low)


def nearest(value, ends):
    """The number between two ends that is nearest to a value, with which a measured one is compared."""
    return None if value is None else min(max(value, min(ends)), max(ends))


def off_half(exact):
    """How far the share of the leading path is from one half, at the least."""
    ends = share_ends(exact, max(exact["shares"], key=exact["shares"].get))
    return abs(nearest(0.5, ends) - 0.5)


def spelled(ends, form="{:.2f}"):
    """One number, or `68.06 to 71.43`."""
    low, high = (form.format(end) for end in sorted(ends))
    return low if low == high else f"{low} to {high}"


def said(exact, then="Values under 'exact' run from the network to that without exchange between regions."):
    """What has to be said of the network of a result, and what follows; empty where it is exact."""
    if not loose(exact):
        return ""
    low, high = between(exact)
    return (
        f"The network is an upper bound here, not exact: occupancies differ between regions and the bonds between them "
        f"carry current.  The total conductance lies between {low:.3f} and {high:g} times the network's.  {then}"
    )


def exchanged(exact):
    """What the network conducts without the bonds between regions, in words; empty when not written."""
    part = exact.get("regions_over_total")
    return "" if part is None else f"{100 * part:.2f} % of the conductance is left"


def within(what, estimate, ends, unit):
    """A measured number against the network, or where that is a bound only, against the interval of both bounds."""
    if ends[0] != ends[1]:
        what += f", bounds {spelled(ends, '{:.4g}')}"
    return compared(what, estimate, nearest(estimate["value"], ends), unit)
