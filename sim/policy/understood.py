"""What a scenario does beside another, in words: lever by lever, where, when and how much."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from sim.messages import joined, say
from sim.policy.assumptions import load_assumptions
from sim.policy.compile import compile_levers
from sim.policy.dates import reached
from sim.policy.levers import Lever, load_catalogue
from sim.policy.places import as_places, load_groups
from sim.policy.scenario import Scenario
from sim.policy.settings import LeverEntry, LeverSetting
from sim.results.areas import in_hebei
from sim.world import place_names

Lang = Literal["en", "zh"]
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


def in_words(scenario: Scenario, other: Scenario, lang: Lang = "en") -> list[str]:
    """Tell what a scenario does beside another: for each lever a line, one a change, and one of counted places.

    Parameters
    ----------
    scenario, other
        The scenario, and what it is told against; usually what it extends.
    lang
        en or zh.
    """
    lines: list[str] = []
    catalogue, table = load_catalogue().levers, counts(scenario, other).set_index("lever")
    by_lever: dict[str, list[Change]] = {}
    for change in changes(scenario, other):
        by_lever.setdefault(change.lever, []).append(change)
    for name, found in by_lever.items():
        lever = catalogue[name]
        lines.append(f"{lever.title.zh if lang == 'zh' else lever.title.en} ({name}, {lever.clause})")
        lines += [f"  {_sentence(lever, change, lang)}" for change in found]
        years = _years(found)
        for change in found:
            lines += _by_year(lever, change, scenario, other, years, lang) if change.kind == "change" else []
        row = table.loc[name]
        told = ("  places: {gain} gain, {keep} keep, {change} change, {lose} lose it" if lang == "en"
                else "  县数：新增{gain}、不变{keep}、改变{change}、取消{lose}")  # fmt: skip
        lines.append(told.format(**{str(key): value for key, value in row.items()}))
    return lines


def beside_levers(scenario: Scenario, other: Scenario, lang: Lang = "en") -> list[str]:
    """Tell what differs besides the levers: delivery, assumptions, feedbacks and switches, a line each."""
    zh, known = lang == "zh", load_assumptions()
    pairs: list[tuple[str, Any, Any]] = [
        ("落实率" if zh else "delivery", dict(scenario.delivery), dict(other.delivery)),
        *((f"{known[name].title.zh if zh else known[name].title.en} ({name})", value, other.assumptions.get(name))
          for name, value in scenario.assumptions.items()),
        *((f"{'反馈' if zh else 'feedback of'} {name}", on, other.feedback[name])
          for name, on in scenario.feedback.items()),
        ("省外实施国家计划" if zh else "national plan elsewhere", scenario.national_plan_elsewhere,
         other.national_plan_elsewhere),
        ("就地城镇化" if zh else "urbanisation in place", scenario.inplace_urbanisation, other.inplace_urbanisation),
        ("逐年波动" if zh else "paths", scenario.paths, other.paths),
    ]  # fmt: skip
    instead = "{}：{}（原为{}）" if zh else "{}: {} instead of {}"
    return [instead.format(what, _plain(new), _plain(old)) for what, new, old in pairs if new != old]


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(one)}" for key, one in value.items())
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def doubts(scenario: Scenario, other: Scenario, lang: Lang = "en") -> list[str]:
    """Warn of what is probably not meant: less where more is said, or places left out."""
    out, less, lost = [], [], []
    zh = lang == "zh"
    for change in changes(scenario, other):
        where, name = _where(change.places, lang), change.lever
        label = f"{where}的{load_catalogue().levers[name].title.zh}（{name}）" if zh else f"{name} in {where}"
        if change.kind == "lose":
            less.append(f"{label}被取消" if zh else f"{label} is lost")
            lost += [(name, less[-1])] if name not in scenario.levers else []
        elif change.before is not None and change.after is not None:
            old, new = change.before.magnitude, change.after.magnitude
            if abs(new) < abs(old):
                less.append(f"{label}为{new:g}，低于{other.name}的{old:g}" if zh else
                            f"{label} is {new:g}, below the {old:g} of {other.name}")  # fmt: skip
            most = load_catalogue().levers[change.lever].hard_max
            if change.after.entirely and not change.before.entirely and new == old < most == 1:
                out.append(_not_entire(label, change.after, zh))
    told = [text for text in less if len(lost) <= FEW or text not in [one for _, one in lost]]
    if len(lost) > FEW:
        names = ", ".join(dict.fromkeys(name for name, _ in lost))
        told.append(f"以下各项全部取消：{names.replace(', ', '、')}" if zh else f"lost altogether are {names}")
    out += [f"{text}{'。' if zh else '.'}" for text in told]
    called = " ".join([scenario.name, *scenario.title.values()])
    if less and (word := MORE.search(called)):
        out.append(
            f"{scenario.name}名称含“{word[0]}”，却有{len(less)}处低于{other.name}（见上）。" if zh else
            f"{scenario.name} is called '{word[0]}' and gives less than {other.name} in {len(less)} ways (above)."
        )  # fmt: skip
    return out


def _not_entire(label: str, entry: LeverEntry, zh: bool = False) -> str:
    """Say that a measure delivered whole has kept its size below all there is."""
    if zh:
        at_once = "，若一次到位再写ramp: step" if entry.ramp == "linear" else ""
        return f"{label}全面落实，但力度仍为{entry.magnitude:g}，与原来相同；如要全部放开，请写magnitude: 1{at_once}。"
    slow = f" by {entry.target}" if entry.ramp == "linear" else ""
    at_once = ", and ramp: step if at once" if slow else ""
    return (
        f"{label} is delivered entirely, but all that is delivered is {entry.magnitude:g}{slow}, as before; "
        f"write magnitude: 1 if nothing less is meant{at_once}."
    )


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


def _sentence(lever: Lever, change: Change, lang: Lang) -> str:
    """One change in a sentence."""
    before, after = change.before, change.after
    where = _where(change.places, lang)
    if after is None:
        assert before is not None
        gone = _amount(lever, before.magnitude, lang)
        return f"{where}: none instead of {gone}" if lang == "en" else f"{where}：取消（原为{gone}）"
    parts = [_amount(lever, after.magnitude, lang)]
    if before is not None and _amount(lever, before.magnitude, lang) != parts[0]:
        parts[0] += (" instead of {}" if lang == "en" else "（原为{}）").format(
            _amount(lever, before.magnitude, lang, bare=True)
        )
    when = _when(after, lang)
    if before is not None and _when(before, lang) != when:
        when += (" instead of {}" if lang == "en" else "（原为{}）").format(_when(before, lang))
    parts.append(when)
    if after.entirely:
        parts.append("law: delivered whole" if lang == "en" else "全面落实")
    elif after.delivered is not None:
        parts.append(f"{after.delivered:.0%} delivered" if lang == "en" else f"落实{after.delivered:.0%}")
    if not after.drawn:
        parts.append("as written in every draw" if lang == "en" else "力度不抽样")
    return f"{where}: {', '.join(parts)}" if lang == "en" else f"{where}：{'，'.join(parts)}"


def _amount(lever: Lever, magnitude: float, lang: Lang, bare: bool = False) -> str:
    """A magnitude with its unit, or without when that was just said."""
    unit = "share" if bare and lever.unit.startswith("share") else "" if bare else lever.unit
    if unit.startswith("share") and abs(magnitude) <= 1:
        of = unit.removeprefix("share").strip()
        return f"{magnitude * 100:.4g} %" + (f" {of}" if of and lang == "en" else "")
    return f"{magnitude:.4g} {unit}".strip()


def _when(entry: LeverEntry, lang: Lang) -> str:
    if entry.ramp == "step":
        return f"from {entry.start}" if lang == "en" else f"自{entry.start}起"
    return f"{entry.start} to {entry.target}" if lang == "en" else f"{entry.start}至{entry.target}"


def _years(found: list[Change]) -> list[int]:
    entries = [entry for change in found for entry in (change.before, change.after) if entry is not None]
    return list(range(int(min(e.start for e in entries)[:4]), int(max(e.target for e in entries)[:4]) + 1))[:8]


def _by_year(
    lever: Lever, change: Change, scenario: Scenario, other: Scenario, years: list[int], lang: Lang
) -> list[str]:
    """Two rows: what is delivered by the ends of years here and in the other scenario."""
    rows = []
    share = lever.unit.startswith("share")
    for whose, entry in ((scenario, change.after), (other, change.before)):
        values = change.effect(entry, whose, years)
        cells = (f"{year} {value * 100:.0f} %" if share else f"{year} {value:.3g}" for year, value in values.items())
        head = "delivered at year ends" if lang == "en" else "年末落实"
        rows.append(f"    {head}, {whose.name}: {'  '.join(cells)}")
    return rows


def _where(codes: tuple[int, ...], lang: Lang) -> str:
    """Name places in few words: all, whole prefectures, a group, their names, or their number and some names."""
    places, asked = as_places(), set(codes)
    if len(codes) == 1:
        return place_names.unique_name(codes[0], lang)
    kind = "counties" if all(in_hebei(code) for code in codes) else "places"
    count = f"{len(codes)} {kind}" if lang == "en" else f"{len(codes)}个县（市、区）"
    if asked == set(places.hebei):
        return f"all {count}" if lang == "en" else f"全省{count}"
    listed = _called(codes, lang)
    return f"{count} ({listed})" if lang == "en" else f"{count}（{listed.replace(', ', '、')}）"


def _called(codes: tuple[int, ...], lang: Lang) -> str:
    """A group of the catalogue, whole prefectures, or the first few names."""
    asked = set(codes)
    for name, group in load_groups().items():
        if asked == set(group.places):
            return f"{group.title.en}, {name}" if lang == "en" else group.title.zh
    prefectures = {code // 100 * 100: set(as_places().of_prefecture(code // 100 * 100)) for code in codes}
    whole = [code for code, members in prefectures.items() if members and members <= asked]
    if asked == {code for prefecture in whole for code in prefectures[prefecture]}:
        return ", ".join(place_names.unique_name(code, lang) for code in whole)
    few = ", ".join(place_names.unique_name(code, lang) for code in codes[:NAMED])
    return few + (", ..." if len(codes) > NAMED else "")
