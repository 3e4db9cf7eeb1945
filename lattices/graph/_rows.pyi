import numpy as np
from numpy.typing import NDArray

def check_rows(indptr: NDArray[np.uint32], edge: NDArray[np.uint32], n_site: int, site_mask: int = ...) -> None: ...
def repeat_rows(
    indptr: NDArray[np.uint32],
    edge: NDArray[np.uint32],
    start: int,
    n_cells: int,
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    shift: NDArray[np.int32],
    step_class: NDArray[np.uint32],
    site_bits: int = ...,
) -> None: ...
def kept_rows(
    indptr: NDArray[np.uint32], edge: NDArray[np.uint32], keep: NDArray[np.uint8], site_mask: int = ...
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]: ...
def placed_rows(
    indptr: NDArray[np.uint32],
    edge: NDArray[np.uint32],
    site: NDArray[np.uint32],
    place: NDArray[np.uint32],
    region: NDArray[np.uint8],
    site_mask: int = ...,
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.int64]]: ...
def row_types(
    indptr: NDArray[np.uint32], edge: NDArray[np.uint32], header: NDArray[np.uint32], most: int
) -> tuple[NDArray[np.uint16] | None, NDArray[np.int64] | None]: ...
