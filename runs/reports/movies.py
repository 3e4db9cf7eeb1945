"""A movie of what moves in a result, as its kind draws it: `.gif`, or `.mp4` where there is ffmpeg."""

from pathlib import Path

from matplotlib.animation import FFMpegWriter, PillowWriter

from coble.kinds.registry import kind_of, kinds, read
from coble.store.files import whole

WRITERS = {".gif": PillowWriter, ".mp4": FFMpegWriter}
DPI = 100
LAST_S = 1.5  # how long the last frame stays


def refuse(path):
    """ValueError when no movie can be written to a file of this name, before any work."""
    ending = Path(path).suffix
    if ending not in WRITERS:
        raise ValueError(f"{path}: must end in {' or '.join(WRITERS)}")
    if not WRITERS[ending].isAvailable():
        raise ValueError(f"{path}: needs the program ffmpeg, which is not there: install it, or name a .gif")


def write_movie(path, folder, which=":", *, fps=8):
    """Write a movie of a result whose kind has one, whole or not at all.

    Parameters
    ----------
    path : path-like
        Ends in .gif, or in .mp4 with ffmpeg.
    folder : path-like
        Of the result.
    which : str
        Its frames, see `coble.structures.export.frames`.
    fps : float
        Frames per second.

    Returns
    -------
    int
        Number of frames.

    Raises
    ------
    ValueError
        For another ending, no ffmpeg, or a folder without such a result.
    """
    refuse(path)
    content = read(folder)
    draw = kind_of(content).movie
    if draw is None:
        moving = " or ".join(kind.title for kind in kinds().values() if kind.movie)
        raise ValueError(f"{folder}: nothing moves in a result of kind {content['kind']!r}; name one of {moving}")
    figure, shows = draw(folder, content, which)
    kind = WRITERS[Path(path).suffix]
    writer = kind(fps=fps) if kind is PillowWriter else kind(fps=fps, codec="h264", extra_args=["-pix_fmt", "yuv420p"])

    def save(part):
        with writer.saving(figure, part, DPI):
            for number, show in enumerate(shows, 1):
                show()
                for _ in range(1 if number < len(shows) else 1 + round(LAST_S * fps)):
                    writer.grab_frame()

    whole(Path(path), save)
    return len(shows)
