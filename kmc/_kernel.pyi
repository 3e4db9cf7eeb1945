from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

class Exit(IntEnum):
    REACHED_TIME = 0
    REACHED_EVENTS = 1
    NO_EVENT_POSSIBLE = 2
    OUT_OF_MEMORY = 3

class _Kernel:
    quantum: float
    bit_generator: np.random.BitGenerator
    n_event: int
    n_draw: int
    def __init__(
        self,
        neighbours: Any,
        code: NDArray[np.uint8] | NDArray[np.uint16],
        tables: Any,
        bit_generator: np.random.BitGenerator,
        *,
        step_of_particle: NDArray[np.int64] | None = ...,
        carrier_is_particle: bool = ...,
    ) -> None: ...
    @property
    def n_site(self) -> int: ...
    @property
    def time(self) -> float: ...
    @property
    def total_propensity(self) -> int: ...
    @property
    def codes(self) -> NDArray[np.uint8] | NDArray[np.uint16]: ...
    @property
    def hops(self) -> NDArray[np.int64]: ...
    @property
    def exchanges(self) -> NDArray[np.int64]: ...
    @property
    def displacements(self) -> NDArray[np.int64] | None: ...
    @property
    def squared_steps(self) -> NDArray[np.int64] | None: ...
    @property
    def drawn_ahead(self) -> np.ndarray: ...
    def propensities(self) -> NDArray[np.uint64]: ...
    def nbytes(self) -> int: ...
    def advance(self, until: float = ..., max_events: int = ...) -> Exit: ...

class BinKernel(_Kernel):
    @property
    def acceptance(self) -> float: ...

class GroupKernel(_Kernel):
    def kept_propensities(self) -> NDArray[np.uint64]: ...
