"""The folder of a long piece of work: taken up again or begun anew, and nothing else that lies there is touched."""

import json
import re
from pathlib import Path
from typing import Any

from sim.errors import UserError
from sim.messages import say
from sim.storage.atomic import write_json

TERMS = "terms.json"
"""What the work was begun with."""
COMPARED = {
    "settings": say("other options"),
    "code": say("other code"),
    "data": say("other data"),
    "figures": say("other figures"),
    "sample": say("another prior"),
}
"""Terms that must be the same to go on, and what a sentence calls other ones."""


def begin(folder: Path, terms: dict[str, Any], own: re.Pattern[str], resume: bool, overwrite: bool) -> dict[str, Any]:
    """Make or take up a work folder.

    Parameters
    ----------
    folder
        A new or empty folder, or one that was begun before.
    terms
        What the work depends on (`COMPARED`), and what else is noted of it.
    own
        Names of the files that the work leaves: only these are removed where it begins anew.
    resume, overwrite
        Whether to go on with what is there, or to begin anew.

    Returns
    -------
    dict
        The terms under which the work was begun.

    Raises
    ------
    UserError
        If the folder holds something else, work and neither `resume` nor `overwrite`, or work under other terms.
    """
    wanted: dict[str, Any] = json.loads(json.dumps(terms))
    try:
        old = _begun(folder)
        if old is None and folder.exists() and not (folder.is_dir() and next(folder.iterdir(), None) is None):
            raise UserError(
                "{folder} exists already and holds no work of this command, so nothing is written there; name a new "
                "folder with --work.",
                folder=folder,
            )
        if old is not None and not overwrite:
            if not resume:
                raise UserError(
                    "{folder} holds a calibration; --resume goes on with it, --overwrite begins anew.", folder=folder
                )
            for key, what in COMPARED.items():
                if old.get(key) != wanted.get(key):
                    raise UserError(
                        "{folder} was begun with {what}; begin anew with --overwrite or choose another --work.",
                        folder=folder,
                        what=what,
                    )
            return old
        folder.mkdir(parents=True, exist_ok=True)
        for file in [file for file in folder.rglob("*") if own.fullmatch(file.name) and file.is_file()]:
            file.unlink()
        write_json(folder / TERMS, wanted)
    except OSError as error:
        raise UserError(
            "{folder} cannot be written ({reason}); name another folder with --work.",
            folder=folder,
            reason=error.strerror,
        ) from None
    return wanted


def _begun(folder: Path) -> dict[str, Any] | None:
    """Return what is noted of the work that a folder holds; None if it holds none."""
    try:
        noted = json.loads((folder / TERMS).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    return noted if isinstance(noted, dict) and isinstance(noted.get("settings"), dict) else None
