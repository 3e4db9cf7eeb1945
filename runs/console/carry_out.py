"""What every command that runs something does beside running it: folder, lock, files, table, status, how it ends."""

from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from coble.console.common import (
    BAD_CASE,
    INTERRUPTED,
    NUMERICAL,
    RATES_FILE,
    fail,
    failing,
    out_console,
    output_folder,
    refuse_running,
    refuse_taken,
    remove,
    say_written,
)

KEPT = "the results above hold what was measured until then."
UNMEASURED = "stopped before anything was measured; the files hold no numbers."
DROPPED = "nothing was written."


@contextmanager
def held_folder(out, name, files):
    """A folder to write to, held by this process alone until the block ends, and taken back if it is empty then.

    Parameters
    ----------
    out : Path or None
        As given; by default coble-runs/NAME-N.
    name : str
    files : sequence of str
        What will be written there: a folder that has any of them is refused.

    Yields
    ------
    Path
    """
    folder, made = output_folder(out, name, files)
    try:
        with held("--out", folder):
            refuse_taken(folder, files)  # another run may have ended here since the folder was looked at
            for file in map(Path, files):
                for part in folder.glob(f".{file.stem}.*.part{file.suffix}"):  # of a run that was killed
                    part.unlink()
            yield folder
    finally:
        remove(made)


@contextmanager
def held(option, folder):
    """Hold a folder for this process; fail when another one has it."""
    from coble.store.lock import LOCK, Busy, locked

    refuse_running(option, folder)
    try:
        with locked(folder):
            try:
                yield folder
            finally:
                with suppress(OSError):
                    (folder / LOCK).unlink()
    except Busy as error:
        fail(f"{option} {error}: a run is going on there; name another folder, or wait", BAD_CASE)
    except OSError as error:
        fail(f"{option} {folder}: {error.strerror or error}", NUMERICAL)


def carry_out(
    kind,
    name,
    folder,
    work,
    write,
    *,
    display=None,
    rates=None,
    kept=KEPT,
    dropped=DROPPED,
    nothing=DROPPED,
    measured=bool,
    folded=(),
    option="",
):
    """Run, write the files, print the table, and end the command with its exit status.

    Numbers are written before anything is drawn or printed, and what cannot be written is named.

    Parameters
    ----------
    kind : coble.kinds.kind.Kind
        Whose answer is printed.
    name : object
        Of the case, for what is said about it.
    folder : Path
        Held by this process.
    work : callable (display)
        Runs it; returns the result, or None when it was stopped before there was any.
    write : callable (folder, result, left_out)
        Writes the files as `coble.store.files.save` does; returns the content of result.json.
    display : type, optional
        Of `coble.console.progress`; default Live.
    rates : Path, optional
        Rate table to keep beside the case.
    kept, dropped, nothing : str
        What is said of a run that was stopped, of one that was dropped by a second Ctrl-C, and of one without results.
    measured : callable (content), optional
        Whether a run that was stopped holds any numbers.
    folded : sequence of str
        Names of tables of which only the title is printed.
    option : str
        Of the command, that prints them.
    """
    from rich.console import Group

    from coble.console.progress import Live
    from coble.render.console import terminal
    from coble.render.printable import say
    from coble.render.terminal import answer
    from coble.store.files import INTERRUPTED_WRITE, NotWritten, not_written, reason
    from coble.store.status import StatusFile

    status = StatusFile(folder)
    with failing(name, dropped):
        with (display or Live)(terminal(error=True), folder) as shown:
            result = work(shown)
        if result is None:
            status.remove()
            fail(f"Interrupted: {nothing}", INTERRUPTED)

    def save(place, left_out):
        """Write everything; returns the content of result.json, and why files are missing, by name."""
        missing = {}
        try:
            content = write(place, result, left_out)
        except NotWritten as error:
            content, missing = error.content, error.missing
        try:
            keep_rates(place, rates)
        except OSError as error:
            missing[RATES_FILE] = reason(error)
        return content, missing

    left_out, rest = [], ""
    content, missing = save(folder, left_out)
    if missing:
        unwanted = INTERRUPTED_WRITE in missing.values()  # by a second Ctrl-C: no copy is wanted
        rest = ("" if unwanted else _elsewhere(folder, save)) or "nothing else is missing"
        status.fail(missing, rest)
    else:
        status.remove()
    console = out_console()
    empty = content.get("interrupted") and not measured(content)
    if not empty:  # what was stopped so early is said once, at the end
        console.print(Group(*answer(kind, content, folded, option)), highlight=False)
    for sentence in left_out:
        say(f"Left out: {sentence}", error=True)
    if missing:
        fail(f"{folder}: {not_written(missing)}; {rest}", NUMERICAL)
    say_written(console, folder)
    if content.get("interrupted"):
        fail(f"Interrupted: {UNMEASURED if empty else kept}", INTERRUPTED)


def _elsewhere(folder, save):
    """Save a result that did not fit into its folder among the temporary files; returns where, or nothing."""
    with suppress(OSError):
        spare = Path(mkdtemp(prefix=f"coble-{folder.resolve().name}-"))
        if not save(spare, [])[1]:
            return f"a whole copy is in {spare}"
        rmtree(spare, ignore_errors=True)
    return ""


def keep_case(folder, case, text):
    """The case file beside a result that is still to come, and the files that it names."""
    from coble.inputs.files.given_files import kept_files
    from coble.store.files import whole, write_text

    for name, content in kept_files(case, text).items():
        if callable(content):
            whole(folder / name, content)
        else:
            write_text(folder / name, content)


def keep_rates(folder, table):
    """A copy of the rate table beside the case, so that the run can be made again."""
    from coble.store.files import write_text

    if table is not None and table.resolve() != (folder / RATES_FILE).resolve():
        write_text(folder / RATES_FILE, table.read_text(encoding="utf-8"))
