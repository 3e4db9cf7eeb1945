"""The content of result.json and campaign.json: one reader, and the digest that tells whether it is as it was written.

The digest is a key of `provenance`, or of the whole where there is none.  It covers everything else, as JSON writes it.
"""

import json
import logging
from functools import lru_cache

from coble.inputs.reading import load_json

DIGEST = "digest"
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
        Whether to log a sentence when content was changed after it was written; without a handler of the caller's
        own it is printed on standard error.

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
        _say_altered(str(path), json.dumps(content))
    return content


@lru_cache(maxsize=64)  # once for a content: figures and tables of one command read it several times
def _say_altered(path, content):
    logging.getLogger("coble").warning(
        "%s: was changed after it was written; these are not the numbers of the run", path
    )
