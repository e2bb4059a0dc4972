"""Every notebook runs to its end, cell by cell, and shows what its cells end in.

They run in one process, each in a namespace of its own, and a run that two of them ask for is made once. `make test`
gives the first a kernel of its own as well, `make notebooks` each of them.
"""

import ast
import io
import json
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

from sim.policy import Scenario
from sim.runner import ensemble

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def made():
    """Runs by scenario and options, as they were made."""
    return {}


@pytest.fixture
def as_in_jupyter(monkeypatch, made):
    """The folder, pictures and runs of notebooks; gives what shows a value, and the pictures shown."""
    monkeypatch.chdir(FOLDER)
    matplotlib.use("agg")
    pictures, real = [], ensemble.run

    def show():
        for number in plt.get_fignums():
            buffer = io.BytesIO()
            plt.figure(number).savefig(buffer, format="png", bbox_inches="tight")
            pictures.append(buffer.getvalue())
        plt.close("all")

    def run(scenario, options, progress=None):
        text = scenario.as_dict() if isinstance(scenario, Scenario) else str(scenario)
        asked = json.dumps([text, repr(options)], default=str, ensure_ascii=False)
        if asked not in made:
            made[asked] = real(scenario, options, progress)
        kept = made[asked]
        tables = {name: table.copy() for name, table in kept.tables.items()}
        return ensemble.Output(
            kept.panel.copy(), kept.flows.copy(), kept.households.copy(), tables, dict(kept.manifest)
        )

    monkeypatch.setattr(plt, "show", show)
    monkeypatch.setattr(ensemble, "run", run)
    yield DisplayFormatter().format, pictures, show
    plt.close("all")
    matplotlib.rcdefaults()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_to_its_end(name, as_in_jupyter):
    show_value, pictures, show = as_in_jupyter
    notebook = nbformat.read(FOLDER / name, as_version=4)
    nbformat.validate(notebook)
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert cells and not any(line.lstrip().startswith(("%", "!")) for cell in cells for line in cell.splitlines())
    space = {"__name__": "__main__"}
    for number, source in enumerate(cells, start=1):
        where = f"{name}, cell {number}"
        body = ast.parse(source, where)
        last = body.body.pop() if isinstance(body.body[-1], ast.Expr) and not source.rstrip().endswith(";") else None
        exec(compile(body, where, "exec"), space)
        value = None if last is None else eval(compile(ast.Expression(last.value), where, "eval"), space)
        if value is not None:
            shown, _ = show_value(value)
            assert shown["text/plain"].strip() and ("text/html" in shown or not hasattr(value, "_repr_html_")), where
        show()
    assert len(pictures) >= sum("plt.show()" in cell for cell in cells)
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert Path.cwd() == FOLDER
