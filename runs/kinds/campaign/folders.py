"""The folders of a campaign: one per case and replica, so written that a kill at any moment loses nothing counted.

DIR/campaign.toml, case.toml           as given
DIR/stop-HOST-PID                      asks the tasks of one sweep to stop
DIR/campaign.json                      every point, its state and estimates: answers "what is done?" alone
DIR/points/DIGEST/case.json            the resolved case
DIR/points/DIGEST/exact.json           what the network says, where it was asked
DIR/points/DIGEST/REPLICA/part-N.npz   episodes that were counted; never changed once they are there
DIR/points/DIGEST/REPLICA/checkpoint.h5    of metal that grows; see `coble.kinds.growth.result`
DIR/points/DIGEST/REPLICA/result.json  written once, when the replica is complete
DIR/points/DIGEST/REPLICA/lock         who works on it: held as long as its process lives

Every file is written whole or not at all (`coble.store.files`).  Results and parts have a digest, and say whose they
are (point, replica, seed, events): what is damaged, or stands in the wrong place, is set aside as NAME.damaged and
made again.
"""

import os
from contextlib import suppress
from pathlib import Path

from coble.inputs.files.given_files import given_files
from coble.inputs.files.reading import load_json
from coble.store.contents import intact, sealed


class Damaged(ValueError):
    """A stored file is not what was written there."""


def stamped(content, owner):
    """Content with whose it is (a dict), and with its digest."""
    return sealed(content | {"of": owner})


def read_stamped(path, owner, is_sound):
    """Content of a JSON file that `stamped` made; None when there is none.

    Parameters
    ----------
    path : pathlib.Path
    owner : dict
        Whose it must be.
    is_sound : callable (dict) → bool
        Looks at its numbers; may raise KeyError, TypeError or ValueError.

    Raises
    ------
    Damaged
    """
    try:
        content = load_json(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError as error:
        raise Damaged(f"{path}: is damaged, it cannot be read as JSON ({error})") from None
    if not isinstance(content, dict) or not intact(content):
        raise Damaged(f"{path}: is damaged, its digest is not that of its content")
    if content.get("of") != owner:
        raise Damaged(f"{path}: belongs to {content.get('of')!r}, and here must be {owner!r}")
    try:
        sound = is_sound(content)
    except (KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise Damaged(f"{path}: is damaged, its numbers are none")
    return content


def set_aside(path):
    """Rename a damaged file to NAME.damaged, if it is there."""
    with suppress(FileNotFoundError):
        os.replace(path, path.with_name(f"{path.name}.damaged"))


def read_json(path):
    """Content of a JSON file, or None when there is none that can be read."""
    try:
        return load_json(path)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def differences(old, new, path=""):
    """Where two resolved cases differ: list of `key: old value, now new value`."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = sorted(old.keys() | new.keys())
        return [line for key in keys for line in differences(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            line for n, (a, b) in enumerate(zip(old, new, strict=True), 1) for line in differences(a, b, f"{path}[{n}]")
        ]
    return [] if old == new else [f"{path}: was {old!r}, is now {new!r}"]


def point_folder(folder, digest):
    return Path(folder) / "points" / digest


def replica_folder(folder, digest, replica):
    return point_folder(folder, digest) / f"{replica:04d}"


def axis_files(campaign):
    """Files that axes name, to be kept beside a campaign that goes on: dict of name, as it stands there, → content.

    Names that lead out of the folder stay where they are.
    """
    found = {}
    for point in campaign.points:
        for path, file in given_files(point.case).items():
            name = point.values.get(".".join(map(str, path)))
            if isinstance(name, str) and not Path(name).is_absolute() and ".." not in Path(name).parts:
                found[name] = file.content
    return found
