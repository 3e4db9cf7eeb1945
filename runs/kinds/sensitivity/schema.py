"""The layout of result.json of sensitivity."""

from typing import Any, Literal

from coble.store.schema import Estimate, ResultModel, of


class Sensitivity(ResultModel):
    """Of coble sensitivity."""

    kind: Literal["sensitivity"]
    void_fraction: of(float, "part of the way that is empty [1]")
    classes: of(list[str], "of hops")
    not_reached: of(list[str], "classes of hops that an interrupted run did not vary") = []
    control: of(dict[str, dict[str, Estimate]], "d ln X / d ln k by result X and class of hops [1]")
    sum: of(dict[str, Estimate], "over the classes, by result [1]")
    rule: of(dict[str, float | None], "what the sum must be, by result [1]")
    total_lies_between: of(
        tuple[float, float], "bounds of the interacting gas's conductance over the network's, of exact ones [1]"
    ) = (1.0, 1.0)
    settings: of(dict[str, Any], "of the runs; empty where the answer is exact")
