"""Links lead somewhere, commands that pages name exist with their options, the site loads nothing from elsewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from sim.cli import app
from sim.policy import load_scenario

ROOT = Path(__file__).resolve().parents[2]
TOP = ["README.md", "README.zh.md", "MODEL.md", "CONTRIBUTING.md"]
PAGES = [*(ROOT / name for name in TOP), *sorted(ROOT.glob("docs/**/*.md"))]
FENCE = re.compile(r"^```\w*\n(.*?)^```", flags=re.M | re.S)
PROGRAMS = ("luohu", ".venv/bin/luohu")


def links(text):
    """Targets of Markdown links and pictures, code left out."""
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S))


def slug(heading):
    """The anchor of a heading, as Python-Markdown makes it."""
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower())


def command_of(words):
    """The command that these words begin with, and the words that are left."""
    found, rest = typer.main.get_command(app), list(words)
    while rest and rest[0] in getattr(found, "commands", {}):
        found = found.commands[rest.pop(0)]
    return found, rest


@pytest.mark.parametrize("name", TOP)
def test_links_of_the_top_pages_lead_somewhere(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = [target for target in links(text) if not target.startswith("http")]
    assert targets or name == "CONTRIBUTING.md"
    for target in targets:
        path, _, anchor = target.partition("#")
        file = ROOT / path if path else ROOT / name
        assert file.exists(), f"{name} links to {target}"
        if anchor:
            heads = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), flags=re.M)
            assert anchor in {slug(head) for head in heads}, f"{name} links to {target}"


def commands(text):
    """Commands of `luohu` in fenced blocks and in `code style`, as lists of words."""
    code = [line.split("#")[0] for block in FENCE.findall(text) for line in block.splitlines()]
    code += re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    for line in code:
        words = line.split()
        if len(words) > 1 and words[0] in PROGRAMS:
            yield words[1:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page):
    for words in commands(page.read_text(encoding="utf-8")):
        command, rest = command_of(words)
        names = [word for word in rest if word.isalpha() and word.islower()]
        if hasattr(command, "commands"):
            assert not names, f"{page.name} names `luohu {' '.join(words)}`"
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        unknown = [word for word in rest if word.startswith("--")]
        unknown = [word for word in unknown if word.split("=")[0] not in options | {"--help", "--version", "--debug"}]
        assert not unknown, f"{page.name}: `luohu {' '.join(words)}` has no {', '.join(unknown)}"


def test_commands_are_found():
    found = [words for page in PAGES for words in commands(page.read_text(encoding="utf-8"))]
    assert len(found) > 60
    assert ["runs", "query"] in [words[:2] for words in found]


def test_renamed_modules_are_where_the_changelog_says():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    moved = re.findall(r"^\| module \| `([\w.]+)` \| `([\w.]+)` \|", text, flags=re.M)
    assert len(moved) > 100
    for _, now in moved:
        path = ROOT / now.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), now


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built strictly and with no proxy to reach."""
    out = tmp_path_factory.mktemp("site")
    offline = {**os.environ, "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "--strict", "-d", str(out)]
    done = subprocess.run(command, cwd=ROOT, env=offline, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_site_loads_nothing_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) > 40
    loads = (
        r"""<(?:script|img|iframe)[^>]* src=["']?(?:https?:)?//|<link[^>]*rel=["']?stylesheet[^>]*https?://|@import"""
    )
    for page in pages:
        assert not re.search(loads, page.read_text(encoding="utf-8")), page


def test_tables_of_the_site_are_filled(site):
    for name, word in {
        "reference/commands": "luohu scenario check",
        "reference/levers": "seats_compulsory",
        "reference/results": "elsewhere_intra_city",
        "model/assumptions": "total_fertility_rate",
        "model/equations": "sim/kernels/choice.py:choose",
        "reference/python": "paired by",
    }.items():
        assert word in (site / f"{name}.html").read_text(encoding="utf-8"), name


SCENARIOS = [
    (str(page.relative_to(ROOT)), code)
    for page in PAGES
    for code in re.findall(r"^```yaml\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    if "extends:" in code
]


@pytest.mark.parametrize(("page", "code"), SCENARIOS)
def test_scenarios_of_the_pages_are_right(page, code, tmp_path):
    path = tmp_path / "example.yaml"
    named = code if "name:" in code else f"name: example\ntitle: {{en: Example, zh: 例}}\n{code}"
    path.write_text(re.sub(r"^name: .*$", "name: example", named, flags=re.M), encoding="utf-8")
    scenario = load_scenario(path)
    assert scenario.levers


def test_scenarios_are_found():
    assert {page for page, _ in SCENARIOS} >= {"docs/scenarios.md", "docs/tutorial.md", "docs/zh/tutorial.md"}
