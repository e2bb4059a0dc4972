"""The chapters on the model name functions that exist, and their tables are those of code and data."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from docs import tables
from sim.kernels import layout
from sim.model import parameters
from sim.model.schedule import PROCESSES
from sim.policy.channels import Channel

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "MODEL.md",
    *sorted(ROOT.glob("docs/model/*.md")),
    *sorted(ROOT.glob("docs/concepts/*.md")),
    *sorted(ROOT.glob("docs/*.md")),
]
TEXT = "\n\n".join(page.read_text(encoding="utf-8") for page in PAGES) + "\n\n"
ENTITIES = (ROOT / "docs/model/entities.md").read_text(encoding="utf-8")

MADE = {"scenarios/more-seats.yaml"}  # what a reader makes


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
    named = set(tables.HOLDER.findall(TEXT)) - {("path.py", "function")}
    assert len(named) > 60
    there = {path for path, _ in named if (ROOT / path).exists()}
    missing = [f"{path}:{name}" for path, name in sorted(named) if path not in there or name not in names_in(path)]
    assert not missing, f"the documentation names what is not there: {', '.join(missing)}"


def test_every_file_named_exists():
    """Paths in `code style` that begin with a folder of the repository."""
    named = set(re.findall(r"`((?:sim|calibration|scenarios|tests|docs|notebooks)/[\w./-]+)`", TEXT))
    assert len(named) > 30
    missing = sorted(path for path in named - MADE if not (ROOT / path).exists())
    assert not missing, f"the documentation names what is not there: {', '.join(missing)}"


def test_every_equation_names_its_function():
    """An equation begins with its number in bold; the paragraph that introduces it ends with its function."""
    found = re.findall(r"^\*\*\((\d+\.\d+)\)\*\*(.*?)\n\n", TEXT, flags=re.M | re.S)
    numbers = [number for number, _ in found]
    assert len(numbers) == len(set(numbers))
    asked = {"3.9", "4.1", "4.2", "8.1", *(f"5.{i}" for i in range(1, 8)), *(f"7.{i}" for i in range(1, 6))}
    assert asked <= set(numbers)
    without = [number for number, words in found if not tables.HOLDER.search(words)]
    assert not without, f"equations without a function: {', '.join(without)}"
    listed = re.findall(r"^\| \[(\d+\.\d+)\]", tables.equations(), flags=re.M)
    assert sorted(listed) == sorted(numbers), "docs/tables.py does not list the chapter of an equation"


def test_every_parameter_in_use_stands_in_the_table():
    current = parameters.table().set_index("name")
    written = tables.BLOCK.search((ROOT / "docs/model/parameters.md").read_text(encoding="utf-8"))[0]
    rows = {cells[1].strip().strip("`"): cells for line in written.splitlines() if len(cells := line.split("|")) > 3}
    for name in parameters.USED:
        assert name in rows, f"{name} is missing from docs/model/parameters.md"
        assert float(rows[name][3]) == current.loc[name, "value"], f"{name} has another value in the table"
        assert rows[name][6].strip(), f"{name} has no source and is not called an assumption"


@pytest.mark.parametrize("page", tables.pages(), ids=lambda page: page.name)
def test_kept_tables_are_those_of_code_and_data(page):
    text = page.read_text(encoding="utf-8")
    assert text == tables.filled(text, tables.KEPT), "run `python docs/tables.py` to write the tables anew"


def test_equations_of_processes_are_there():
    numbers = set(re.findall(r"^\*\*\((\d+\.\d+)\)\*\*", TEXT, flags=re.M))
    named = {number for one in PROCESSES for number in re.findall(r"\d+\.\d+", one.equations)}
    assert len(named) > 25
    missing = sorted(named - numbers)
    assert not missing, f"sim/model/schedule.py names equations that no chapter has: {', '.join(missing)}"


@pytest.mark.parametrize("page", ["MODEL.md", "docs/model/index.md"])
def test_the_list_of_chapters_knows_every_equation(page):
    """Ranges such as 5.1-5.9, 5.11-5.22 in the column of equations."""
    written = (ROOT / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[?[^|]*\| ((?:[\d.]+[-, ]*)+) \|", written, flags=re.M)
    listed = set()
    for part in ", ".join(rows).split(", "):
        first, _, last = part.partition("-")
        chapter, begin = first.split(".")
        end = (last or first).split(".")[1]
        listed |= {f"{chapter}.{i}" for i in range(int(begin), int(end) + 1)}
    differ = sorted(listed ^ set(re.findall(r"^\*\*\((\d+\.\d+)\)\*\*", TEXT, flags=re.M)))
    assert not differ, f"{page} lists other equations than the chapters have: {', '.join(differ)}"


def test_the_columns_of_the_state_are_those_of_the_layout():
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d x]+) \|", ENTITIES, flags=re.M))
    assert list(rows) == list(layout.COLUMNS)
    for name, (dtype, width) in layout.COLUMNS.items():
        assert rows[name] == (f"{width} x {dtype().itemsize}" if width else f"{dtype().itemsize}")
    assert f"{layout.bytes_per_household()} bytes a household" in ENTITIES


def test_every_channel_is_read_by_a_process():
    rooms = [path for path in (ROOT / "sim" / "processes").glob("*.py") if path.name != "__init__.py"]
    code = "".join(path.read_text(encoding="utf-8") for path in rooms)
    assert not {channel for channel in Channel if f"Channel.{channel.name}" not in code} - {Channel.DELIVERY}
