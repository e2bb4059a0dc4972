"""A reform put together by choosing: what was chosen becomes a scenario file, words and a scenario. No widgets here."""

import re
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sim.errors import UserError
from sim.messages import spoken
from sim.policy import beside_levers, doubts, hardly_arrives, held_back, in_words, load_scenario, scenario_names
from sim.policy.dates import LATEST, Ramp, month_number
from sim.policy.formatting import as_file, on_one_line
from sim.policy.levers import Lever, load_catalogue
from sim.policy.places import Finder, as_places, load_groups
from sim.policy.promises import load_clauses
from sim.policy.reading import Document
from sim.policy.scenario import FIRST_YEAR, Scenario
from sim.policy.schema import Where, folder_name
from sim.report.locale.translations import translate, without_brackets
from sim.results.areas import in_hebei
from sim.results.indicator_names import LANGS, Lang
from sim.storage.atomic import write_text
from sim.storage.paths import OWN_SCENARIOS, SCENARIOS
from sim.world import place_names

LONGEST_TITLE = 80
PRESETS: dict[str, tuple[str, float | None]] = {
    "baseline": ("baseline", None),
    "neither": ("neither", None),
    "national-minimum": ("national-minimum", None),
    "plan": ("plan", None),
    "action-1": ("action-1-citizenship", None),
    "action-2": ("action-2-potential-areas", None),
    "action-3": ("action-3-metropolitan-circles", None),
    "action-4": ("action-4-urban-renewal", None),
    "action-5": ("action-5-funds-and-land", None),
    "plan-30": ("plan", 0.3),
    "plan-50": ("plan", 0.5),
    "plan-100": ("plan", 1.0),
}
"""Scenarios to run as they are or to begin from: the file, and the share of measures delivered if it is given."""
A_SCENARIO = re.compile(r"^(extends|levers|delivery|assumptions)\s*:", re.MULTILINE)
"""What a YAML file that is meant as a scenario holds."""
_OWN: dict[str, Scenario] = {}


@dataclass(frozen=True)
class Pick:
    """One lever as it was chosen.

    Attributes
    ----------
    lever
        Its name.
    magnitude
        Its size at the target date, in its unit.
    start, target
        First month, and the month by whose end it is whole, as 2025-01.
    ramp
        linear from start to target, or step: whole from the first month.
    where
        Names, codes or groups of places; none means where it acts in what is extended, or else in the catalogue.
    rest
        What becomes of places not named where what is extended sets the lever too.
    """

    lever: str
    magnitude: float
    start: str
    target: str
    ramp: Ramp = "linear"
    where: tuple[str, ...] = ()
    rest: Literal["keep", "none"] = "keep"

    @classmethod
    def planned(cls, name: str) -> "Pick":
        """Return a lever as the plan has it."""
        lever = load_catalogue().levers[name]
        return cls(name, lever.planned, lever.start, lever.target, lever.ramp)


@dataclass(frozen=True)
class Reform:
    """A reform as it was chosen.

    Attributes
    ----------
    preset
        What it begins from, a key of `PRESETS` or a file of the user's.
    picks
        The levers changed in it, each once.
    delivery
        Share of its measures that every place delivers; None for that of the preset.
    title
        What it is called; the file's name is made of it.
    """

    preset: str = "plan"
    picks: tuple[Pick, ...] = ()
    delivery: float | None = None
    title: str = ""

    @property
    def extends(self) -> str:
        """The scenario that it extends."""
        return PRESETS.get(self.preset, (self.preset, None))[0]

    @property
    def delivered(self) -> float | None:
        """The share delivered, its own or that of the preset."""
        return PRESETS.get(self.preset, (self.preset, None))[1] if self.delivery is None else self.delivery

    @property
    def as_it_is(self) -> bool:
        """Whether it is what it begins from, unchanged."""
        return not self.picks and self.delivered is None

    @property
    def name(self) -> str:
        """A name that does for a folder and is no shipped scenario's, made of the title."""
        for text in (self.title, f"my-{Path(self.preset).stem}"):
            name = re.sub(r"[^\w.\-]+", "-", unicodedata.normalize("NFC", text)).strip("-._")[:40]
            with suppress(ValueError):
                folder_name(name)
                return f"my-{name}" if name in scenario_names() else name
        return "my-reform"

    def with_pick(self, pick: Pick) -> "Reform":
        """Return the reform with a lever chosen or changed, kept within what it can be."""
        fitted = within_limits(pick)
        known = [one.lever for one in self.picks]
        if pick.lever not in known:
            return replace(self, picks=(*self.picks, fitted))
        return replace(self, picks=tuple(fitted if one.lever == pick.lever else one for one in self.picks))

    def without(self, lever: str) -> "Reform":
        """Return the reform without a lever's change."""
        return replace(self, picks=tuple(one for one in self.picks if one.lever != lever))


