"""What is said of sites that are frozen ahead of metal that grows."""


def frozen(ahead_nm, what="sites"):
    """The sentences for runs in which metal grows, `ahead_nm` in nm; `what` of the sites are frozen."""
    return (
        f"Where metal grows, {what} more than {ahead_nm:g} to {2 * ahead_nm:g} nm ahead of the tip are frozen.  They "
        "are in equilibrium, so no current is lost; only their relaxation time is neglected.  ahead_nm = 0 switches "
        "this off."
    )
