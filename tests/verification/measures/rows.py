"""Rows of the verification table: what was measured, what it should be, and whether it is."""

from dataclasses import dataclass


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
    show = f"{{:.{digits}f}}{unit}"
    target = f"{low:g} to {high:g}{unit}" if low > -1e9 and high < 1e9 else (f"at least {low:g}{unit}" if high >= 1e9
                                                                             else f"at most {high:g}{unit}")  # fmt: skip
    return Row(test, what, show.format(value), target, bool(low <= value <= high))


def at_least(test, what, value, low, digits=2, unit=""):
    """A row whose value should not lie below a bound."""
    return within(test, what, value, low, 1e9, digits, unit)


def at_most(test, what, value, high, digits=2, unit=""):
    """A row whose value should not lie above a bound."""
    return within(test, what, value, -1e9, high, digits, unit)


def markdown(rows):
    """The table in Markdown."""
    lines = ["| test | what | measured | target | verdict |", "|---|---|---|---|---|"]
    lines += [f"| {r.test} | {r.what} | {r.measured} | {r.target} | {r.verdict} |" for r in rows]
    return "\n".join(lines)
