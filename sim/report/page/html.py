"""The report: one HTML file that needs nothing else, with its figures and tables beside it."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from sim.analysis import several as side_by_side
from sim.analysis import steps as two_steps
from sim.analysis.compare import MIN_DRAWS, MIN_SEEDS, Comparison, compare, points_word
from sim.analysis.scorecard import scorecard
from sim.errors import UserError
from sim.messages import joined, retold, say
from sim.policy.area_names import Asked, named
from sim.report.figures.fonts import embedded
from sim.report.figures.pictures import Pictures, source_line
from sim.report.locale.scenario_names import scenario_names
from sim.report.locale.translations import LIMITS, SCRIPT
from sim.report.page import costs, shares, tables
from sim.report.page.explorer import LARGER, SHOWN, areas_opened, explorer, of_year, shown_by, together
from sim.report.page.extras import Extras
from sim.report.page.front import Front, front, told_of_counties
from sim.report.page.rolling import rolling, told_of_prefectures
from sim.report.page.scorecard import scorecard_table
from sim.report.page.stories import stories
from sim.report.page.tables import Both, both
from sim.report.page.themes import by_theme
from sim.results.areas import By
from sim.results.contents import adding
from sim.results.headline import Outcome
from sim.results.indicator_names import LANGS, POINTS, Lang, title_of
from sim.results.inputs import differing
from sim.results.reader import Result
from sim.storage.atomic import write_text

SCRIPTS = ("core", "downloads", "explorer", "tables", "counties", "front")
"""Parts of the page's script, in their order."""
SAID = ("difference", "interval", "value", "area", "prefecture", *(f"level_{by}" for by in ("place", *LARGER)))
"""Words of the page that its script says too."""
PROVENANCE = ("scale", "engine", "created", "seconds", "peak_memory_mb", "command", "code_hash")


def write_report(
    base: Result,
    reform: Result | None,
    out: str | Path,
    lang: Lang = "en",
    extras: Extras | None = None,
    year: int = 2028,
    anyway: bool = False,
    place: Asked | None = None,
    overwrite: bool = False,
) -> Path:
    """Write `report.html`, `figures/` and `tables/` into a folder.

    Parameters
    ----------
    base
        The run compared with.
    reform
        The run with the policy; None for a report on one run.
    out
        The folder; made if need be.
    lang
        The language shown first; a button in the page shows the other.
    extras
        Runs and figures beside the two.
    year
        The year of the outcomes.
    anyway
        Whether to show runs that differ in more than their scenario; the page says in what.
    place
        The area chosen when the page is opened (a county, a prefecture), or two to stand side by side, by name or
        code; none if None.
    overwrite
        Whether files of these names that luohu is not known to have written are replaced.

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    UserError
        If the runs do not hold the year, the folder cannot be written or holds somebody else's files of these names,
        or a place is unknown or has no page.
    """
    extras, opened = extras or Extras(), areas_opened(place)
    shown = Shown.of(base, reform, year, anyway, extras.beside)
    out = Path(out)
    beside = {"scenarios": side_by_side.headline(extras.beside, "en", year, anyway)} if len(extras.beside) > 2 else {}
    frames = shown.frames() | beside
    pictures = {one: Pictures(shown.comparison, extras, one, shown.start, year) for one in LANGS}
    files_written = ["report.html", *(f"tables/{name}.csv" for name in {**frames, **extras.kept})]
    files_written += [f"figures/{name}.{one}.png" for one, drawn in pictures.items() for name in drawn.drawers()]
    try:
        with adding(out, files_written, overwrite):
            (out / "figures").mkdir(parents=True, exist_ok=True)
            tables.write_csv(frames, extras, out / "tables")
            images: dict[str, dict[str, str]] = {}
            for one, drawn in pictures.items():
                for name, picture in drawn.all():
                    (out / "figures" / f"{name}.{one}.png").write_bytes(picture)
                    if not name.startswith("map_"):  # the page draws these itself
                        images.setdefault(name, {})[one] = base64.b64encode(picture).decode("ascii")
            report = out / "report.html"
            write_text(report, render_page(shown, extras, lang, images, opened))
    except OSError as error:
        raise UserError("The report cannot be written to {out}: {reason}.", out=out, reason=error.strerror) from error
    return report


