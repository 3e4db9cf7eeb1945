"""Regions of a structure: from an array of its atoms, from values, or from a dict."""

import numpy as np

from coble.lattices.graph.regions import MOST_REGIONS


def named_regions(sites, regions, chosen=None, n_atom=None):
    """Region of every site, uint8 array (n_site,), and the names of the regions, a tuple.

    Parameters
    ----------
    sites : ase.Atoms
    regions : str, array, dict or None
        As in `Lattice.from_atoms`.
    chosen : int array (n_site,), optional
        Which of `n_atom` atoms the sites are: an array may have a value for each of those.

    Raises
    ------
    ValueError
        For a site in no region or in two, an array of another length, and too many regions.
    """
    n_site = len(sites)
    if regions is None:
        return np.zeros(n_site, dtype=np.uint8), ("bulk",)
    if isinstance(regions, dict):
        if not regions:
            raise ValueError("regions: the dict is empty")
        if all(isinstance(value, str) for value in regions.values()):
            return _by_tag(sites.get_tags(), regions)
        return _by_indices(n_site, regions)
    values = array_of(sites, regions, "regions") if isinstance(regions, str) else np.asarray(regions)
    if chosen is not None and len(chosen) != n_atom and values.shape == (n_atom,):
        values = values[chosen]
    if values.shape != (n_site,):
        raise ValueError(f"regions: one value per site is wanted, shape ({n_site},), got {values.shape}")
    found, region = np.unique(values, return_inverse=True)
    return _few(region, tuple(map(str, found.tolist())))


def _few(region, names):
    if len(names) > MOST_REGIONS:
        raise ValueError(f"regions: at most {MOST_REGIONS}, got {len(names)}")
    return region.astype(np.uint8), names


def _by_tag(tags, regions):
    names = tuple(dict.fromkeys(regions.values()))
    region = np.full(len(tags), -1)
    for tag, name in regions.items():
        region[tags == tag] = names.index(name)
    if (region < 0).any():
        site = np.flatnonzero(region < 0)[0]
        raise ValueError(f"regions: site {site} has tag {tags[site]}, which has no name; named are {list(regions)}")
    return _few(region, names)


def _by_indices(n_site, regions):
    names = tuple(map(str, regions))
    region = np.full(n_site, -1)
    for number, (name, chosen) in enumerate(regions.items()):
        chosen = np.atleast_1d(np.asarray(chosen))
        if chosen.dtype == bool and chosen.shape == (n_site,):
            chosen = np.flatnonzero(chosen)
        if chosen.size and (chosen.ndim != 1 or chosen.dtype.kind not in "iu"):
            raise ValueError(f"regions: {name}: whole numbers of sites are wanted, or {n_site} values True or False")
        chosen = chosen.astype(np.int64)
        if (wrong := chosen[(chosen < 0) | (chosen >= n_site)]).size:
            raise ValueError(f"regions: {name}: site {wrong[0]} does not exist; sites are 0 to {n_site - 1}")
        if (twice := chosen[region[chosen] >= 0]).size:
            raise ValueError(f"regions: site {twice[0]} is in {names[region[twice[0]]]} and in {name}")
        region[chosen] = number
    if (region < 0).any():
        raise ValueError(f"regions: site {np.flatnonzero(region < 0)[0]} is in no region")
    return _few(region, names)


def array_of(atoms, name, what):
    """The array of atoms that has a name; ValueError, with the names there are, where none has.  `what` asks for it."""
    if name == "tags":
        return atoms.get_tags()
    if name == "symbols":
        return np.array(atoms.get_chemical_symbols())
    if name not in atoms.arrays:
        known = ", ".join(sorted({"symbols", "tags", *atoms.arrays} - {"numbers", "positions"}))
        raise ValueError(f"{what}: the atoms have no array {name!r}; they have {known}")
    return np.asarray(atoms.arrays[name])
