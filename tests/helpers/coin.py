"""A toy kind of run: how often a coin shows heads, in as many throws as the case has records."""

from typing import Literal

import numpy as np

from coble.console.carry_out import carry_out, held_folder
from coble.console.common import CASE, OUT, path_of, settings_of
from coble.kinds.kind import Kind
from coble.render.lights import stated
from coble.render.table import Table
from coble.store.files import save
from coble.store.provenance import provenance
from coble.store.schema import ResultModel, of


class Coin(ResultModel):
    kind: Literal["coin"]
    heads: of(list[int], "whether each throw showed heads")
    seconds: of(float, "[s]")


def throw(case, seed):
    return np.random.default_rng(seed).integers(0, 2, case.growth.records).tolist()


def coin(case: CASE = None, out: OUT = None):
    """Throw a coin."""
    path = path_of(case, "paper")
    settings, text = settings_of(path), path.read_text(encoding="utf-8")
    content = {
        "kind": "coin",
        "schema": KIND.version,
        "interrupted": False,
        "heads": throw(settings, 1),
        "seconds": 0.1,
    }
    content["provenance"] = provenance(settings, {"seed": 1}, "one", used=KIND.sections)
    with held_folder(out, path.stem, KIND.files) as folder:
        write = lambda place, content, left_out: save(place, content, {"case.toml": text}, left_out=left_out)  # noqa: E731
        carry_out(KIND, path, folder, lambda display: content, write)


def draw(folder, content):
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot(np.cumsum(content["heads"]))
    yield "throws", figure


KIND = Kind(
    name="coin",
    title="throws of a coin",
    version=2,
    model=lambda: Coin,
    commands=lambda: (coin,),
    files=("result.json", "case.toml"),
    sections=("growth",),
    headline=lambda content: f"{sum(content['heads'])} of {len(content['heads'])} throws showed heads.",
    tables=lambda content: [Table("Throws", ["side", "times"], [["heads", f"{sum(content['heads'])}"]], name="throws")],
    checks=lambda content: [stated("a coin has two sides", set(content["heads"]) <= {0, 1}, "they are 0 and 1")],
    figures=lambda: {"throws": draw},
    captions=lambda: {"throws": ("Throws", "heads that were seen so far")},
    again=lambda content: ["coin", "case.toml"],
    effort=lambda content: (len(content["heads"]), content["seconds"]),
    replica=lambda case, seed, should_stop: {"events": case.growth.records, "heads": float(np.mean(throw(case, seed)))},
    averaged=("heads",),
)
