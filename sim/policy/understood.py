"""What a scenario does beside another, in words: lever by lever, where, when and how much."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.messages import Message, either, joined, say
from sim.policy.assumptions import load_assumptions
from sim.policy.compile import compile_levers
from sim.policy.dates import reached
from sim.policy.levers import Lever, load_catalogue
from sim.policy.places import as_places, load_groups
from sim.policy.scenario import Scenario
from sim.policy.settings import LeverEntry, LeverSetting
from sim.results.areas import in_hebei
from sim.world import place_names

FEW = 5
"""So many levers are told of one by one."""
NAMED = 4
"""So many places are named; of more, their number is given."""
HALVED = 0.5
"""A measure of which no more than this share arrives is warned of."""
IN_ENGLISH = r"\b(more|faster|stronger|higher|better|raise|expand)"
MORE = re.compile(IN_ENGLISH + "|更多|更快|更强|加大|加快|加强|提高|扩大|增加", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """One change of a lever in places that share it.

    Attributes
    ----------
    lever
        The lever's name.
    places
        Codes of the places.
    before, after
        What the other scenario and this one set there; None for nothing.
    """

    lever: str
    places: tuple[int, ...]
    before: LeverEntry | None
    after: LeverEntry | None

    @property
    def kind(self) -> Literal["gain", "change", "lose"]:
        """Whether the places gain the lever, lose it, or have it changed."""
        if self.before is None:
            return "gain"
        return "lose" if self.after is None else "change"

    def effect(self, entry: LeverEntry | None, scenario: Scenario, years: Collection[int]) -> dict[int, float]:
        """Magnitude x ramp x delivered share by the ends of years, without funding and caps."""
        if entry is None:
            return dict.fromkeys(years, 0.0)
        share = scenario.delivery["mean"] if entry.delivered is None else entry.delivered
        size = entry.magnitude * (1.0 if entry.entirely else share)
        return {year: size * reached(entry.start, entry.target, entry.ramp, year) for year in years}


def changes(scenario: Scenario, other: Scenario) -> list[Change]:
    """List where the levers of a scenario differ from another's, in the order of the catalogue."""
    found = []
    for name in load_catalogue().settable:
        groups: dict[tuple[Any, Any], list[int]] = {}
        mine, theirs = _by_place(scenario.levers.get(name)), _by_place(other.levers.get(name))
        for code in dict.fromkeys([*mine, *theirs]):
            pair = theirs.get(code), mine.get(code)
            if _terms(pair[0]) != _terms(pair[1]):
                groups.setdefault((_terms(pair[0]), _terms(pair[1])), []).append(code)
        for codes in groups.values():
            found.append(Change(name, tuple(codes), theirs.get(codes[0]), mine.get(codes[0])))
    return found


def counts(scenario: Scenario, other: Scenario) -> pd.DataFrame:
    """Count the places that gain, keep, change and lose each lever that differs.

    Returns
    -------
    DataFrame
        Columns lever, gain, keep, change, lose.
    """
    rows: dict[str, dict[str, int]] = {}
    for change in changes(scenario, other):
        row = rows.setdefault(change.lever, {"gain": 0, "keep": 0, "change": 0, "lose": 0})
        row[change.kind] += len(change.places)
    for name, row in rows.items():
        row["keep"] = len(_by_place(scenario.levers.get(name))) - row["gain"] - row["change"]
    return pd.DataFrame([{"lever": name, **row} for name, row in rows.items()],
                        columns=["lever", "gain", "keep", "change", "lose"])  # fmt: skip


