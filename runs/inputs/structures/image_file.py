"""Labelled images: PNG, TIFF and .npy, as arrays of whole numbers with the axes x, y and z."""

import io
import warnings

import numpy as np

from coble.inputs.files.faults import quoted
from coble.inputs.files.given_files import GivenFile

IMAGE = "image.npy"  # what an array that is made in Python is called
TUBULE = "tubule.npy"  # and a tubule that was drawn
GREY = ("1", "L", "P", "I", "I;16", "I;16B", "I;16L")  # Pillow's words for images of whole numbers
LOSSY = ("JPEG", "JPEG2000", "MPO", "WEBP", "AVIF")


def as_given(array, name=IMAGE):
    """An array of labels as a `GivenFile`."""
    held = io.BytesIO()
    np.save(held, array, allow_pickle=False)
    return GivenFile(name, held.getvalue())


def read_labels(file):
    """The labels of a `GivenFile`.

    Parameters
    ----------
    file : GivenFile
        A .npy file holds [x, y] or [x, y, z]; a picture has x along its rows and y down its columns, and a TIFF file
        with several pages z through them.

    Returns
    -------
    int array (nx, ny) or (nx, ny, nz)

    Raises
    ------
    ValueError
        With a sentence, for colours, fractions, pages of unequal size, and what is no image.
    """
    array = _npy(file) if str(file).lower().endswith(".npy") else _picture(file)
    if array.ndim not in (2, 3):
        raise ValueError(f"must be a section (two axes) or a stack (three), got an array of {array.ndim} axes")
    if not array.size:
        raise ValueError("has no voxels")
    return array


def _npy(file):
    try:
        array = np.load(io.BytesIO(file.content), allow_pickle=False)
    except Exception as error:  # a damaged file raises anything
        if str(error).startswith("EOF"):
            raise ValueError("is cut short: it holds less than it says of itself") from None
        said = (
            "it is damaged, or holds Python objects" if "pickle" in str(error) else " ".join(str(error).split())[:200]
        )
        raise ValueError(f"is no array that NumPy reads: {said}") from None
    if not isinstance(array, np.ndarray):
        raise ValueError("must hold one array (.npy), not several")
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype.kind not in "iu":
        raise ValueError(f"must hold whole numbers, one label a voxel, got {array.dtype}")
    if array.size and (array.min() < 0 or array.max() > 65535):
        raise ValueError(f"must hold labels from 0 to 65535, got {array.min()} to {array.max()}")
    return array


def _picture(file):
    from PIL import Image, ImageSequence  # matplotlib has it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(file.content)) as image:
                if image.format in LOSSY:
                    raise _Wrong(f"is {image.format}, which changes values: save labels as PNG, TIFF or .npy")
                pages = [_page(each) for each in ImageSequence.Iterator(image)]
    except _Wrong as error:
        raise ValueError(str(error)) from None
    except Image.UnidentifiedImageError:
        raise ValueError(f"is no image that is known: {quoted(str(file))} must be PNG, TIFF or .npy") from None
    except Exception as error:  # readers of many formats raise anything
        raise ValueError(f"cannot be read as an image: {' '.join(str(error).split())[:200]}") from None
    for number, page in enumerate(pages):
        if page.shape != pages[0].shape:
            (high, wide), (first_high, first_wide) = page.shape, pages[0].shape
            raise ValueError(
                f"has pages of unequal size: the first has {first_wide} x {first_high} pixels, "
                f"page {number + 1} has {wide} x {high}"
            )
    if len(pages) == 1:
        return pages[0].T
    return np.stack(pages).transpose(2, 1, 0)


class _Wrong(ValueError):
    """A sentence about a page."""


def _page(image):
    """Labels of one page, int array (rows, columns)."""
    if image.mode not in GREY:
        raise _Wrong(
            f"is in colours or fractions (Pillow calls it {image.mode}): save it with a palette or in grey, 8 or 16 "
            "bits, one value for each label"
        )
    return np.asarray(image).astype(np.int32)
