"""The command that makes an analysis of rate control again."""


def again(content):
    """Words of the command."""
    words, settings = ["sensitivity", "case.toml"], content["settings"]
    if content["void_fraction"]:
        words += ["--void-fraction", f"{content['void_fraction']:g}"]
    if "target_error" in settings:
        words += ["--measured", "--error", f"{settings['target_error']:g}"]
    if "runs" in settings:
        words += ["--runs", f"{settings['runs']}"]
    return words