def in_words(scenario: Scenario, other: Scenario) -> list[Message]:
    """Tell what a scenario does beside another: for each lever a line, one a change, and one of counted places.

    Parameters
    ----------
    scenario, other
        The scenario, and what it is told against; usually what it extends.
    """
    lines: list[Message] = []
    catalogue, table = load_catalogue().levers, counts(scenario, other).set_index("lever")
    by_lever: dict[str, list[Change]] = {}
    for change in changes(scenario, other):
        by_lever.setdefault(change.lever, []).append(change)
    for name, found in by_lever.items():
        lever = catalogue[name]
        lines.append(say("{title} ({name}, {clause})", title=lever.title.said, name=name, clause=lever.clause))
        lines += [_sentence(lever, change) for change in found]
        years = _years(found)
        for change in found:
            lines += _by_year(lever, change, scenario, other, years) if change.kind == "change" else []
        row = {str(key): value for key, value in table.loc[name].items()}
        lines.append(say("  places: {gain} gain, {keep} keep, {change} change, {lose} lose it", **row))
    return lines


def beside_levers(scenario: Scenario, other: Scenario) -> list[Message]:
    """Tell what differs besides the levers: delivery, assumptions, feedbacks and switches, a line each."""
    known = load_assumptions()
    pairs: list[tuple[Message, Any, Any]] = [
        (say("delivery"), dict(scenario.delivery), dict(other.delivery)),
        *((say("{title} ({name})", title=known[name].title.said, name=name), value, other.assumptions.get(name))
          for name, value in scenario.assumptions.items()),
        *((say("feedback of {name}", name=name), on, other.feedback[name]) for name, on in scenario.feedback.items()),
        (say("national plan elsewhere"), scenario.national_plan_elsewhere, other.national_plan_elsewhere),
        (say("urbanisation in place"), scenario.inplace_urbanisation, other.inplace_urbanisation),
        (say("paths"), scenario.paths, other.paths),
    ]  # fmt: skip
    return [
        say("{what}: {new} instead of {old}", what=what, new=_plain(new), old=_plain(old))
        for what, new, old in pairs
        if new != old
    ]


def _plain(value: Any) -> str:
    """A value as a person writes it."""
    if isinstance(value, Mapping):
        return joined(say("{key} {value}", key=say(str(key)), value=_plain(one)) for key, one in value.items())
    if isinstance(value, bool):
        return either("true", "是") if value else either("false", "否")
    return f"{value:g}" if isinstance(value, float) else str(value)


def doubts(scenario: Scenario, other: Scenario) -> list[Message]:
    """Warn of what is probably not meant: less where more is said, or places left out."""
    out: list[Message] = []
    less: list[Message] = []
    lost: dict[str, str] = {}
    for change in changes(scenario, other):
        lever = load_catalogue().levers[change.lever]
        called = either(lever.name, f"{lever.title.zh}（{lever.name}）")
        measure = say("{lever} in {where}", lever=called, where=_where(change.places))
        if change.kind == "lose":
            less.append(say("{measure} is lost.", measure=measure))
            if lever.name not in scenario.levers:
                lost[less[-1]] = lever.name
        elif change.before is not None and change.after is not None:
            old, new = change.before.magnitude, change.after.magnitude
            if abs(new) < abs(old):
                less.append(
                    say("{measure} is {new:g}, below the {old:g} of {other}.",
                        measure=measure, new=new, old=old, other=other.name)
                )  # fmt: skip
            if change.after.entirely and not change.before.entirely and new == old < lever.hard_max == 1:
                out.append(_not_entire(measure, change.after))
    out += [sentence for sentence in less if len(lost) <= FEW or sentence not in lost]
    if len(lost) > FEW:
        out.append(say("lost altogether are {names}.", names=joined(dict.fromkeys(lost.values()))))
    called_so = MORE.search(" ".join([scenario.name, *scenario.title.values()]))
    if less and called_so:
        out.append(
            say("{scenario} is called '{word}' and gives less than {other} in {count} ways (above).",
                scenario=scenario.name, word=called_so[0], other=other.name, count=len(less))
        )  # fmt: skip
    return out


