"""Where a campaign stands, and whether the files beside it are its own."""

from pathlib import Path

from coble.inputs.files.faults import CaseError
from coble.inputs.files.plugins import asleep
from coble.kinds.campaign.run import Changed, Sweep
from coble.kinds.campaign.settings import campaign_in
from coble.kinds.campaign.tables import place_of
from coble.store.status import span, words


def standing(content):
    """How many points are done, and what failed first, in a line."""
    counts, points = content["counts"], content["points"]
    said = ", ".join(f"{n} {state}" for state, n in counts.items() if n and state != "done")
    parts = [f"campaign, {counts['done']} of {sum(counts.values())} points", said]
    parts.append(words(events=sum(point["events"] for point in points)))
    parts.append(f"took {span(content['seconds'])}" if content["seconds"] else "")
    errors = [f"{place_of(content, point)}: {point['error']}" for point in points if point["error"]]
    if errors:
        more = f"; {len(errors) - 1} more failed" if len(errors) > 1 else ""
        parts.append(f"failed at {errors[0]}{more}")
    return ", ".join(filter(None, parts))


def missing(content, folder):
    """What the file of a campaign needs beside it."""
    case = content["setup"]["case"]
    return f"campaign.toml names its case, {case}: put it there." if Path(case).name != case else ""


def stored_case(folder, content):
    """None, a campaign has many cases; and a note when the files beside it are not its own."""
    try:
        with asleep():
            Sweep(campaign_in(folder), folder)
    except Changed as error:
        return None, f"campaign.toml or case.toml was changed: {error}"
    except CaseError as error:
        return None, f"The files beside the campaign cannot be read: {error}"
    return None, ""


def input_name(content, name):
    """The case under the name that campaign.toml has for it."""
    return Path(content["setup"]["case"]).name if name == "case.toml" else name
