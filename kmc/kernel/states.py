"""What a kernel is made from and what it goes back to, checked before any of it is used.

The event loop reads codes, edges and lists without looking at bounds: a number that is out of range there would end
the interpreter.  Everything that comes from outside passes here first, and raises `ValueError`.
"""

import numpy as np

AHEAD = 16  # words that a kernel draws ahead, `coble.kmc.kernel.draws.AHEAD`
BLOCK = 256  # sites whose propensities are summed, `coble.kmc.kernel._kernel`: groups hold such blocks
MOST_TOTAL = 2.0**62  # of all propensities, in quanta: the weights of their groups are up to twice as large


def n_block_of(n_site):
    """Blocks of so many sites; the last may have fewer than `BLOCK`."""
    return -(-n_site // BLOCK)


def whole_numbers(name, value, dtype, shape, below=None):
    """Whole numbers as a new array of this type and shape.

    Parameters
    ----------
    name : str
        For the message.
    value : array
    dtype : numpy dtype
    shape : tuple of int
    below : int, optional
        All are at least 0 and below it.

    Raises
    ------
    ValueError
        When they are not whole, not of this shape, or out of range.
    """
    value = np.asarray(value)
    if value.dtype.kind not in "iu" or value.shape != shape:
        raise ValueError(f"{name} must be whole numbers of shape {shape}, got {value.dtype} of shape {value.shape}")
    low, high = (0, below - 1) if below is not None else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    if value.size and (value.min() < low or value.max() > high):
        raise ValueError(f"{name} must lie between {low} and {high}, got {value.min()} to {value.max()}")
    return np.array(value, dtype=dtype, order="C")


def numbers(name, value, shape):
    """Finite numbers as a new float array of this shape; `ValueError` for anything else."""
    value = np.asarray(value)
    if value.dtype.kind != "f" or value.shape != shape or not np.isfinite(value).all():
        raise ValueError(f"{name} must be finite numbers of shape {shape}, got {value.dtype} of shape {value.shape}")
    return np.array(value, dtype=np.float64)


def checked_codes(code, n_site, n_code, dtype):
    """Codes of all sites as a new array.

    Raises
    ------
    ValueError
        When they are not whole, not one for each site, or not in the tables.
    """
    code = np.asarray(code)
    if code.size and code.dtype.kind in "iu" and code.max() >= n_code:
        raise ValueError(f"a site has code {code.max()}, but the tables end at {n_code - 1}")
    return whole_numbers("codes", code, dtype, (n_site,), n_code)


def check_tables(tables):
    """Raise `ValueError` unless all `coble.kmc.kernel.lowering.Tables` have the same codes, and a quantum > 0."""
    shape = np.shape(tables.rate)
    if tables.wide:
        n_class, n_code = shape[0], np.size(tables.unary)
        wanted = {"rate": shape, "path": shape}
    else:
        n_class, n_code = shape[:2] if len(shape) == 3 else (0, 0)
        wanted = {"rate": (n_class, n_code, n_code), "path": (n_code, n_code)}
    wanted |= {"unary": (n_code,), "counted": (n_code,), "gain": (2, n_code)}
    for name, shape in wanted.items():
        if not n_code or np.shape(getattr(tables, name)) != shape:
            raise ValueError(f"tables: {name} must have the shape {shape}, got {np.shape(getattr(tables, name))}")
    if tables.wide:
        if not 0 < n_class == tables.n_step:
            raise ValueError(f"tables: rate must be given for {tables.n_step} classes of edges, got {n_class}")
        if np.any(tables.counted):
            raise ValueError("tables: rates by class of edge alone do not go with counted neighbours")
    elif n_class not in (1, tables.n_step) or not 0 < tables.n_step <= 32:
        raise ValueError(f"tables: rate must be given for 1 or {tables.n_step} classes, at most 32, got {n_class}")
    if n_code % 2 or np.max(tables.path) >= tables.n_path:
        raise ValueError("tables: codes must come in pairs, and every path class must be below n_path")
    if not (np.isfinite(tables.quantum) and tables.quantum > 0):
        raise ValueError(f"tables: quantum must be > 0, got {tables.quantum!r}")


def checked_state(state, *, n_site, n_code, hops, tracked):
    """The arrays of a `GroupKernel.state`, as new ones.

    Parameters
    ----------
    state : dict
    n_site, n_code : int
    hops : tuple of int
        Shape of the counts of hops.
    tracked : bool
        Whether the kernel follows particles.

    Returns
    -------
    dict
        The same keys, without "random".

    Raises
    ------
    ValueError
        When something has another shape or type, is out of range, stands twice, or is not finite.
    KeyError
        For what is missing.
    """
    if np.shape(state["codes"]) != (n_site,) or np.shape(state["hops"]) != hops:
        raise ValueError(f"the state is that of another lattice: {np.size(state['codes'])} sites, not {n_site}")
    most = np.iinfo(np.int64).max
    found = {
        "codes": checked_codes(state["codes"], n_site, n_code, np.uint16),
        "order": whole_numbers("order", state["order"], np.uint32, np.shape(state["order"])[:1], n_block_of(n_site)),
        "clock": numbers("clock", state["clock"], (3,)),
        "numbers": whole_numbers("numbers", state["numbers"], np.int64, (4,), most),
        "hops": whole_numbers("hops", state["hops"], np.int64, hops, most),
        "exchanges": whole_numbers("exchanges", state["exchanges"], np.int64, (n_code,), most),
    }
    _differ("order", found["order"])
    pending, events, _, started = found["numbers"]
    if pending > 1 or started > 1:
        raise ValueError(f"numbers: pending and started must be 0 or 1, got {pending} and {started}")
    if found["hops"].sum() + found["exchanges"].sum() != events:
        raise ValueError(f"hops and exchanges do not add up to the {events} events")
    words = AHEAD if started else 0
    found["drawn_ahead"] = whole_numbers("drawn_ahead", state["drawn_ahead"], np.uint64, (words,))
    _check_clock(found["clock"])
    if tracked:
        found["tracked"] = whole_numbers("tracked", state["tracked"], np.uint32, (n_site, 2), n_site)
        _differ("tracked", found["tracked"][:, 0])
        found["moved"] = whole_numbers("moved", state["moved"], np.int64, (n_site,))
        found["squared"] = whole_numbers("squared", state["squared"], np.int64, (n_site,))  # may have wrapped
        found["undone"] = whole_numbers("undone", state["undone"], np.int64, (), most)
    return found


def checked_exposure(state, n_path):
    """Exposure by path class, and the clock up to which it counts [s]; `ValueError` when they cannot be."""
    exposure, since = numbers("exposure", state["exposure"], (n_path,)), state["exposed_until"]
    since = numbers("exposed_until", since, (2,))
    if exposure.min(initial=0.0) < 0 or not 0 <= since[0] <= numbers("clock", state["clock"], (3,))[0]:
        raise ValueError(f"exposure and exposed_until must be at least 0 and not ahead of the clock, got {since[0]} s")
    return exposure, since


def _differ(name, values):
    """Raise `ValueError` when a value stands twice."""
    if len(values) and np.bincount(values).max() > 1:
        raise ValueError(f"{name} must hold every number once, got {np.bincount(values).argmax()} more than once")


def _check_clock(clock):
    """Raise `ValueError` when time, its rounding error and the wait that was drawn [s] cannot be those of one clock."""
    time, error, wait = clock
    rounding = 4 * np.spacing(time)
    if time < 0 or abs(error) > rounding or wait < -rounding:
        raise ValueError(f"clock: time {time} s, its rounding {error} s and the wait of {wait} s do not go together")


def check_total(propensities):
    """Raise `ValueError` when propensities, in quanta, are more than the loop can add up."""
    if propensities.sum(dtype=float) > MOST_TOTAL:
        raise ValueError(f"the codes give {propensities.sum(dtype=float):.3g} quanta in all, at most 2^62 are possible")