def _not_entire(measure: Message, entry: LeverEntry) -> Message:
    """Say that a measure delivered whole has kept its size below all there is."""
    if entry.ramp == "linear":
        return say(
            "{measure} is delivered entirely, but all that is delivered is {size:g} by {target}, as before; "
            "write magnitude: 1 if nothing less is meant, and ramp: step if at once.",
            measure=measure, size=entry.magnitude, target=entry.target,
        )  # fmt: skip
    return say(
        "{measure} is delivered entirely, but all that is delivered is {size:g}, as before; "
        "write magnitude: 1 if nothing less is meant.",
        measure=measure, size=entry.magnitude,
    )  # fmt: skip


def hardly_arrives(scenario: Scenario, other: Scenario) -> list[str]:
    """Tell of levers of whose additions delivery, caps and other levers leave half or less."""
    out: dict[str, str] = {}
    catalogue = load_catalogue().levers
    year = max((int(entry.target[:4]) for lever in scenario.levers.values() for entry in lever.entries), default=2028)
    codes = as_places().codes
    whole: Mapping[Any, np.ndarray] | None = None
    for name in dict.fromkeys(change.lever for change in changes(scenario, other)):
        lever = catalogue[name]
        if lever.channel is None or lever.on_journeys or name not in scenario.levers or lever.form == "total":
            continue
        mine, theirs = _by_place(scenario.levers[name]), _by_place(other.levers.get(name))
        before = {code: theirs[code].magnitude if code in theirs else 0.0 for code in mine}
        written = {code: entry.magnitude - before[code] for code, entry in mine.items()}
        more = [code for code, size in written.items() if size * lever.factor > 0]
        if not more or lever.channel.name == "DELIVERY":
            continue
        kept = {k: v for k, v in scenario.levers.items() if k != name}
        if name in other.levers:
            kept[name] = other.levers[name]
        whole = whole or compile_levers(scenario, None, [year]).tables
        less = compile_levers(replace(scenario, levers=kept), None, [year]).tables[lever.channel]
        at = [codes.index(code) for code in more]
        got = float((whole[lever.channel][0] - less[0])[at].sum())
        wanted = sum(written[code] for code in more) * lever.factor
        if got <= HALVED * wanted:
            out[name] = say(
                "of what {lever} adds, {share:.0%} arrives by {year}; delivery ({mean:g}), caps and other levers on "
                "{channel} take the rest.",
                lever=name, share=max(got, 0.0) / wanted, year=year, mean=scenario.delivery["mean"],
                channel=lever.channel,
            )  # fmt: skip
    if len(out) > FEW:
        return [
            say("of {count} levers no more than half of what they add arrives by {year}: {names}.", count=len(out),
                year=year, names=joined(out))
        ]  # fmt: skip
    return list(out.values())


def _by_place(setting: LeverSetting | None) -> dict[int, LeverEntry]:
    """The entry of a lever in each place where it does something; totals are those of a place."""
    if setting is None:
        return {}
    total = load_catalogue().levers[setting.name].form == "total"
    out: dict[int, LeverEntry] = {}
    for entry in setting.entries:
        own = replace(entry, magnitude=entry.magnitude / len(entry.places)) if total else entry
        out |= {code: own for code in entry.places if entry.magnitude != 0.0}
    return out


def _terms(entry: LeverEntry | None) -> tuple[Any, ...] | None:
    """What of an entry makes a difference in a place."""
    if entry is None:
        return None
    size = float(f"{entry.magnitude:.12g}")
    whole = tuple(sorted(entry.to_places))
    return size, entry.start, entry.target, entry.ramp, entry.delivered, entry.entirely, entry.drawn, whole


