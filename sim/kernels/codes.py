"""Several facts in one whole number: what a household decides, and where an applicant stands in a queue."""

import numpy as np

from sim.kernels.compiling import inline_rule


@inline_rule(plain=True)
def decision_of(alternative, mode):
    """A decision to move: the alternative chosen, and how the family lives there (below 256 and below 4)."""
    return alternative + 256 * mode


@inline_rule(plain=True)
def alternative_of(decision):
    """The alternative of a decision to move (not negative)."""
    return decision & 255


@inline_rule(plain=True)
def mode_of(decision):
    """The family mode of a decision to move (not negative)."""
    return decision >> 8


@inline_rule(plain=True)
def priority_key(priority_class, points, lottery, tie):
    """Place in the order of applicants, smaller is better: class, then more points, then lottery, then an id.

    Parameters
    ----------
    priority_class
        0 to 15.
    points
        0 to 255, more count as 255.
    lottery
        32 bits.
    tie
        Its last 20 bits count.

    Returns
    -------
    uint64
    """
    return (
        (np.uint64(priority_class) << np.uint64(60))
        | (np.uint64(255 - min(points, 255)) << np.uint64(52))
        | (np.uint64(lottery) << np.uint64(20))
        | (np.uint64(tie) & np.uint64(0xFFFFF))
    )


def priority_parts(key):
    """Class, points and lottery (0 to 1) of priority keys, as arrays or single numbers."""
    key = np.uint64(key)
    points = 255 - ((key >> np.uint64(52)) & np.uint64(255)).astype(np.int64)
    lottery = ((key >> np.uint64(20)) & np.uint64(0xFFFFFFFF)).astype(np.float64) / 2.0**32
    return (key >> np.uint64(60)).astype(np.int64), points, lottery
