"""The content of result.json and campaign.json: one reader, and the digest that tells whether it is as it was written.

The digest is a key of `provenance`, or of the whole where there is none.  It covers everything else, as JSON writes it.
"""

import hashlib
import json
import logging
from functools import lru_cache
from pathlib import Path

from coble.inputs.files.reading import load_json

DIGEST, BESIDE = "digest", "beside"
INPUTS = ("case.toml", "targets.toml", "campaign.toml")  # what runs are made from, one or another beside every result
FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError, RuntimeError)
"""What a damaged content may raise where it is used."""


class Unreadable(ValueError):
    """A file that is no result; `reason` is what is wrong with it, without its name."""

    def __init__(self, path, reason):
        super().__init__(f"{path}: {reason}")
        self.reason = reason


class WrongKind(Unreadable):
    """A file of another kind; `kind` is that, or None."""

    def __init__(self, path, kinds, kind):
        super().__init__(path, f"kind must be one of {', '.join(kinds)}, got {kind!r}")
        self.kind = kind


class OtherVersion(Unreadable):
    """A file that another version made."""


def sealed(content):
    """Content with its digest."""
    holder, digest = content.get("provenance"), _digest(content)
    if isinstance(holder, dict):
        return content | {"provenance": holder | {DIGEST: digest}}
    return content | {DIGEST: digest}


def intact(content):
    """Whether content is as it was written; None when it has no digest."""
    holder = content.get("provenance")
    found = (holder if isinstance(holder, dict) else content).get(DIGEST)
    return None if found is None else found == _digest(content)


def with_files(content, files):
    """Content whose `provenance` has the digests of the texts beside it, dict of file name → str or bytes.

    So a whole result that comes from another run is told from that of the files which it lies beside.
    """
    digests = {name: _sha256(text.encode() if isinstance(text, str) else text) for name, text in files.items()}
    return content | {"provenance": content["provenance"] | {BESIDE: digests}} if "provenance" in content else content


def strangers(content, folder):
    """Names of the files in a folder that are others than those that were written with the content.

    Of a result alone in a folder there are none.
    """
    holder, folder = content.get("provenance"), Path(folder)
    told = holder.get(BESIDE) if isinstance(holder, dict) else None
    if not isinstance(told, dict):
        return []
    # By name alone, whatever a damaged content says: nothing outside the folder.
    there = {name: path for name in told if _is_file(path := folder / Path(name).name)}
    if not there and told:
        return [name for name in INPUTS if _is_file(folder / name)]
    return [path.name for name, path in there.items() if _digest_of_file(path) not in (None, told[name])]


def _is_file(path):
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that cannot be one
        return False


def _digest_of_file(path):
    try:
        return _sha256(path.read_bytes())
    except OSError:
        return None


def not_of(names):
    """What is to be said of a result with such files beside it."""
    changed = "these were" if len(names) > 1 else "that was"
    return f"is another run's than {' and '.join(names)} beside it, or {changed} changed"


def _sha256(data):
    return hashlib.sha256(data).hexdigest()


def _digest(content):
    from coble.store.digests import digest_of

    plain = json.loads(json.dumps(content))  # as it will be read: tuples are lists, and keys are strings
    holder = plain.get("provenance")
    (holder if isinstance(holder, dict) else plain).pop(DIGEST, None)
    return digest_of({}, plain)


def read_content(path, versions, warn=True):
    """The content of a result.json or campaign.json.

    Parameters
    ----------
    path : path-like
        Of the file.
    versions : dict of str → int
        Number of the layout, `schema`, of every kind that is known.
    warn : bool
        Whether to log a sentence when content was changed after it was written, or is not that of the files beside it;
        without a handler of the caller's own it is printed on standard error.

    Returns
    -------
    dict

    Raises
    ------
    OSError
        For a file that cannot be read.
    Unreadable
        For one that is no JSON, no result, or of another version.
    """
    try:
        content = load_json(path)
    except ValueError as error:
        raise Unreadable(path, f"is damaged, it cannot be read as JSON ({error})") from None
    kind = content.get("kind") if isinstance(content, dict) else None
    if not isinstance(kind, str) or kind not in versions:
        raise WrongKind(path, versions, kind)
    if "schema" not in content:
        raise Unreadable(path, "is damaged, it has no schema")
    if content["schema"] != versions[kind] or type(content["schema"]) is not int:
        raise OtherVersion(
            path,
            f"schema must be {versions[kind]}, got {content['schema']!r}: another version of Coble made it; run it "
            "again, or read it with that version",
        )
    if not isinstance(content.get("provenance", {}), dict):
        raise Unreadable(path, f"is damaged, provenance must be an object, got {content['provenance']!r}")
    if warn and intact(content) is False:
        _say(f"{path}: was changed after it was written; these are not the numbers of the run", json.dumps(content))
    if warn and (names := strangers(content, Path(path).parent)):
        _say(f"{path}: {not_of(names)}", json.dumps(content))
    return content


@lru_cache(maxsize=64)  # once for a content: figures and tables of one command read it several times
def _say(sentence, content):
    logging.getLogger("coble").warning("%s", sentence)
