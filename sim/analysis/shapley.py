"""Shares of an effect among those who bring it about together."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

Coalition = frozenset[str]


def shapley(worth: Mapping[Coalition, Any], players: Sequence[str]) -> dict[str, Any]:
    """Share of each player in the worth of all of them over that of none.

    Parameters
    ----------
    worth
        For every set of players what it is worth: numbers, arrays or frames.
    players
        The players.

    Returns
    -------
    dict
        For each player its mean contribution over all orders in which players may join; they add up to the total.
    """
    n = len(players)
    shares = {}
    for player in players:
        others = [other for other in players if other != player]
        share: Any = 0.0
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for some in map(frozenset, combinations(others, size)):
                share = share + weight * (worth[some | {player}] - worth[some])
        shares[player] = share
    return shares


def from_ends(worth: Mapping[Coalition, Any], players: Sequence[str]) -> dict[str, Any]:
    """Give shares from what each player adds first and what it adds last.

    Their mean is the Shapley share where players interact in pairs at most; what three and more do together beyond that
    is split evenly, so that shares add up.

    Parameters
    ----------
    worth
        Value of no player, of each alone, of all but each, and of all: numbers, or tables that add and subtract.
    players
        The players.
    """
    nobody, everybody = worth[frozenset()], worth[frozenset(players)]
    mean = {
        one: 0.5 * (worth[frozenset({one})] - nobody + everybody - worth[frozenset(players) - {one}]) for one in players
    }
    left: Any = everybody - nobody
    for share in mean.values():
        left = left - share
    return {one: share + left / len(players) for one, share in mean.items()}
