"""Tables of the documentation that come from code and data, so that nobody types them.

A page holds ``<!-- table: NAME -->`` and ``<!-- end -->``; what stands between them is made anew whenever the
site is built. Tables in `KEPT` are also kept in the page's file, for those who read it without building:
``python docs/tables.py`` writes them, and a test holds them in step.
An equation's number becomes an anchor (``#eq-5-7``).
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd

DOCS = Path(__file__).resolve().parent
BLOCK = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", flags=re.S)
EQUATION = re.compile(r"^\*\*\((\d+)\.(\d+)\)\*\* (.*?)\n\n", flags=re.M | re.S)
HOLDER = re.compile(r"([\w/]+\.py):([A-Za-z_][\w.]*)")
CHAPTERS = (
    "initialisation", "demography", "considering", "destinations", "schools-and-homes", "markets", "hukou", "policy",
    "../concepts/randomness", "calibration", "hindcast", "data",
)  # fmt: skip


def parameters() -> str:
    """Coefficients in use, sorted by name."""
    from sim.model import parameters

    rows = []
    for row in parameters.table().sort_values("name").itertuples():
        symbol = f"`{row.symbol}`" if pd.notna(row.symbol) else ""
        span = f"{row.low:g} to {row.high:g}" if pd.notna(row.low) and pd.notna(row.high) else ""
        basis = row.status if row.source == row.status else f"{row.status}: {row.source}"
        rows.append([f"`{row.name}`", symbol, f"{row.value:g}", span, row.unit, basis, row.meaning])
    return _table(["name", "symbol", "value", "range", "unit", "basis", "meaning"], rows)


def assumptions() -> str:
    """What the plan does not set, with its range, by year where it changes."""
    from sim.policy.assumptions import load_assumptions

    rows = [
        [
            f"`{name}`",
            one.title.en,
            one.title.zh,
            _path(one.value),
            _path(one.low),
            _path(one.high),
            one.unit,
            one.basis,
        ]
        for name, one in load_assumptions().items()
    ]
    return _table(["name", "meaning", "含义", "value", "low", "high", "unit", "basis"], rows)


def levers() -> str:
    """Levers that a scenario can set, in the plan's order."""
    from sim.policy.levers import load_catalogue

    rows = []
    for one in load_catalogue().levers.values():
        if one.settable:
            names = [one.clause, f"`{one.name}`", one.title.en, one.title.zh, one.channel]
            rows.append([*names, one.low, one.default, one.high, one.unit, one.basis])
    return _table(["clause", "lever", "meaning", "含义", "channel", "low", "default", "high", "unit", "basis"], rows)


def processes() -> str:
    """The processes of a year, in their order."""
    from sim.model.schedule import PROCESSES

    rows = [
        [number, one.summary, one.equations, one.reads, one.changes, f"`{one.holder}`"]
        for number, one in enumerate(PROCESSES, start=1)
    ]
    return _table(["", "process", "equations", "looks at", "changes", "function"], rows)


def channels() -> str:
    """The quantities that levers act on."""
    from sim.policy.channels import Channel

    rows = [[f"`{one.name}`", one.en, one.zh, one.unit, one.combine] for one in Channel]
    return _table(["channel", "meaning", "含义", "unit", "several levers"], rows)


def indicators() -> str:
    """Indicators of results by name."""
    from sim.results.indicator_names import UNITS
    from sim.results.registry import INDICATORS

    rows = [
        [f"`{one.name}`", one.en, one.zh, UNITS[one.unit].en, ", ".join(one.zones), one.areas]
        for one in INDICATORS.values()
    ]
    return _table(["indicator", "meaning", "含义", "unit", "zones", "larger areas"], rows)


def figures() -> str:
    """Published figures since the census beside the draws, before and after these were put to them."""
    from sim.results.areas import in_hebei
    from sim.storage.paths import FITTED

    table = pd.read_csv(FITTED / "2020.figures.csv")
    rows = []
    for one in table.sort_values(["measure", "place", "year"], kind="stable").to_dict("records"):
        spans = [
            f"{_thousand(one[f'{when}_median'])} ({_thousand(one[f'{when}_q05'])} to {_thousand(one[f'{when}_q95'])})"
            for when in ("before", "after")
        ]
        inside = "yes" if one["inside"] else "no"
        measure = one["measure"] if in_hebei(one["place"]) else "people of Hebei"
        rows.append([measure.replace("_", " "), one["name"], one["year"], _thousand(one["value"]),
                     *spans, inside, {"fit": "fitted", "score": "scored"}[one["use"]]])  # fmt: skip
    head = ["measure", "place", "year", "published", "draws before", "draws after", "inside", "use"]
    return _table(head, rows)


