"""A scenario: what the policy is, what is assumed, which feedbacks are on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import UserError
from sim.messages import joined, say
from sim.policy.assumptions import YearlyValue, load_assumptions
from sim.policy.inheritance import read_chain
from sim.policy.merge import Draft, lay_over
from sim.policy.places import Places, as_places
from sim.policy.reading import Document, shown
from sim.policy.schema import ScenarioFile
from sim.policy.settings import LeverEntry, LeverSetting

FIRST_YEAR = 2021


@dataclass(frozen=True)
class Scenario:
    """A scenario with all it extends worked in.

    Attributes
    ----------
    name, title
        Its name, and its title in English (``en``) and Chinese (``zh``).
    levers
        The levers that act, by name. A lever that is not here does nothing beyond its baseline.
    delivery
        Mean and standard deviation over places of the share of its measures that a place delivers.
    assumptions
        Every assumption: a number, or numbers by year.
    feedback
        Which feedbacks are on: prices, wages, schools, networks, displacement.
    national_plan_elsewhere
        Whether the national plan also acts outside Hebei.
    inplace_urbanisation
        ``default``, ``zero``, ``high``, or a factor on the rate at which villages turn urban in place.
    paths
        Whether what nobody can know wanders from year to year (`sim.model.paths`).
    warnings
        Values outside their stated range, one sentence each.
    files
        The files it was read from, the one that extends nothing first.
    """

    name: str
    title: Mapping[str, str]
    levers: Mapping[str, LeverSetting]
    delivery: Mapping[str, float]
    assumptions: Mapping[str, YearlyValue]
    feedback: Mapping[str, bool]
    national_plan_elsewhere: bool
    inplace_urbanisation: str | float
    warnings: tuple[str, ...]
    files: tuple[str, ...]
    paths: bool = True

    def delivering(self, share: float) -> "Scenario":
        """Return the same scenario with one share of every measure delivered, everywhere and in every draw.

        Raises
        ------
        UserError
            If it is no share.
        """
        if not 0.0 <= share <= 1.0:
            raise UserError("delivery must be a share from 0 to 1, not {share:g}.", share=share)
        return replace(self, delivery={"mean": float(share), "sd": 0.0})

    def as_dict(self) -> dict[str, Any]:
        """Give the scenario as plain values in the format of a scenario file that extends nothing."""
        return {
            "name": self.name,
            "title": dict(self.title),
            "levers": {name: _lever(lever) for name, lever in self.levers.items()},
            "delivery": dict(self.delivery),
            "assumptions": dict(self.assumptions),
            "feedback": dict(self.feedback),
            "national_plan_elsewhere": self.national_plan_elsewhere,
            "inplace_urbanisation": self.inplace_urbanisation,
            **({} if self.paths else {"paths": False}),
        }


def _lever(setting: LeverSetting) -> dict[str, Any] | list[dict[str, Any]]:
    """Give a lever as a block, or as a list of blocks where it has several."""
    blocks = [_as_dict(entry) for entry in setting.entries]
    return blocks[0] if len(blocks) == 1 else blocks


def _as_dict(entry: LeverEntry) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "magnitude": entry.magnitude,
        "start": entry.start,
        "target": entry.target,
        "ramp": entry.ramp,
        "where": entry.where.plain(),
    }
    if entry.to is not None:
        plain["to"] = entry.to.plain()
    if entry.entirely:
        plain["entirely"] = True
    elif entry.delivered is not None:
        plain["delivered"] = entry.delivered
    if not entry.drawn and not entry.entirely:
        plain["drawn"] = False
    return plain | ({"note": entry.note} if entry.note else {})


def load_scenario(
    name: str | Path, places: Places | pd.DataFrame | None = None, first_year: int = FIRST_YEAR
) -> Scenario:
    """Read a scenario and all it extends.

    Parameters
    ----------
    name
        A name in ``scenarios/`` or the path of a YAML file.
    places
        The places there are, as a table with columns ``place`` and ``prefecture``; the project's own by default.
    first_year
        First simulated year; no lever may start before it.

    Returns
    -------
    Scenario

    Raises
    ------
    UserError
        When anything in the files is wrong: one sentence with file and line.
    """
    return _of_chain(read_chain(name), places, first_year)


def load_parent(name: str | Path) -> Scenario | None:
    """Read what a scenario extends; None if it extends nothing."""
    chain = read_chain(name)[:-1]
    return _of_chain(chain, None, FIRST_YEAR) if chain else None


def _of_chain(
    chain: list[tuple[Document, ScenarioFile]], places: Places | pd.DataFrame | None, first_year: int
) -> Scenario:
    """Work a chain of files into one scenario, the one that extends nothing first."""
    draft = Draft(as_places(places), first_year)
    draft.assumptions = {key: assumption.value for key, assumption in load_assumptions().items()}
    for document, file in chain:
        lay_over(draft, document, file)
    document, last = chain[-1]
    if off := [name for name, on in draft.feedback.items() if not on]:
        draft.warnings.append(
            say(
                "{at}: without feedback of {names}; compare only with a run without it.",
                at=document.at("feedback"),
                names=joined(off),
            )
        )
    if not draft.paths:
        draft.warnings.append(
            say("{at}: without paths; compare only with a run without them.", at=document.at("paths"))
        )
    return Scenario(
        name=last.name,
        title={"en": last.title.en, "zh": last.title.zh},
        levers=draft.levers,
        delivery={"mean": draft.delivery.mean, "sd": draft.delivery.sd},
        assumptions=draft.assumptions,
        feedback=draft.feedback,
        national_plan_elsewhere=draft.national_plan_elsewhere,
        inplace_urbanisation=draft.inplace_urbanisation,
        paths=draft.paths,
        warnings=tuple(draft.warnings),
        files=tuple(shown(document.path) for document, _ in chain),
    )