@dataclass(frozen=True)
class Shown:
    """The numbers of a report, computed once.

    Parameters
    ----------
    comparison
        The two runs; a run compared with itself for a report on one.
    start, year
        First year, and the year of the outcomes.
    outcomes
        The headline outcomes.
    places, prefectures, provinces, groups
        What `sim.report.page.explorer.shown_by` gives.
    steps
        What `sim.analysis.steps.steps` gives of the runs beside; empty without them.
    """

    comparison: Comparison
    start: int
    year: int
    outcomes: pd.DataFrame
    places: dict[str, pd.DataFrame]
    prefectures: dict[str, pd.DataFrame]
    provinces: dict[str, pd.DataFrame]
    groups: dict[str, pd.DataFrame]
    steps: pd.DataFrame = field(default_factory=pd.DataFrame)

    @classmethod
    def of(
        cls, base: Result, reform: Result | None, year: int, anyway: bool = False, beside: Sequence[Result] = ()
    ) -> "Shown":
        """Compare two runs, or one with itself.

        Raises
        ------
        UserError
            If the runs do not hold the year.
        """
        comparison = compare(base, reform or base, anyway)
        if year not in base.years:
            raise UserError(
                "{base} holds no year {year}; it goes from {first} to {last}.",
                base=base.name,
                year=year,
                first=base.years[0],
                last=base.years[-1],
            )
        # asking for years has read the panel, once for all that follows
        outcomes = comparison.headline("en", year)
        levels: list[By] = ["place", "prefecture", "province", "group"]
        by = {level: shown_by(comparison, level) for level in levels}
        stepwise = two_steps.steps(beside, "en", year, anyway)
        return cls(comparison, base.years[0], year, outcomes, by["place"], by["prefecture"], by["province"],
                   by["group"], stepwise)  # fmt: skip

    @property
    def results(self) -> list[Result]:
        """The run or runs shown."""
        base, reform = self.comparison.base, self.comparison.reform
        return [base] if base is reform else [base, reform]

    @property
    def everywhere(self) -> dict[str, pd.DataFrame]:
        """What the explorer shows: counties, then larger areas."""
        return together(self.places, self.provinces, self.prefectures, self.groups)

    def front(self, extras: Extras, card: pd.DataFrame | None) -> Front:
        """Return the answer, the findings and what cannot be told; `card` is the scorecard, None for a single run."""
        return front(self.comparison, self.outcomes, self.places, self.prefectures, self.steps, card, extras,
                     (self.start, self.year))  # fmt: skip

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the tables kept beside the page."""
        frames = {"headline": self.outcomes} | ({} if self.steps.empty else {"steps": self.steps})
        for name, found in (("by_prefecture", self.prefectures), ("by_place", self.places)):
            frames[name] = of_year(found, self.year).rename(columns={"area": "place"})
        groups = [self.comparison.rows(name, "group", self.year) for name in SHOWN]
        if any(len(rows) for rows in groups):
            frames["by_group"] = pd.concat([rows for rows in groups if len(rows)], ignore_index=True)
        return {name: named(frame) for name, frame in frames.items()}


def render_page(
    shown: Shown, extras: Extras, lang: Lang, images: Mapping[str, Mapping[str, str]], opened: Sequence[int | str] = ()
) -> str:
    """Return the page; `images` holds each picture as base64 by name and language, `opened` the areas chosen."""
    return _render(_contents(shown, extras, opened) | {"images": images, "lang": lang})


def _contents(shown: Shown, extras: Extras, opened: Sequence[int | str]) -> dict[str, Any]:
    """Gather all that the page shows but its pictures."""
    comparison, start, year, results = shown.comparison, shown.start, shown.year, shown.results
    base, reform = comparison.base, comparison.reform
    names: dict[str, dict[str, Any]] = {
        one: {**scenario_names(base, reform, one), "start": start, "year": year} for one in LANGS
    }
    draws = min(len(result.draws) for result in results)
    only_futures = {result.name for result in extras.beside} <= set(two_steps.FUTURES)
    stepwise = None if shown.steps.empty else tables.steps(shown.steps, extras.beside)
    source: Both = (source_line(results, "en"), source_line(results, "zh"))
    card = None if base is reform else scorecard(comparison)
    return {
        "front": shown.front(extras, card),
        "names": names,
        "single": base is reform,
        "draws": draws,
        "needed": MIN_DRAWS,
        "seeds": _count(base.manifest.get("seeds")),
        "needed_seeds": MIN_SEEDS,
        "headline": by_theme(tables.headline(comparison, shown.outcomes), shown.outcomes),
        "county_told": told_of_counties(extras),
        "steps": stepwise,
        "several": None if stepwise and only_futures else tables.several(extras.beside, year, comparison.anyway),
        "source": source,
        "prefectures": tables.prefectures(comparison, shown.prefectures, start, year),
        "moves": tables.moves(comparison, start, year),
        "stages": tables.stages(comparison, year),
        "potential": tables.potential(comparison, year),
        "scorecard": None if card is None else scorecard_table(card),
        "evidence": tables.evidence(extras),
        "in_place": tables.in_place(extras, year),
        "costs": costs.costs(extras),
        "delivery": _delivery(extras),
        "split": shares.shares(extras),
        "explored": [name for name in ("depends", "misses") if getattr(extras, name)],
        "hindcast": tables.hindcast(extras),
        "rolling": rolling(extras),
        "rolling_last": None if extras.nowcast is None else int(extras.nowcast["year"].max()),
        "record_told": told_of_prefectures(extras),
        "assumptions": tables.assumptions(comparison),
        "limits": LIMITS,
        "warnings": _warnings(comparison, results, extras),
        "provenance": _provenance(results, extras),
        "manifests": [(result.name, result.manifest) for result in results],
        "numbers": Markup(
            explorer(base.years, shown.everywhere, base is reform, year, stories(comparison, start, year), opened)
        ),
        "phrases": _phrases(comparison, names, source, draws, extras),
    }


def _delivery(extras: Extras) -> dict[str, str]:
    """Return the numbers of the sentence on delivery; empty without them."""
    rows = [] if extras.delivery is None else extras.delivery.to_dict("records")
    row = next((one for one in rows if one["key"] == Outcome("residents").key), None)
    if row is None:
        return {}
    shares = {name: f"{100 * row[name]:.0f}" for name in ("share", "low", "high")}
    return {"draws": str(row["draws"]), "more": f"{round(row['per_tenth'], -3):+,.0f}", **shares}


def _warnings(comparison: Comparison, results: list[Result], extras: Extras) -> list[Both]:
    """Return what the runs warn of, how they differ besides the scenario, and how the runs that split the effect do."""
    told = [text for result in results for text in result.manifest.get("warnings", ())]
    if comparison.unlike:
        told.insert(0, say("Not only the scenario differs: {unlike}.", unlike=joined(comparison.unlike, "; ")))
    for split in extras.split_runs[:1]:
        theirs, ours = (one.manifest.get("inputs") or {} for one in (split, comparison.base))
        if other := differing(theirs, ours, but=("scenario", "scale")):
            unlike = joined(other, "; ")
            told.insert(
                0,
                say(
                    "The effect was split by runs not like these ({other}); run `luohu decompose` again.", other=unlike
                ),
            )
    found = dict.fromkeys([*told, *([comparison.pairing] if comparison.pairing else [])])
    return [(str(text), retold(text, "zh")) for text in found]


def _phrases(
    comparison: Comparison, names: dict[str, dict[str, Any]], source: Both, draws: int, extras: Extras
) -> Markup:
    """Return what the page's script says, in both languages, as JSON."""
    said = {key: [text.replace("{scenario}", names[one]["base"]) for one, text in zip(LANGS, pair, strict=True)]
            for key, pair in SCRIPT.items()}  # fmt: skip
    for side in ("base", "reform"):
        said[side] = [names[one][side] for one in LANGS]
    for key in SAID:
        said[key] = list(both(key))
    said["county_caveat"], said["area_caveat"] = list(told_of_counties(extras)), list(told_of_prefectures(extras))
    said["points"] = [POINTS[one] for one in LANGS]
    said["less"] = [both("less", **names[one])[i] for i, one in enumerate(LANGS)]
    said["title"] = [both("title", **names[one])[i] for i, one in enumerate(LANGS)]
    said["source"] = list(source)
    shown = both(points_word(comparison.base))
    said["map_note"] = [text.replace("{points}", word) for text, word in zip(said["map_note"], shown, strict=True)]
    if draws >= MIN_DRAWS or _count(comparison.base.manifest.get("seeds")) >= MIN_SEEDS:
        del said["blind"]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))


