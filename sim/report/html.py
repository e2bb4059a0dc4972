"""The report: one HTML file that needs nothing else, with its figures and tables beside it."""

import base64
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from sim.errors import UserError
from sim.experiments.compare import MIN_DRAWS, MIN_SEEDS, Comparison, compare
from sim.experiments.scorecard import scorecard
from sim.report import tables
from sim.report.extras import Extras
from sim.report.figures import Pictures
from sim.report.fonts import embedded
from sim.report.scorecard import scorecard_table
from sim.report.tables import LANGS, Both, both
from sim.report.words import LIMITS
from sim.results.names import Lang
from sim.results.reader import Result

PROVENANCE = ("scale", "engine", "created", "seconds", "peak_memory_mb", "command", "code_hash")


def write_report(
    base: Result,
    reform: Result | None,
    out: str | Path,
    lang: Lang = "en",
    extras: Extras | None = None,
    year: int = 2028,
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

    Returns
    -------
    Path
        The HTML file.

    Raises
    ------
    UserError
        If the runs do not hold the year, or the folder cannot be written.
    """
    comparison = compare(base, reform or base)
    extras = extras or Extras()
    if year not in base.years:
        raise UserError(f"{base.name} holds no year {year}; it goes from {base.years[0]} to {base.years[-1]}.")
    start = base.years[0]  # asking for years has read the panel, once for all that follows
    out = Path(out)
    try:
        (out / "figures").mkdir(parents=True, exist_ok=True)
        outcomes = comparison.headline("en", year)
        tables.write_csv(comparison, outcomes, extras, year, out / "tables")
        images: dict[str, dict[str, str]] = {}
        for one in LANGS:
            for name, picture in Pictures(comparison, extras, one, start, year).all():
                (out / "figures" / f"{name}.{one}.png").write_bytes(picture)
                images.setdefault(name, {})[one] = base64.b64encode(picture).decode("ascii")
        contents = _contents(comparison, outcomes, extras, start, year)
        page = _render(contents | {"images": images, "lang": lang})
        report = out / "report.html"
        report.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UserError(f"The report cannot be written to {out}: {error.strerror}.") from error
    return report


def _contents(comparison: Comparison, outcomes: pd.DataFrame, extras: Extras, start: int, year: int) -> dict[str, Any]:
    """Gather all that the page shows but its pictures."""
    base, reform = comparison.base, comparison.reform
    results = [base] if base is reform else [base, reform]
    names = {one: {"base": base.title(one), "reform": reform.title(one), "start": start, "year": year} for one in LANGS}
    draws = min(len(result.draws) for result in results)
    residents, urban = tables.prefectures(comparison, start, year)
    return {
        "names": names,
        "single": base is reform,
        "draws": draws,
        "needed": MIN_DRAWS,
        "seeds": _count(base.manifest.get("seeds")),
        "needed_seeds": MIN_SEEDS,
        "headline": tables.headline(comparison, outcomes),
        "prefecture_heads": [tables.titled(name) for name in ("residents", "urban_share")],
        "residents": residents,
        "urban": urban,
        "potential": tables.potential(comparison, year),
        "scorecard": None if base is reform else scorecard_table(scorecard(comparison)),
        "evidence": tables.evidence(extras),
        "in_place": tables.in_place(extras, year),
        "decomposition": extras.decomposition,
        "assumptions": tables.assumptions(comparison),
        "limits": LIMITS,
        "warnings": list(dict.fromkeys(text for result in results for text in result.manifest.get("warnings", ()))),
        "provenance": _provenance(results, extras),
        "manifests": [(result.name, result.manifest) for result in results],
    }


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
    folder = files("sim.report") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(pair=_pair, sentence=_sentence, both=both)
    template = environment.from_string((folder / "report.html.j2").read_text(encoding="utf-8"))
    style = Markup((folder / "report.css").read_text(encoding="utf-8"))
    bare = template.render(contents | {"images": {}, "style": style, "font": ""})
    return template.render(contents | {"style": style, "font": embedded([bare])})


def _pair(texts: Both) -> Markup:
    """Mark up one text in both languages; the page shows one of them."""
    if texts[0] == texts[1]:
        return escape(texts[0])
    return Markup('<span class="en" lang="en">{}</span><span class="zh" lang="zh">{}</span>').format(*texts)


def _sentence(key: str, names: dict[str, dict[str, Any]], **more: Any) -> Markup:
    """Mark up a sentence of the report, with what differs between the languages filled in."""
    english, chinese = (both(key, **names[one], **more)[i] for i, one in enumerate(LANGS))
    return _pair((english, chinese))


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
