"""The command that makes a design again."""


def again(content):
    """Words of the command."""
    words = ["design"] if content["paper"] else ["design", "case.toml"]  # its numbers are told of its own case alone
    return words + (["--from", "DIR"] if measured_in(content) else [])


def measured_in(content):
    """Where the conductances of a design were measured; empty when they are the formula's."""
    return ", ".join(dict.fromkeys(wall["source"] for wall in content["walls"] if wall["source"] != "formula"))


def missing(content, folder):
    """The folder whose conductances were taken is not among the files of a report."""
    source = measured_in(content)
    return (
        f"DIR is the folder of the result that was measured, which is not among the files: {source}." if source else ""
    )
