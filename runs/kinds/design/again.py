"""The command that makes a design again."""


def again(content):
    words = ["design"] if content["paper"] else ["design", "case.toml"]  # its numbers are told of its own case alone
    return words + (["--from", "DIR"] if measured_in(content) else [])


def measured_in(content):
    """Where the conductances of a design were measured; empty when they are the formula's."""
    if content["kind"] != "design":
        return ""
    return ", ".join(dict.fromkeys(wall["source"] for wall in content["walls"] if wall["source"] != "formula"))
