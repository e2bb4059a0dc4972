"""The level of newer years, as a user's own figures set it (`luohu data update`); none is shipped.

A level holds factors on assumptions by year and shifts of place effects by year. A command reads it once and gives it
to its runs, in other processes and on other machines too; their manifest holds it and its hash. The file is
`level.json` in the user's data folder, or what the environment variable LUOHU_LEVEL names; `none` there means that no
level is read.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import UserError
from sim.storage import paths
from sim.storage.atomic import write_json
from sim.storage.hashing import value_hash

VARIABLE = "LUOHU_LEVEL"
FILE = "level.json"


@dataclass(frozen=True)
class Level:
    """Factors and shifts by year.

    Parameters
    ----------
    factors
        Assumption, then year: a factor on its value. Beyond the last year `after` holds.
    shifts
        Place code, then year: utils added to its place effect. Beyond the last year `after` holds.
    after
        What goes on after the last year: by assumption a factor, by place code a shift.
    about
        What it was fitted to: file, its hash, figures, scores.
    """

    factors: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    shifts: Mapping[int, Mapping[int, float]] = field(default_factory=dict)
    after: Mapping[str, float] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def adjusted(self, name: str, years: Sequence[int], value: np.ndarray, central: np.ndarray) -> np.ndarray:
        """Return an assumption after its factors, (years,); in fitted years the central value counts in every draw."""
        known = self.factors.get(name)
        if not known:
            return value
        out, last = np.array(value, dtype=float), max(known)
        for position, year in enumerate(years):
            if year in known:
                out[position] = central[position] * known[year]
            elif year > last:
                out[position] *= self.after.get(name, 1.0)
        return out

    def shift(self, year: int, codes: Sequence[int]) -> np.ndarray:
        """Return the utils added to place effects in a year, in the order of some place codes."""
        out = np.zeros(len(codes))
        where = {code: position for position, code in enumerate(codes)}
        for code, known in self.shifts.items():
            if code in where:
                late = self.after.get(str(code), 0.0) if year > max(known) else 0.0
                out[where[code]] = known.get(year, late)
        return out

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> "Level":
        """Return the level that `as_dict` wrote down."""
        shifts = {int(code): years for code, years in _whole_keys(held["shifts"]).items()}
        after = {str(name): float(value) for name, value in held["after"].items()}
        return cls(_whole_keys(held["factors"]), shifts, after, held["about"])

    def as_dict(self) -> dict[str, Any]:
        """Return the level as JSON holds it."""
        return {"factors": _text_keys(self.factors), "shifts": _text_keys(self.shifts), "after": dict(self.after),
                "about": dict(self.about)}  # fmt: skip

    @property
    def sentence(self) -> str:
        """Say in a report what the level was fitted to; empty without one."""
        if not self.factors and not self.shifts:
            return ""
        about = self.about
        return (
            f"The level of {about.get('years', 'newer years')} was fitted again to {about.get('fitted', 'some')} "
            f"figures that the user brought ({about.get('file', 'a file')}); they are no test of the model."
        )

    @property
    def hash(self) -> str:
        """Hash of all that changes numbers, whatever it was fitted to; `none` without factors and shifts."""
        if not self.factors and not self.shifts:
            return "none"
        held = self.as_dict()
        return value_hash({name: held[name] for name in ("factors", "shifts", "after")})

    def summary(self) -> dict[str, Any]:
        """Return what a manifest says of the level: all of it, so that a run can be followed again."""
        keys = ("file", "sha256", "years", "fitted", "scored", "scores", "limits")
        known = {key: self.about[key] for key in keys if key in self.about}
        return known | {"sentence": self.sentence} | self.as_dict()


NONE = Level()


def load() -> Level:
    """Return the user's level; one without factors and shifts if there is none.

    Only the commands and `sim.run` ask for it; what they run is given it and reads nothing itself.

    Raises
    ------
    UserError
        If the file cannot be read.
    """
    named = os.environ.get(VARIABLE, "")
    if named == "none":
        return NONE
    path = Path(named) if named else paths.user_data() / FILE
    if not path.is_file():
        if named:
            raise UserError(f"{path} does not exist, though {VARIABLE} names it; unset it or name a level.")
        return NONE
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, changed: int) -> Level:
    """Read a level; `changed` is when the file was, so that a new one is read."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Level.of(held)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise UserError(f"{path} cannot be read ({error}); run `luohu data update` again, or remove it.") from None


def save(level: Level) -> Path:
    """Write the level that later runs will use and return its file."""
    path = _own_file()
    try:
        write_json(path, level.as_dict(), indent=1)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}); name another file in {VARIABLE}.") from None
    return path


def _own_file() -> Path:
    """Return where the level is kept."""
    named = os.environ.get(VARIABLE, "")
    if named == "none":
        raise UserError(f"{VARIABLE} is 'none', so no level is kept; unset it, or name a file.")
    return Path(named) if named else paths.user_data() / FILE


def remove() -> bool:
    """Take the level away; say whether there was one."""
    path = _own_file()
    there = path.is_file()
    path.unlink(missing_ok=True)
    return there


def _text_keys(nested: Mapping[Any, Mapping[int, float]]) -> dict[str, dict[str, float]]:
    return {str(key): {str(year): value for year, value in inner.items()} for key, inner in nested.items()}


def _whole_keys(nested: Mapping[str, Mapping[str, float]]) -> dict[str, dict[int, float]]:
    return {key: {int(year): float(value) for year, value in inner.items()} for key, inner in nested.items()}
