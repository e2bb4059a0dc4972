"""MODEL.md names functions that exist, and its table of parameters is the one in the data."""

import ast
import re
from functools import cache
from pathlib import Path

import pandas as pd

from sim.kernels import layout
from sim.model import parameters
from sim.policy.channels import CHANNELS

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "MODEL.md").read_text(encoding="utf-8")
BEGIN, END = "<!-- parameters: begin -->\n", "<!-- parameters: end -->"
HOLDER = re.compile(r"([\w/]+\.py):([A-Za-z_][\w.]*)")


def markdown():
    """The table of coefficients in use as Markdown, sorted by name."""
    lines = ["| name | symbol | value | range | unit | basis | meaning |", "|---|---|---|---|---|---|---|"]
    for row in parameters.table().sort_values("name").itertuples():
        symbol = f"`{row.symbol}`" if pd.notna(row.symbol) else ""
        known = pd.notna(row.low) and pd.notna(row.high)
        basis = row.status if row.source == row.status else f"{row.status}: {row.source}"
        span = f"{row.low:g} to {row.high:g}" if known else ""
        cells = [f"`{row.name}`", symbol, f"{row.value:g}", span, row.unit, basis, row.meaning]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def written():
    """The table as it stands in MODEL.md."""
    return TEXT.split(BEGIN)[1].split(END)[0]


@cache
def names_in(path):
    """Functions, classes and methods (`Class.method`) of a file."""
    out = set()
    for node in ast.parse((ROOT / path).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            out.add(node.name)
        if isinstance(node, ast.ClassDef):
            out |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return out


def test_every_function_named_exists():
    named = set(HOLDER.findall(TEXT)) - {("path.py", "function")}
    assert len(named) > 60
    there = {path for path, _ in named if (ROOT / path).exists()}
    missing = [f"{path}:{name}" for path, name in sorted(named) if path not in there or name not in names_in(path)]
    assert not missing, f"MODEL.md names what is not there: {', '.join(missing)}"


def test_every_equation_names_its_function():
    """An equation begins with its number in bold; the paragraph that introduces it ends with its function."""
    found = re.findall(r"^\*\*\((\d+\.\d+)\)\*\*(.*?)\n\n", TEXT, flags=re.M | re.S)
    numbers = [number for number, _ in found]
    assert len(numbers) == len(set(numbers))
    asked = {"3.9", "4.1", "4.2", "8.1", *(f"5.{i}" for i in range(1, 8)), *(f"7.{i}" for i in range(1, 6))}
    assert asked <= set(numbers)
    without = [number for number, words in found if not HOLDER.search(words)]
    assert not without, f"equations without a function: {', '.join(without)}"


def test_every_parameter_in_use_stands_in_the_table():
    current = parameters.table().set_index("name")
    rows = {cells[1].strip().strip("`"): cells for line in written().splitlines() if len(cells := line.split("|")) > 3}
    for name in parameters.USED:
        assert name in rows, f"{name} is missing from MODEL.md"
        assert float(rows[name][3]) == current.loc[name, "value"], f"{name} has another value in MODEL.md"
        assert rows[name][6].strip(), f"{name} has no source and is not called an assumption"


def test_the_table_is_the_one_in_the_data():
    assert written() == markdown(), "run `python tests/test_model_md.py` to write the table of parameters anew"


def test_the_size_of_a_household_is_the_one_stated():
    assert f"{layout.bytes_per_household()} bytes a household" in TEXT


def test_every_channel_is_read_by_a_process():
    rooms = [path for path in (ROOT / "sim" / "processes").glob("*.py") if path.name != "__init__.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in rooms)
    assert not {name for name in CHANNELS if f'"{name}"' not in code} - {"delivery"}


if __name__ == "__main__":
    before, rest = TEXT.split(BEGIN)
    (ROOT / "MODEL.md").write_text(before + BEGIN + markdown() + END + rest.split(END)[1], encoding="utf-8")
