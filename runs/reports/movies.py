"""A movie of what moves in a result, as its kind draws it: `.gif`, or `.mp4` where there is ffmpeg."""

from pathlib import Path

from matplotlib.animation import FFMpegWriter, PillowWriter

from coble.kinds.registry import kind_of, kinds, read
from coble.store.files import whole

DPI = 100
LAST_S = 1.5  # how long the last frame stays, more than the others


class GifWriter(PillowWriter):
    """The last frame stays by its own duration: it is painted once, and painting is what a movie costs."""

    def finish(self):
        first, *rest = self._frames
        durations = [int(1000 / self.fps)] * (1 + len(rest))
        durations[-1] *= 1 + round(LAST_S * self.fps)
        first.save(self.outfile, save_all=True, append_images=rest, duration=durations, loop=0)


WRITERS = {".gif": GifWriter, ".mp4": FFMpegWriter}


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
    gif = kind is GifWriter
    writer = kind(fps=fps) if gif else kind(fps=fps, codec="h264", extra_args=["-pix_fmt", "yuv420p"])

    def save(part):
        with writer.saving(figure, part, DPI):
            for show in shows:
                show()
                writer.grab_frame()
            for _ in range(0 if gif else round(LAST_S * fps)):
                writer.grab_frame()

    whole(Path(path), save)
    return len(shows)
