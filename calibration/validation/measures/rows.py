"""Rows of the verification table: what was measured, what it should be, and whether it is."""

from dataclasses import dataclass

BEYOND = 1e9


@dataclass(frozen=True)
class Row:
    """One line. met: True, False, or None where the figure is reported without a target."""

    test: str
    what: str
    measured: str
    target: str
    met: bool | None

    @property
    def verdict(self):
        """met, MISS or reported."""
        return {True: "met", False: "MISS", None: "reported"}[self.met]


def within(test, what, value, low, high, digits=2, unit=""):
    """A row whose value should lie from low to high."""
    if high >= BEYOND:
        target = f"at least {low:g}{unit}"
    elif low <= -BEYOND:
        target = f"at most {high:g}{unit}"
    else:
        target = f"{low:g} to {high:g}{unit}"
    return Row(test, what, f"{value:.{digits}f}{unit}", target, bool(low <= value <= high))


def at_least(test, what, value, low, digits=2, unit=""):
    """A row whose value should not lie below a bound."""
    return within(test, what, value, low, BEYOND, digits, unit)


def at_most(test, what, value, high, digits=2, unit=""):
    """A row whose value should not lie above a bound."""
    return within(test, what, value, -BEYOND, high, digits, unit)


def markdown(rows):
    """The table in Markdown."""
    lines = ["| test | what | measured | target | verdict |", "|---|---|---|---|---|"]
    lines += [f"| {r.test} | {r.what} | {r.measured} | {r.target} | {r.verdict} |" for r in rows]
    return "\n".join(lines)