@dataclass(frozen=True)
class Understood:
    """A reform as it is understood.

    Attributes
    ----------
    scenario
        The scenario to run; None if the file is wrong.
    words
        What it changes in what it begins from, line by line as `luohu scenario check` says it.
    notes
        What is to be looked at: values outside their range, less where more may be meant, what hardly arrives.
    error
        Why the file is wrong; empty if it is right.
    """

    scenario: Scenario | None
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: str = ""


def beginning(name: str) -> Scenario:
    """Return a scenario to begin from: a file of the user's as it was last read, or one that ships with luohu."""
    return _OWN[name] if name in _OWN else _shipped(name)


@cache
def _shipped(name: str) -> Scenario:
    return load_scenario(name)


def own_scenarios() -> tuple[tuple[str, ...], tuple[UserError, ...]]:
    """Read the user's scenario files: those of the working folder, and of its folder `scenarios`.

    Returns
    -------
    files, problems
        The files that can be begun from, and what is wrong with the others.
    """
    shipped = OWN_SCENARIOS.is_dir() and OWN_SCENARIOS.samefile(SCENARIOS)
    files, problems = [], []
    for path in [
        path
        for folder in (Path(), *[OWN_SCENARIOS] * (not shipped))
        for path in sorted(folder.glob("*.yaml"))
        if path.is_file()
    ]:
        try:
            if A_SCENARIO.search(path.read_text(encoding="utf-8", errors="replace")):
                _OWN[path.as_posix()] = load_scenario(path)
                files.append(path.as_posix())
        except UserError as error:
            problems.append(error)
        except OSError:
            continue  # a folder, or not for this user to read
    return tuple(files), tuple(problems)


def within_limits(pick: Pick) -> Pick:
    """Return a pick with its size within what the lever can be, and its dates in order and within the simulation."""
    lever = load_catalogue().levers[pick.lever]
    first, last = month_number(f"{FIRST_YEAR}-01"), LATEST * 12 - 1
    start = min(max(month_number(pick.start), first), last)
    target = min(max(month_number(pick.target), start), last)
    size = min(max(float(pick.magnitude), lever.hard_min), lever.hard_max)
    return replace(pick, magnitude=round(size, 10), start=_month(start), target=_month(target))


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def slider(lever: Lever) -> tuple[float, float, float]:
    """Return the ends of a lever's slider, nothing and its stated range, and the step between."""
    low, high = min(0.0, lever.low), max(0.0, lever.high)
    return low, high, float(f"{(high - low) / 40:.1g}") if high > low else 0.01


def lever_choices(lang: Lang) -> dict[str, dict[str, str]]:
    """Return the levers that can be set, by clause of the plan: names by what they are called."""
    clauses = load_clauses()
    out: dict[str, dict[str, str]] = {}
    for lever in load_catalogue().settable.values():
        title = clauses[lever.clause].title if lever.clause in clauses else None
        head = lever.clause if title is None else f"{lever.clause} {title.said.to(lang)}"
        out.setdefault(head, {})[lever.title.said.to(lang)] = lever.name
    return out


@cache
def place_choices(lang: Lang) -> Mapping[str, str]:
    """Return the words that name places in a file by what a list shows: groups, prefectures, counties."""
    out: dict[str, str] = {}
    for name, group in load_groups().items():
        out[f"{group.title.said.to(lang)} ({len(group.places)})"] = name
    known = place_names.known_places()
    kinds = {code: (known[code].kind not in ("province", "prefecture"), code) for code in known if in_hebei(code)}
    for code in sorted(kinds, key=lambda one: kinds[one]):
        here, there = (place_names.unique_name(code, one) for one in sorted(LANGS, key=lambda one: one != lang))
        out[f"{here} {there}"] = here
    return out


def place_shown(word: str, lang: Lang) -> str:
    """Return what a list shows for a word that names places, in whichever language it was chosen."""
    other: Lang = "en" if lang == "zh" else "zh"
    here, there = place_choices(lang), place_choices(other)
    shown = dict(zip(there.values(), here, strict=True)) | {found: text for text, found in here.items()}
    return shown.get(word, word)


