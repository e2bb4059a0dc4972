"""The table of first results in README.md and README.zh.md, from a projection: it says what the runs say.

`make reference` writes it between the marks ``<!-- first results -->`` and ``<!-- end -->``.
"""

from pathlib import Path

import pandas as pd

from sim.analysis.compare import Comparison
from sim.errors import UserError
from sim.results.indicator_names import Lang

PAGES: dict[Lang, str] = {"en": "README.md", "zh": "README.zh.md"}
ROWS = (
    "130000.residents", "130000.urban_share", "130000.net_migration", "130000.public_school_share",
    "130000.school_shortage", "130000.entitlement_index", "130000.children_left_behind", "130000.unemployment",
    "potential-counties.growth_since_2020",
)  # fmt: skip
"""Outcomes of `sim.results.headline` that the table holds, in its order."""
HEADS: dict[Lang, tuple[str, ...]] = {
    "en": ("outcome of {year}", "without the plan", "with the plan", "difference", "90 % interval over draws"),
    "zh": ("{year}年", "无方案", "有方案", "差异", "90%区间（参数抽样）"),
}
COLUMNS = ("baseline", "reform", "difference", "interval")
BEGIN, END = "<!-- first results -->\n", "<!-- end -->\n"


def table(comparison: Comparison, lang: Lang, year: int) -> str:
    """Return the table of first results in Markdown; doubtful differences are marked as everywhere."""
    keys = comparison.headline(lang, year)["key"]
    shown = comparison.text(lang, year).set_index(pd.Index(keys)).reindex(ROWS).dropna(how="all")
    heads = [head.format(year=year) for head in HEADS[lang]]
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    comma = "，" if lang == "zh" else ", "
    for row in shown.to_dict("records"):
        name = f"{row['outcome']}{comma}{row['unit']}" if row["unit"] else row["outcome"]
        lines.append(
            f"| {name} | " + " | ".join(row[c] for c in ("baseline", "reform", "difference", "interval")) + " |"
        )
    return "\n".join(lines) + "\n"


def write(comparison: Comparison, root: Path, year: int) -> None:
    """Put the table into the pages below `root`."""
    for lang, name in PAGES.items():
        page = root / name
        before, mark, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not mark or not end:
            raise UserError(
                "{page} has no place for the table; put the lines {begin} and {end} there.",
                page=page,
                begin=BEGIN.strip(),
                end=END.strip(),
            )
        page.write_text(before + mark + table(comparison, lang, year) + end + after, encoding="utf-8")