def _sentence(lever: Lever, change: Change) -> Message:
    """One change in a sentence."""
    before, after = change.before, change.after
    where = _where(change.places)
    if after is None:
        assert before is not None
        return say("  {where}: none instead of {before}", where=where, before=_amount(lever, before.magnitude))
    amount, when = _amount(lever, after.magnitude), _when(after)
    if before is not None and _amount(lever, before.magnitude) != amount:
        amount = say("{now} instead of {before}", now=amount, before=_amount(lever, before.magnitude, bare=True))
    if before is not None and _when(before) != when:
        when = say("{now} instead of {before}", now=when, before=_when(before))
    parts = [amount, when]
    if after.entirely:
        parts.append(say("law: delivered whole"))
    elif after.delivered is not None:
        parts.append(say("{share:.0%} delivered", share=after.delivered))
    if not after.drawn:
        parts.append(say("as written in every draw"))
    return say("  {where}: {what}", where=where, what=_one_after_another(parts))


def _one_after_another(parts: Iterable[Message]) -> Message:
    return reduce(lambda before, after: say("{before}, {after}", before=before, after=after), parts)


def _amount(lever: Lever, magnitude: float, bare: bool = False) -> Message:
    """A magnitude with its unit, or without when that was just said."""
    if lever.unit.startswith("share") and abs(magnitude) <= 1:
        of = "" if bare else lever.unit.removeprefix("share").strip()
        return say("{percent:.4g} %{of}", percent=magnitude * 100, of=either(f" {of}", "") if of else "")
    if bare:
        return say("{size:.4g}", size=magnitude)
    return say("{size:.4g} {unit}", size=magnitude, unit=say(lever.unit))


def _when(entry: LeverEntry) -> Message:
    if entry.ramp == "step":
        return say("from {start}", start=entry.start)
    return say("{start} to {target}", start=entry.start, target=entry.target)


def _years(found: list[Change]) -> list[int]:
    entries = [entry for change in found for entry in (change.before, change.after) if entry is not None]
    return list(range(int(min(e.start for e in entries)[:4]), int(max(e.target for e in entries)[:4]) + 1))[:8]


def _by_year(lever: Lever, change: Change, scenario: Scenario, other: Scenario, years: list[int]) -> list[Message]:
    """Two rows: what is delivered by the ends of years here and in the other scenario."""
    rows = []
    share = lever.unit.startswith("share")
    for whose, entry in ((scenario, change.after), (other, change.before)):
        values = change.effect(entry, whose, years)
        cells = (f"{year} {value * 100:.0f} %" if share else f"{year} {value:.3g}" for year, value in values.items())
        rows.append(
            say("    delivered at year ends, {whose}: {cells}", whose=whose.name, cells=_cells("  ".join(cells)))
        )
    return rows


def _cells(text: str) -> Message:
    return either(text, text.replace(" %", "%"))


def _where(codes: tuple[int, ...]) -> Message:
    """Name places in few words: all, whole prefectures, a group, their names, or their number and some names."""
    if len(codes) == 1:
        return _name(codes[0])
    if set(codes) == set(as_places().hebei):
        return say("all {count} counties", count=len(codes))
    if all(in_hebei(code) for code in codes):
        return say("{count} counties ({listed})", count=len(codes), listed=_called(codes))
    return say("{count} places ({listed})", count=len(codes), listed=_called(codes))


def _called(codes: tuple[int, ...]) -> Message:
    """A group of the catalogue, whole prefectures, or the first few names."""
    asked = set(codes)
    for name, group in load_groups().items():
        if asked == set(group.places):
            return either(f"{group.title.en}, {name}", group.title.zh)
    prefectures = {code // 100 * 100: set(as_places().of_prefecture(code // 100 * 100)) for code in codes}
    whole = [code for code, members in prefectures.items() if members and members <= asked]
    if asked == {code for prefecture in whole for code in prefectures[prefecture]}:
        return joined(map(_name, whole))
    few = joined(map(_name, codes[:NAMED]))
    return say("{names}, ...", names=few) if len(codes) > NAMED else few


def _name(code: int) -> Message:
    return either(place_names.unique_name(code, "en"), place_names.unique_name(code, "zh"))
