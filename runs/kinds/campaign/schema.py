"""The layout of campaign.json."""

from typing import Any, Literal

from pydantic import Field

from coble.store.schema import Estimate, Model, Provenance, of


class Point(Model):
    """One point of a campaign."""

    id: of(str, "name of its folder")
    values: of(dict[str, float | int | str | bool], "of the axes' keys, in their units")
    state: of(Literal["waiting", "begun", "done", "failed"], "where it stands")
    replicas: of(list[int], "those that are done")
    events: int
    exact: of(
        dict[str, Any] | None, "answer of the exact network: shares [1], formula [1], conductance_A_s [angstrom/s]"
    )
    estimates: of(dict[str, Estimate], "from all replicas, by name with its unit")
    error: of(str | None, "why it failed")


class Campaign(Model):
    """Of coble sweep."""

    kind: Literal["campaign"]
    schema_: of(Literal[2], "version of this layout") = Field(alias="schema")
    name: str
    setup: of(dict[str, Any], "the campaign file with all defaults filled in")
    base: of(dict[str, Any], "case of which the points differ in the axes' keys")
    counts: of(dict[str, int], "points by state")
    seconds: of(float, "that the campaign ran [s]")
    provenance: Provenance
    points: list[Point]
