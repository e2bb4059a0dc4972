"""The sample that a user's own figures gave (`luohu data update`), in place of the shipped one.

A command reads once where it is and gives that to its runs, in other processes too; their manifest holds it and its
hash. The file is `level.json` in the user's data folder, or what the environment variable LUOHU_LEVEL names; `none`
there means that the shipped sample is used. The sample and its paths lie in a folder of the same name beside it.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.messages import say
from sim.storage import paths
from sim.storage.atomic import write_json
from sim.storage.hashing import files_hash, stamp

VARIABLE = "LUOHU_LEVEL"
FILE, SAMPLE = "level.json", ".sample"


@dataclass(frozen=True)
class Level:
    """Where the sample is that runs draw from.

    Parameters
    ----------
    sample
        Its folder; empty for the shipped one.
    hash
        Hash of its files; `none` for the shipped one.
    about
        What it was made from: file, its hash, figures, scores.
    """

    sample: str = ""
    hash: str = "none"
    about: Mapping[str, Any] = field(default_factory=dict)

    def folder(self) -> Path | None:
        """Return the folder of the sample; None for the shipped one.

        Raises
        ------
        UserError
            If the sample is not there any more, or another one.
        """
        if not self.sample:
            return None
        if _hash(Path(self.sample)) != self.hash:
            raise UserError(
                "{sample} is not the sample that was made; run `luohu data update` again.", sample=self.sample
            )
        return Path(self.sample)

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> "Level":
        """Return the level that `as_dict` wrote down."""
        return cls(str(held["sample"]), str(held["hash"]), dict(held["about"]))

    def as_dict(self) -> dict[str, Any]:
        """Return the level as JSON holds it."""
        return {"sample": self.sample, "hash": self.hash, "about": dict(self.about)}

    @property
    def sentence(self) -> str:
        """Say in a report what the sample was put to; empty for the shipped one."""
        if not self.sample:
            return ""
        about = self.about
        return say(
            "The draws were put to {fitted} figures of {years} that the user brought ({file}), with the shipped ones; "
            "they are no test of the model.",
            fitted=about.get("fitted", say("some")),
            years=about.get("years", say("newer years")),
            file=about.get("file", say("a file")),
        )

    def summary(self) -> dict[str, Any]:
        """Return what a manifest says of the level: all of it, so that a run can be followed again."""
        keys = ("file", "sha256", "years", "fitted", "scored", "scores")
        known = {key: self.about[key] for key in keys if key in self.about}
        return known | {"sentence": self.sentence} | self.as_dict()


NONE = Level()


def _hash(folder: Path) -> str:
    """Hash of the files of a sample as they are now, also in a worker or notebook that has read older ones."""
    files = sorted(folder.rglob("*.parquet"))
    return _hash_of(folder, tuple((file, stamp(file)) for file in files))


@cache
def _hash_of(folder: Path, files: tuple[tuple[Path, object], ...]) -> str:
    return files_hash([file for file, _ in files], folder)


def of_folder(folder: Path, about: Mapping[str, Any]) -> Level:
    """Return the level that a folder with a sample makes."""
    return Level(str(folder.resolve()), _hash(folder.resolve()), about)


def load(to_be_made: bool = False) -> Level:
    """Return the user's level; that of the shipped sample if there is none.

    Only the commands and `sim.run` ask for it; what they run is given it and reads nothing itself.

    Parameters
    ----------
    to_be_made
        Whether the file that LUOHU_LEVEL names may still be missing, for it is to be made.

    Raises
    ------
    UserError
        If the file cannot be read, or is of an older luohu.
    """
    named = os.environ.get(VARIABLE, "")
    if named == "none":
        return NONE
    path = Path(named) if named else paths.user_data() / FILE
    try:
        if path.is_file():
            return _read(path, stamp(path))
    except OSError as error:
        raise UserError(
            "{path} cannot be read ({reason}); name another file in {variable}, or none.",
            path=path,
            reason=error.strerror,
            variable=VARIABLE,
        ) from None
    if named and not to_be_made:
        raise UserError(
            "{path} does not exist, though {variable} names it; unset it or name a level.", path=path, variable=VARIABLE
        )
    return NONE


@cache
def _read(path: Path, changed: object) -> Level:
    """Read a level; `changed` differs where the file does, so that a new one is read."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(held, dict):
            raise ValueError("it holds no level")
        return Level.of(held)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise UserError(
            "{path} cannot be read ({error}); run `luohu data update` again, or remove it.", path=path, error=error
        ) from None


def save(level: Level) -> Path:
    """Write the level that later runs will use and return its file."""
    path = _own_file()
    try:
        write_json(path, level.as_dict(), indent=1)
    except OSError as error:
        raise UserError(
            "{path} cannot be written ({reason}); name another file in {variable}.",
            path=path,
            reason=error.strerror,
            variable=VARIABLE,
        ) from None
    return path


def _own_file() -> Path:
    """Return where the level is kept; a file that the user names and that holds something else is left alone."""
    named = os.environ.get(VARIABLE, "")
    if named == "none":
        raise UserError("{variable} is 'none', so no level is kept; unset it, or name a file.", variable=VARIABLE)
    path = Path(named) if named else paths.user_data() / FILE
    if path.suffix == SAMPLE or (named and stamp(path) is not None and not _holds_level(path)):
        raise UserError(
            "{path} is no level of luohu's, so it is neither replaced nor removed; name another file in {variable}, "
            "such as level.json.",
            path=path,
            variable=VARIABLE,
        )
    return path


def _holds_level(path: Path) -> bool:
    try:
        _read(path, stamp(path))
    except UserError:
        return False
    return True


def sample_folder() -> Path:
    """Return where the sample of the user's level is kept."""
    return _own_file().with_suffix(SAMPLE)


def remove() -> bool:
    """Take the level and its sample away; say whether there was one."""
    path, folder = _own_file(), sample_folder()
    there = path.is_file()
    path.unlink(missing_ok=True)
    for file in folder.glob("20[0-9][0-9].*"):
        file.unlink()
    with suppress(OSError):  # what somebody else put there stays
        folder.rmdir()
    return there
