"""How generated inputs are counted out: a seeded few in every `make test`, many more in `make studies`."""

import warnings
from random import Random

import pytest

from sim.errors import UserError

PART, SHOWN = 500, 5
"""Inputs of one test in `make studies`; so many failures are shown."""


def portions(few, many):
    """Parameters `seeds`: a first few for every run of the tests, and many that are studied."""
    first = [pytest.param(range(few), id=f"{few}")]
    studied = [range(start, min(start + PART, few + many)) for start in range(few, few + many, PART)]
    return pytest.mark.parametrize(
        "seeds", first + [pytest.param(part, id=f"from-{part.start}", marks=pytest.mark.study) for part in studied]
    )


def each(seeds, check):
    """Carry a check out for each seed; it returns whether the input was taken. Return how many were, and were not.

    Up to `SHOWN` failures are collected, each with its seed.
    """
    counts, wrong = {True: 0, False: 0}, []
    for seed in seeds:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                counts[bool(check(Random(seed)))] += 1
        except Exception as error:
            error.add_note(f"seed {seed}")
            wrong.append(error)
            if len(wrong) == SHOWN:
                break
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise ExceptionGroup("several inputs", wrong)
    return counts[True], counts[False]


def sentence(error):
    """See that an error of the user's is one sentence, and return it."""
    told = str(error)
    assert isinstance(error, UserError) and told.endswith(".") and "\n" not in told, told
    assert "Traceback" not in told and "object at 0x" not in told, told
    return told