def numbers() -> str:
    """Headline outcomes of 2028 before the rebuildings and now, without the plan and what it adds."""
    from sim.results.headline import HEADLINE
    from sim.results.indicator_names import UNITS, interval_text, show, unit_of

    known = {outcome.key: outcome for outcome in HEADLINE}
    before = pd.read_csv(DOCS / "numbers_before.csv").set_index("key")
    now = pd.read_csv(DOCS.parent / "results" / "reference" / "headline.csv").set_index("key")
    same = all(now.loc[key, "baseline"] == before.loc[key, "baseline"] for key in before.index if key in now.index)
    rows = []
    for key, old in before.iterrows():
        outcome = known[str(key)]
        unit = unit_of(outcome.indicator)
        cells = [outcome.title("en"), UNITS[unit].compared("en")]
        found = [old, None if same or key not in now.index else now.loc[key]]
        for name, signed in (("baseline", False), ("difference", True)):
            cells += ["to be made" if one is None else show(one[name], unit, "en", signed) for one in found]
            if signed:
                spans = ["" if one is None else interval_text(one["low"], one["high"], unit) for one in found]
                cells[-2:] = [
                    f"{cell} ({span})" if span else cell for cell, span in zip(cells[-2:], spans, strict=True)
                ]
        rows.append(cells)
    heads = ["outcome of 2028", "unit", "baseline before", "baseline now", "plan's effect before", "plan's effect now"]
    return _table(heads, rows)


UNITS_ZH = {
    "chance": "概率", "log points by 2028": "到2028年劳动需求的对数增量", "share of industrial land": "占工业用地",
    "jobs in all": "个岗位，各地合计", "beds per 1000": "张，每千人床位", "share of minutes": "占出行时间",
    "fraction of pension": "占养老金", "fraction of wage": "占工资", "share": "比例", "share of delivery": "占落实率",
    "share of dwellings": "占住房存量",
}  # fmt: skip
AGENTS = 4
"""A difference of fewer simulated persons is none."""
BASIS_ZH = {"data": "有数据来源", "literature": "文献", "assumption": "假设"}
WHY_ZH = {
    "the plan adds nothing to the baseline": "方案中力度为零，不作用",
    "the other levers reach the cap without it, or it is part of another lever": "已含于另一措施或达到上限，不另计",
}


def levers_read() -> str:
    """Levers drawn at random: the plan's sentence, what was made of it, and what the plan loses without it."""
    from sim.policy.first_order import told
    from sim.policy.levers import load_catalogue
    from sim.policy.places import load_groups

    catalogue, groups = load_catalogue().levers, load_groups()
    found = pd.read_csv(DOCS / "lever_sample.csv", keep_default_na=False)
    parts = []
    for number, (name, rows) in enumerate(found.groupby("lever", sort=False), start=1):
        one = catalogue[str(name)]
        where = "全省" if one.where.all else groups[str(one.where.group)].title.zh
        size, low, high = (_size_zh(value, one.unit) for value in (one.planned, one.low, one.high))
        basis = BASIS_ZH[one.basis] + ("" if one.basis == "assumption" else f"（{one.source}）")
        parts.append(
            f"### {number}. {one.title.zh}\n\n> {one.words_zh}（{one.clause}）\n\n"
            f"- 措施：`{name}`，{where}，{one.start[:4]}年起\n"
            f"- 力度：{size}（区间{low}至{high}），{UNITS_ZH[one.unit]}；依据：{basis}\n"
            f"- {told(str(name)).to('zh')}\n- 2028年实测：{_effects_zh(rows)}\n- 评：{one.read_zh}\n\n"
        )
    return "".join(parts)


def _size_zh(value: float, unit: str) -> str:
    shares = unit.startswith(("share", "chance", "fraction", "log"))
    return f"{100 * value:g}%" if shares else f"{value:,g}"


