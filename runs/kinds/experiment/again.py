"""The command that makes an experiment again."""


def again(content):
    """Words of the command."""
    words = ["discriminate", "case.toml"]
    for name in content["experiments"]:
        words += ["--experiment", name]
    if content["truth"] is None:
        for each in content["observables"]:
            if each["observed"]:
                words += ["--observed", f"{each['name']}={each['observed']['value']:g}+-{each['observed']['stderr']:g}"]
    elif content["truth"] != "case":
        words += ["--truth", content["truth"]]
    return words + ["--no-knowledge"] * (not content["provenance"]["settings"].get("knowledge", True))