def place_word(given: str, lang: Lang = "en") -> str:
    """Return the word that stands for places in a file: of the list, or any other that means some.

    Raises
    ------
    UserError
        If it means none; the sentence names the nearest.
    """
    word = place_choices(lang).get(given, given.strip())
    nowhere = Document(Path("places"), {}, {})
    try:
        Finder(as_places(), nowhere, {}, []).find(Where.model_validate({"places": [word]}), ())
    except UserError as error:
        found = _without_path(spoken(error.message, lang), nowhere.path)
        sentence = found[:1].upper() + found[1:]
        raise UserError(sentence) from None
    except ValueError:
        raise UserError("A place is a name such as 正定县 or a code such as 130123.") from None
    return word


def yaml_text(reform: Reform) -> str:
    """Return the scenario file of a reform."""
    title = on_one_line({lang: label(reform, lang) for lang in LANGS})
    plain = CommentedMap(name=reform.name, title=title, extends=reform.extends)
    inherited = beginning(reform.extends).levers
    levers = CommentedMap()
    for pick in reform.picks:
        lever = load_catalogue().levers[pick.lever]
        block = CommentedMap(magnitude=pick.magnitude, start=pick.start, target=pick.target, ramp=pick.ramp)
        if pick.where:
            block["where"] = _flow_list(pick.where)
            if lever.name in inherited:
                block["rest"] = pick.rest
        levers[lever.name] = block
        levers.yaml_add_eol_comment(f"{lever.id} {lever.title.zh} | {lever.title.en} ({lever.range_text})", lever.name)
    if levers:
        plain["levers"] = levers
    if reform.delivered is not None:
        plain["delivery"] = reform.delivered
    return as_file(plain)


def _flow_list(words: tuple[str, ...]) -> CommentedSeq:
    flow = CommentedSeq(int(word) if re.fullmatch(r"[1-9]\d{5}", word) else word for word in words)
    flow.fa.set_flow_style()
    return flow


def understood(reform: Reform, lang: Lang = "en") -> Understood:
    """Read a reform's file as `luohu scenario check` does, and tell what it means."""
    parent = beginning(reform.extends)
    if reform.as_it_is:
        return Understood(parent, notes=tuple(spoken(note, lang) for note in parent.warnings))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{reform.name}.yaml"
        path.write_text(yaml_text(reform), encoding="utf-8")
        try:
            scenario = load_scenario(path)
        except UserError as error:
            return Understood(None, error=_without_path(spoken(error.message, lang), path))
    usual = held_back(parent)
    warned = [*scenario.warnings, *doubts(scenario, parent), *hardly_arrives(scenario, parent)]
    warned += [note for note in held_back(scenario) if note not in usual]
    words = tuple(spoken(line, lang) for line in (*in_words(scenario, parent), *beside_levers(scenario, parent)))
    return Understood(scenario, words, tuple(_without_path(spoken(note, lang), path) for note in warned))


def _without_path(sentence: str, path: Path) -> str:
    """Drop the file and line that a sentence begins with: the file exists nowhere yet."""
    return re.sub(rf"^\S*{re.escape(path.name)}:\d+[:：]\s*", "", sentence)


def label(reform: Reform, lang: Lang) -> str:
    """Return what files, lists and charts call a reform: its title, or what it begins from and how that is changed."""
    own = " ".join("".join(one if one.isprintable() else " " for one in reform.title).split())[:LONGEST_TITLE]
    if own:
        return own
    title = without_brackets(beginning(reform.extends).title[lang])
    more = []
    if reform.delivered is not None:
        more.append(translate("dashboard_delivered", lang).format(percent=f"{reform.delivered:.0%}"))
    if reform.picks:
        key = "dashboard_changed_one" if len(reform.picks) == 1 else "dashboard_changed"
        more.append(translate(key, lang).format(count=len(reform.picks)))
    return ("，" if lang == "zh" else ", ").join([title, *more])


def save(reform: Reform) -> Path:
    """Write a reform's file into the folder of the user's own scenarios.

    Raises
    ------
    UserError
        If another file of that name is there, or it cannot be written.
    """
    text = yaml_text(reform)
    path = OWN_SCENARIOS / f"{reform.name}.yaml"
    try:
        if path.exists() and path.read_bytes() != text.encode():
            raise UserError("{path} exists already; give the reform another name.", path=path)
        OWN_SCENARIOS.mkdir(exist_ok=True)
        write_text(path, text)
    except OSError as error:
        raise UserError(
            "{path} cannot be written ({reason}); download the file instead.", path=path, reason=error.strerror
        ) from None
    return path