def _effects_zh(rows: pd.DataFrame) -> str:
    """What the plan loses without a lever, in one line; noise is called so."""
    from sim.results.indicator_names import UNITS, show, title_of, unit_of

    if why := rows["why"].iloc[0]:
        return WHY_ZH[why]
    said = []
    for row in rows.to_dict("records"):
        unit = unit_of(row["outcome"])
        noise = show(float(row["noise"]), unit, "zh")
        finest = {"residents": 1.0, "urban_share": 1 / 74e6}.get(row["outcome"], 0.0) * AGENTS / row["scale"]
        doubt = "，小于噪声" if str(row["below_noise"]) == "True" else "，小于分辨率" * (abs(row["effect"]) < finest)
        effect = show(row["effect"], unit, "zh", signed=True)
        said.append(f"{title_of(row['outcome'], 'zh')}{effect}{UNITS[unit].difference('zh')}（种子噪声{noise}{doubt}）")
    return "；".join(said)


def _thousand(persons: float) -> str:
    return f"{persons / 1000:,.0f}"


def equations() -> str:
    """All equations by number, with the functions that hold them."""
    found = []
    for chapter in CHAPTERS:
        text = (DOCS / "model" / f"{chapter}.md").read_text(encoding="utf-8") + "\n\n"
        for major, minor, words in EQUATION.findall(text):
            plain = " ".join(words.split())
            what = re.split(r"(?<=[.;:]) |(?<=\.)$", HOLDER.sub("", plain).replace("``", ""))[0].rstrip(" ,.;:")
            where = ", ".join(f"`{path}:{name}`" for path, name in HOLDER.findall(plain))
            link = f"[{major}.{minor}]({chapter}.md#eq-{major}-{minor})"
            found.append(((int(major), int(minor)), [link, what, where]))
    return _table(["equation", "what", "function"], [row for _, row in sorted(found, key=lambda pair: pair[0])])


def commands() -> str:
    """Every command of `luohu` with its options, as its own help has them."""
    import typer
    from typer.cli import get_docs_for_click

    from sim.cli import app

    command = typer.main.get_command(app)
    text = get_docs_for_click(obj=command, ctx=typer.Context(command), name="luohu")
    return text.split("\n", 1)[1].strip() + "\n"


TABLES: dict[str, Callable[[], str]] = {
    one.__name__: one
    for one in (
        parameters,
        assumptions,
        levers,
        levers_read,
        processes,
        channels,
        indicators,
        figures,
        numbers,
        equations,
        commands,
    )
}
KEPT = ("parameters", "processes", "numbers", "levers_read")


def filled(text: str, names: tuple[str, ...] = tuple(TABLES)) -> str:
    """A page with the tables of these names made anew.

    Raises
    ------
    KeyError
        If a page asks for a table that there is none of.
    """

    def block(match: re.Match[str]) -> str:
        begin, name, end = match.groups()
        return begin + TABLES[name]() + end if name in names else match[0]

    return BLOCK.sub(block, text)


def on_page_markdown(markdown: str, **_: object) -> str:
    """Called by MkDocs for each page: fill its tables, give its equations anchors."""
    return re.sub(r"^(\*\*\((\d+)\.(\d+)\)\*\*)", r'<a id="eq-\2-\3"></a>\1', filled(markdown), flags=re.M)


def pages() -> list[Path]:
    """The files that keep tables."""
    marks = [f"<!-- table: {name} -->" for name in KEPT]
    return [page for page in sorted(DOCS.rglob("*.md")) if any(mark in page.read_text("utf-8") for mark in marks)]


def main() -> None:
    """Write the kept tables into their pages."""
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = filled(before, KEPT)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(page.relative_to(DOCS.parent))


def _table(heads: list[str], rows: list[list[object]]) -> str:
    """A Markdown table."""
    lines = [
        [*heads],
        ["---"] * len(heads),
        *([f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows),
    ]
    return "".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |\n" for line in lines)  # fmt: skip


def _path(value: float | dict[int, float]) -> str:
    """A number, or numbers by year."""
    if isinstance(value, dict):
        return ", ".join(f"{year}: {number:g}" for year, number in value.items())
    return f"{value:g}"


if __name__ == "__main__":
    sys.exit(main())
