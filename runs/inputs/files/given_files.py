"""Files that a case names: read with the case, and kept beside a result, so that it can be run again.

In a case such a file is its name as the user wrote it, which carries what the file holds.  Names are relative to the
folder of the case file.  Beside a result each has the bare name that `kept_names` gives.
"""

import json
from functools import partial
from hashlib import sha256
from pathlib import Path

from coble.inputs.files.faults import quoted, refusal, typed_text
from coble.inputs.files.reading import Refused, read_bytes

MOST_BYTES = 500_000_000  # of a structure or table; a million sites have about a fifth
FILES = (
    ("structure", "file"),
    ("structure", "image"),
    ("barriers", "file"),
    ("plugins", "files"),
)  # keys of a case that name files
# Names that results have for files of their own.
TAKEN = ("case.toml", "rates.toml", "campaign.toml", "targets.toml", "result.json", "result.h5", "status.json") + (
    "campaign.json",
    "trajectory.extxyz",
    "checkpoint.h5",
)


class GivenFile(str):
    """The name of a file, as the user wrote it, and its content.

    Attributes
    ----------
    content : bytes
    """

    content: bytes = b""

    def __new__(cls, name, content=b""):
        found = super().__new__(cls, name)
        found.content = content
        return found

    @property
    def digest(self):
        """SHA-256 of the content, 64 hex digits."""
        return sha256(self.content).hexdigest()

    def __eq__(self, other):
        return str.__eq__(self, other) and (not isinstance(other, GivenFile) or self.content == other.content)

    def __ne__(self, other):
        return not self == other

    __hash__ = str.__hash__


def read_given(value, folder, most=MOST_BYTES):
    """The `GivenFile` of a name in a case of this folder; refuses what cannot be read.

    Parameters
    ----------
    value : object
        As it stands in the case; a `GivenFile` is taken as it is.
    folder : path-like
    most : int
        Bytes.
    """
    if isinstance(value, GivenFile):
        return value
    if not isinstance(value, str):
        raise refusal(f"must be the name of a file, got {typed_text(value)}")
    if not value.strip() or not value.isprintable():
        raise refusal(f"must be the name of a file, got {quoted(value)}")
    try:
        return GivenFile(value, read_bytes(Path(folder, value), most))
    except FileNotFoundError:
        raise refusal(f"no such file: {quoted(value)}; names are relative to the folder of the case file") from None
    except Refused as error:
        raise refusal(f"{error.strerror} ({quoted(value)})") from None
    except OSError as error:
        raise refusal(f"cannot be read: {error.strerror} ({quoted(value)})") from None


def folder_of(info):
    """Folder that names in a case are relative to, from the context of its validation; default the current one."""
    return (info.context or {}).get("folder", ".")


def given_files(case):
    """All files that a case names, dict of (section, key) or (section, key, index) → GivenFile."""
    found = {}
    for section, key in FILES:
        value = getattr(getattr(case, section), key)
        for path, file in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            if isinstance(file, GivenFile):
                found[(section, key) if path is None else (section, key, path)] = file
    return found


def kept_names(case):
    """What each file is called beside a result, dict of path in the case → str."""
    names = {}
    for path, file in given_files(case).items():
        name = Path(file).name
        while name in names.values() or name in TAKEN:
            name = f"given-{name}"
        names[path] = name
    return names


def at_home(data, folder):
    """The data of a case file with names of files that hold wherever it is read: dict.

    Parameters
    ----------
    data : dict
    folder : pathlib.Path
        That the names are relative to.
    """
    found = dict(data)
    for section, key in FILES:
        given = found.get(section, {})
        if key in given:
            names = given[key]
            one = lambda name: str((folder / name).resolve())  # noqa: E731
            found[section] = given | {key: [one(name) for name in names] if isinstance(names, list) else one(names)}
    return found


def names_beside(content):
    """The same of the case in a result.json, list of str."""
    case = content.get("provenance", {}).get("case", {})
    files = [case.get("structure"), case.get("barriers"), *case.get("plugins", {}).get("files", ())]
    return [name for each in files if each and (name := each.get("file") or each.get("image"))]


def kept_files(case, text):
    """What to keep of a case beside its result, for `coble.store.files.save`: dict of name → text or callable (path).

    Parameters
    ----------
    case : Case
    text : str
        Of its case file.

    Returns
    -------
    dict
        "case.toml", which is `text` with the names that its files have here, and each of these files.
    """
    names, files = kept_names(case), given_files(case)
    written = {name: partial(_write, content=files[path].content) for path, name in names.items()}
    return {"case.toml": renamed(text, {path: (str(files[path]), name) for path, name in names.items()})} | written


def renamed(text, names):
    """The text of a case file with other names of files.

    Parameters
    ----------
    text : str
    names : dict of path → (str, str)
        What stands there, and what is to.
    """
    from coble.inputs.files.toml_lines import KeyLines

    lines, rows = KeyLines(text), text.split("\n")
    for path, (old, new) in names.items():
        if old == new or path not in lines:
            continue
        for number in range(lines[path] - 1, len(rows)):  # a list may go on below its key
            there = [word for word in (json.dumps(old, ensure_ascii=False), f"'{old}'") if word in rows[number]]
            if there:
                rows[number] = rows[number].replace(there[0], json.dumps(new, ensure_ascii=False), 1)
                break
    return "\n".join(rows)


def _write(path, content):
    path.write_bytes(content)
