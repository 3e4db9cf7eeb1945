"""All benchmarks in one command: `python benchmarks/run.py`.  See `--help`.

Every engine that is found on the machine is given the same work; `benchmarks/peers` says how each is found.  The
results are written as JSON, as a table in Markdown and as figures.
"""

import argparse
import json
import sys
from pathlib import Path

from compare import OURS, PEERS, compare, machine
from cross_section import cross_section
from endurance import endurance
from instructions import SIZES as INSTRUCTION_SIZES
from instructions import available, instructions
from metal_tip import metal_tip
from report import figures, table
from two_cores import two_cores
from worker import engine_class

PARTS = ("uniform", "instructions", "cross-section", "metal-tip")
ON_REQUEST = ("largest", "two-cores", "endurance")
SIZES = (10**4, 10**5, 10**6, 10**7)
QUICK_PARTS = ("uniform", "cross-section")
QUICK_SIZES = (10**4, 10**5)
RESULT_NAMES = ("endurance", "two_cores", "metal_tip", "cross_section", "instructions", "largest", "uniform")
LARGEST = 10**8
PARTS_HELP = f"only these; default: all but {', '.join(ON_REQUEST)}; none: redraw"
RESULTS = Path(__file__).parent / "results"


def arguments():
    names = {engine_class(name).title: name for name in PEERS}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two small sizes, short turns: about two minutes")
    parser.add_argument("--sizes", type=lambda text: int(float(text)), nargs="+", help="numbers of sites, such as 1e6")
    parser.add_argument("--peers", nargs="*", choices=names, help="only these; without a name: none")
    parser.add_argument("--parts", nargs="*", choices=PARTS + ON_REQUEST, help=PARTS_HELP)
    parser.add_argument("--largest", action="store_true", help="also a lattice of 10^8 sites (1 GB)")
    parser.add_argument("--seconds", type=float, help="CPU seconds of one turn")
    parser.add_argument("--repeats", type=int, default=3, help="turns of every engine")
    parser.add_argument("--out", type=Path, help="folder; default benchmarks/results, with --quick results/quick")
    options = parser.parse_args()
    options.engines = [*OURS, *(PEERS if options.peers is None else (names[title] for title in options.peers))]
    default = QUICK_PARTS if options.quick else PARTS
    options.parts = set(default if options.parts is None else options.parts)
    options.parts |= {"largest"} if options.largest else set()
    options.sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
    options.seconds = options.seconds or (0.3 if options.quick else 2.0)
    options.out = options.out or (RESULTS / "quick" if options.quick else RESULTS)
    return options


def say(text):
    print(text, file=sys.stderr, flush=True)


def save(folder, name, content):
    (folder / f"{name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    how = {"seconds": options.seconds, "repeats": options.repeats, "say": say}
    command = " ".join(["python benchmarks/run.py", *sys.argv[1:]])
    about = {"command": command, "machine": machine()}
    if "uniform" in options.parts:
        found = compare(options.engines, options.sizes, **how)
        save(options.out, "uniform", {**about, "uniform": found | {"repeats": options.repeats}})
    if "largest" in options.parts:
        save(options.out, "largest", {**about, "largest": compare(OURS[:1], [LARGEST], ["1 % vacancies"], **how)})
    if "instructions" in options.parts:
        if available():
            sizes = options.sizes if options.quick else INSTRUCTION_SIZES
            fillings = ["1 % vacancies"] if options.quick else ["1 % vacancies", "50 %"]
            save(options.out, "instructions", {**about, "instructions": instructions(sizes, fillings, say=say)})
        else:
            say("valgrind is not installed: instructions are not counted")
    if "cross-section" in options.parts:
        found = cross_section(say=say)
        save(options.out, "cross_section", {**about, "cross_section": found})
    if "metal-tip" in options.parts:
        save(options.out, "metal_tip", {**about, "metal_tip": metal_tip(options.repeats, say=say)})
    if "two-cores" in options.parts:
        found = two_cores(seconds=options.seconds / 2, repeats=2 * options.repeats, say=say)
        save(options.out, "two_cores", {**about, "two_cores": found})
    if "endurance" in options.parts:
        save(options.out, "endurance", {**about, "endurance": endurance(say=say)})
    results = {}
    for name in RESULT_NAMES:  # those of an earlier run as well
        if (options.out / f"{name}.json").exists():
            results |= json.loads((options.out / f"{name}.json").read_text())
    text = table(results)
    (options.out / "table.md").write_text(text)
    for name, figure in figures(results).items():
        figure.savefig(options.out / f"{name}.png", dpi=150)
    print(text)


if __name__ == "__main__":
    main()