def _provenance(results: list[Result], extras: Extras) -> list[tuple[Both, list[str]]]:
    """Return the rows of the table on where the numbers come from, one column a run."""
    rows = [(both(key), [_text(result.manifest.get(key)) for result in results]) for key in PROVENANCE]
    rows.insert(1, (both("draws"), [str(len(result.draws)) for result in results]))
    rows.insert(2, (both("seeds"), [_text(result.manifest.get("seeds")) for result in results]))
    rows.append((both("versions"), [_pairs(result.manifest.get("versions")) for result in results]))
    rows.append((both("data_hashes"), [_pairs(result.manifest.get("data_hashes")) for result in results]))
    if extras.command:
        rows.append((both("report_command"), [extras.command] * len(results)))
    return rows


def _render(contents: dict[str, Any]) -> str:
    """Fill the template twice: once to learn which letters it needs, once with the font cut to them."""
    folder = files("sim.report.page") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(pair=_pair, stressed=_stressed, sentence=_sentence, both=both, alt=_alt)
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    own = {part: Markup((folder / name).read_text(encoding="utf-8"))
           for part, name in (("style", "report.css"),)}  # fmt: skip
    own["script"] = Markup("\n".join((folder / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS))
    unseen = {name: dict.fromkeys(LANGS, "") for name in contents["images"]}
    bare = template.render(contents | own | {"images": unseen, "font": ""})
    return template.render(contents | own | {"font": embedded([bare])})


def _pair(texts: Both) -> Markup:
    """Mark up one text in both languages; the page shows one of them, and breaks no line before a %."""
    texts = texts[0].replace(" %", "\u00a0%"), texts[1]
    if texts[0] == texts[1]:
        return escape(texts[0])
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh">{}</span>').format(*texts)


def _stressed(texts: Both, parts: Both) -> Markup:
    """Mark up a text in both languages with a part of it stressed; none if the part is empty."""
    said = [
        Markup("<strong>{}</strong>").format(part).join(map(escape, text.split(part, 1))) if part else escape(text)
        for text, part in zip(texts, parts, strict=True)
    ]
    return _pair((said[0], said[1]))


def _sentence(key: str, names: dict[str, dict[str, Any]], **more: Any) -> Markup:
    """Mark up a sentence of the report, with what differs between the languages filled in."""
    english, chinese = (both(key, **names[one], **more)[i] for i, one in enumerate(LANGS))
    return _pair((english, chinese))


def _alt(picture: str, names: dict[str, dict[str, Any]]) -> Both:
    """Say in both languages what a picture shows, for those who cannot see it."""
    for kind in ("fan_", "depends_"):
        if picture.startswith(kind):
            titles = (title_of(picture.removeprefix(kind), "en"), title_of(picture.removeprefix(kind), "zh"))
            key = "alt_fan" if kind == "fan_" else "alt_depends"
            return both(key, title=titles[0])[0], both(key, title=titles[1])[1]
    said = [both(f"alt_{picture}", **names[one])[i] for i, one in enumerate(LANGS)]
    return said[0], said[1]


def _text(value: Any) -> str:
    """Write a value of the manifest."""
    if value is None:
        return "–"
    return ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)


def _pairs(value: Any) -> str:
    """Write a mapping of the manifest on one line; hashes are cut to twelve digits."""
    if not isinstance(value, dict):
        return _text(value)
    return "; ".join(f"{key} {str(item)[:12]}" for key, item in value.items())


def _count(value: Any) -> int:
    """Return how many: manifests hold either a count or the list itself."""
    return len(value) if isinstance(value, list) else int(value or 0)
