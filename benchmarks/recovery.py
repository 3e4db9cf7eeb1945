"""Are rates that are tuned to real runs right, and their errors?  Five rates drawn at random, and found again.

`python benchmarks/recovery.py [SEEDS] [CORES]`, about a minute a seed, prints every z = (found - true) / error, the
part within two standard errors, and their rms.  Data are exact values of the network with noise; what is tuned to them
is runs, as in `coble tune`.  `tests/physics/test_tuning.py` does the same with the noise of runs emulated, in seconds.
"""

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

FREE = ("interface", "surface", "bulk", "wall", "interface-wall")
SPREAD = 0.7  # of ln of the true rates about those of the start
RESULTS = Path(__file__).parent / "results"


def case():
    """A bore whose bare surface is slow: past a void the current takes the wall, so the exchange with it matters."""
    from coble import Case

    return Case(
        tubule={"inner_width_nm": 2.4, "wall_thickness_nm": 1.0, "segment_nm": 8.0},
        wall=[{"name": "LiC6", "diffusivity_cm2_s": 5e-8}],
        metal={"diffusivity_cm2_s": 1e-8},
        surface={"diffusivity_cm2_s": 1e-9},
        exchange={"wall": 0.1},
        run={"field_kT": 0.3},
    )


def targets():
    """What is measured, with values to be filled in."""
    from coble.kinds.tune.targets import Target

    def one(kind, error, unit, **keys):
        return Target(kind=kind, value=1.0, error=error, unit=unit, **keys)

    regions = [one("diffusivity", 0.05, "cm2/s", region=name) for name in ("interface", "surface", "wall")]
    speeds = [one("speed", 0.02, "nm/s", void_fraction=part) for part in (0.25, 0.5, 0.75)]
    return [*regions, one("conductance", 0.05, "S.m", path="bulk"), *speeds]


def recover(seed):
    """z of every rate, its error, number of batches and seconds."""
    from coble.kinds.tune.run import Model, tune

    rng, wanted, start = np.random.default_rng(seed), targets(), case()
    truth = rng.normal(size=len(FREE)) * SPREAD
    exact, _ = Model(wanted, start, FREE, {}, seed, 1, lambda: False).exact(truth)
    errors = np.array([target.error for target in wanted])  # all are fitted as logarithms
    values = np.exp(exact + errors * rng.normal(size=len(exact)))
    measured = [
        target.model_copy(update={"value": float(v), "error": float(v * e)})
        for target, v, e in zip(wanted, values, errors, strict=True)
    ]
    found = tune(measured, start, FREE, seed=seed)
    z = (found.fit.parameter - truth) / found.fit.error
    row = {
        "seed": seed,
        "z": z.tolist(),
        "error": found.fit.error.tolist(),
        "batches": len(found.fit.batches) + 1,
        "unknown": found.fit.unknown.tolist(),
        "seconds": found.seconds,
    }
    print(seed, np.round(z, 2), np.round(row["error"], 3), row["batches"], f"{found.seconds:.0f} s", flush=True)
    return row


def main():
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with ProcessPoolExecutor(int(sys.argv[2]) if len(sys.argv) > 2 else 2) as pool:
        rows = list(pool.map(recover, range(seeds)))
    z = np.array([row["z"] for row in rows])
    known = ~np.array([row["unknown"] for row in rows])
    found = {
        "command": f"python benchmarks/recovery.py {seeds}",
        "within_2": float((np.abs(z[known]) < 2).mean()),
        "rms_z": float(np.sqrt((z[known] ** 2).mean())),
        "rms_z_by_rate": {
            name: float(np.sqrt((z[k, i] ** 2).mean())) for i, (name, k) in enumerate(zip(FREE, known.T, strict=True))
        },
        "not_determined": int((~known).sum()),
        "most_batches": max(row["batches"] for row in rows),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "recovery.json").write_text(json.dumps(found | {"rows": rows}, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
