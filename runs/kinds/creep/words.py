"""What creep says in words, made from the content of result.json alone."""

from coble.render.numbers import listed, typeset, with_error


def headline(content):
    laws, words = content["exponents"], []
    for name, where in (("interface", "along the interface"), ("bulk", "through the bulk")):
        if name in laws:
            words.append(f"as grain size to the power of {with_error(laws[name]['measured'])} {where}")
    if "tensions" in laws:
        words.append(f"as tension to that of {with_error(laws['tensions']['measured'])}")
    if not words:
        return "Interrupted before an exponent of creep could be found."
    return typeset(f"Strain rate goes {listed(words)}.")
