"""`make published`: published effects P1 to P16 run as experiments in the model, measured, printed and recorded.

How each is measured was written down from the paper's design before it was measured; a miss is a finding and stays.
Exit code 0 when all was measured, whatever the verdicts.
"""

import argparse
import os
import subprocess
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from typing import NamedTuple

from sim.storage.paths import ROOT

OUT = ROOT / "docs" / "published.md"
NOTES = "\n## Notes\n"  # written by hand, kept when the table is made anew


class Paper(NamedTuple):
    """Where the experiment stands (module of `effects`), what was published, by whom, and how the number is known."""

    module: str
    found: str
    source: str
    status: str


PAPERS = {
    "P1": Paper("wedges", "income elasticity of migration stocks 1.5", "Tombe and Zhu 2019, table 4, from a reading "
                "note and a parameter file", "S"),
    "P2": Paper("wedges", "migration costs fell by 18 % in 2000-05; the range of the answer is ours",
                "Tombe and Zhu 2019, note", "S"),
    "P3": Paper("wedges", "migration within the province nearly doubles, output -2.4 %", "Tombe and Zhu 2019, note",
                "S"),
    "P4": Paper("opening", "migrants more than 50 % up at given prices, 6-9 % in equilibrium",
                "Gai, Guo, Li, Shi and Zhu 2021, abstract", "S"),
    "P5": Paper("opening", "migrants' wages -2.6 to -7.9 %, natives' not below 0",
                "An, Qin, Wu and You 2024, abstract", "S"),
    "P6": Paper("opening", "more for the young and the low and middle skilled, for five years and more",
                "283-city study of hukou reform, abstract", "S"),
    "P7": Paper("families", "parents and children move more, fewer are left behind, low-skill families from small "
                "cities gain most", "Huang 2021, VoxChina 259", "S"),
    "P8": Paper("families", "hourly wage of accompanying parents about -16 %", "Xing and Zhang 2022, abstract", "S"),
    "P9": Paper("places", "insecure land keeps 40 points more households on farms",
                "Adamopoulos et al. 2024; Huangfu et al. 2024", "S"),
    "P10": Paper("places", "house prices, then wages, go up where land is restricted",
                 "Liang, Lu and Zhang 2016; VoxChina 258", "S"),
    "P11": Paper("opening", "Beijing and its neighbours gain", "Ma and Tang 2020, note", "S"),
    "P12": Paper("wedges", "lower migration costs: fewer on farms, smaller regional gaps",
                 "Hao, Sun, Tombe and Zhu 2020, abstract", "S"),
    "P13": Paper("wedges", "own chance to migrate +7.3 points for +10 points of co-villagers",
                 "Chen, Jin and Yue 2010", "S"),
    "P14": Paper("opening", "welfare up, inequality between regions down", "Fan 2019; abstract not seen", "M"),
    "P15": Paper("places", "commuters come; local trade need not gain", "AEL 2020; Land 2023 12(4):874", "S"),
    "P16": Paper("families", "migrants pay more than they get; giving services needs higher taxes",
                 "Sieg, Yoon and Zhang 2023, abstract; VoxChina 199", "S"),
}  # fmt: skip
# What shares runs stays together; the longest group comes first.
GROUPS = (("P4",), ("P5", "P6"), ("P2", "P3", "P12"), ("P7", "P8", "P16"), ("P1",), ("P13",), ("P9",), ("P11",),
          ("P14",), ("P10",), ("P15",))  # fmt: skip


def measure(names, size):
    """Rows of several experiments, in one process."""
    from importlib import import_module

    warnings.filterwarnings("ignore")
    rows = []
    for name in names:
        rows += getattr(import_module(f"calibration.validation.effects.{PAPERS[name].module}"), name.lower())(size)
    return rows


def markdown(rows):
    """The table in Markdown; what was published and where stands at an experiment's first line."""
    lines = [
        "| id | experiment | measured | published | tolerance | source | status | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    last = None
    for row in rows:
        paper = PAPERS[row.test]
        found, source, status = (paper.found, paper.source, paper.status) if row.test != last else ("", "", "")
        lines.append(f"| {row.test} | {row.what} | {row.measured} | {found} | {row.target} | {source} | {status} | "
                     f"{row.verdict} |")  # fmt: skip
        last = row.test
    return "\n".join(lines)


def page(rows, size, seconds, notes):
    """The text of `docs/published.md`."""
    missed = sum(row.met is False for row in rows)
    state = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    told = (
        f"Made by `make published` on {date.today()}, version {version('luohu')} ({state.stdout.strip() or 'no git'}): "
        f"{len(rows)} lines, {missed} misses, {seconds:.0f} seconds.\n"
        f"Scale {size.scale:g}, central parameters, seeds {', '.join(map(str, size.seeds))}, the same in both runs of "
        f"a pair; long experiments run\nfrom 2020 to {size.until}.\n\n"
        "Measured: the mean over seeds, with its standard error in brackets; P1 across places has the error of the\n"
        "regression. A sign counts where it is two standard errors from zero. Errors are those of chance alone:\n"
        "parameters and assumptions stay at their central values. Status: S the number was seen at the source named,\n"
        "M it is from memory."
    )
    return f"# Published effects\n\n{told}\n\n{markdown(rows)}\n{notes}"


def main():
    """Measure, print, record."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    asked.add_argument("--only", choices=list(PAPERS), metavar="P1...P16", help="one experiment; nothing is recorded")
    asked.add_argument("--scale", type=float, help="agents per household")
    given = asked.parse_args()
    if not given.only:  # before Numba is imported
        os.environ.setdefault("NUMBA_NUM_THREADS", str(max((os.cpu_count() or 1) // given.workers, 1)))
    from calibration.validation.effects.runs import Size

    began, size = time.perf_counter(), Size(scale=given.scale) if given.scale else Size()
    if given.only:
        print(markdown(measure([given.only], size)))
        return
    with ProcessPoolExecutor(given.workers) as pool:
        jobs = [pool.submit(measure, group, size) for group in GROUPS]
        rows = [row for job in jobs for row in job.result()]
    order = list(PAPERS)
    rows.sort(key=lambda row: order.index(row.test))
    seconds = time.perf_counter() - began
    print(markdown(rows))
    old = OUT.read_text(encoding="utf-8") if OUT.exists() else ""
    notes = "".join(old.partition(NOTES)[1:])
    OUT.write_text(page(rows, size, seconds, notes), encoding="utf-8")
    print(f"\n{len(rows)} lines, {seconds:.0f} seconds; recorded in {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
