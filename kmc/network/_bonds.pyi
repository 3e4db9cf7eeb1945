from typing import Any

import numpy as np
from numpy.typing import NDArray

class Bonds:
    def __init__(self, lattice: Any, conductance: NDArray[np.float64]) -> None: ...
    def sums(self, part: NDArray[np.float64] | None = ...) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def out_of(self, total: NDArray[np.float64], x: NDArray[np.float64], out: NDArray[np.float64]) -> float: ...
    def by_regions(self, psi: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...
    def by_sites(self, psi: NDArray[np.float64]) -> NDArray[np.float64]: ...
    def by_slabs(
        self,
        psi: NDArray[np.float64],
        z: NDArray[np.float64],
        slab: NDArray[np.int32],
        n_slab: int,
        height: float,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]: ...

def turned(way: NDArray[np.float64], factor: float, down: NDArray[np.float64]) -> None: ...
def stepped(
    far: float,
    way: NDArray[np.float64],
    flow: NDArray[np.float64],
    inverse: NDArray[np.float64],
    x: NDArray[np.float64],
    left: NDArray[np.float64],
    down: NDArray[np.float64],
) -> tuple[float, float]: ...
