"""`make verify`: every S and F test of the specification, markets by county and four thought experiments, measured,
printed and recorded.

Exit code 0 when all was measured, whatever the verdicts: a miss is a finding, not a failure of the command.
"""

import argparse
import os
import subprocess
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from datetime import date

from calibration.validation.measures.rows import Row, markdown
from sim.storage.paths import ROOT

TESTS = {
    "S1": ("same seed and scenario: same bytes", ["test_verify_model.py::test_same_seed_same_bytes"]),
    "S2": ("levers of no magnitude: the baseline's "
           "bytes", ["test_verify_model.py::test_all_levers_at_zero_is_the_baseline"]),
    "S4": ("every change of residents explained, by location and year",
           ["test_verify_model.py::test_accounts_hold_for_eight_years", "test_verify_panel.py"]),
    "S8": ("rental queue in the order of "
           "points", ["../kernels/test_allocation.py::test_rental_queue_respects_points"]),
    "S11": ("order of households does not matter", ["test_verify_model.py::test_order_of_households_does_not_matter"]),
    "S16": ("nothing delivered: the baseline's "
            "bytes", ["test_verify_model.py::test_nothing_delivered_is_the_baseline"]),
    "engines": ("kernel and plain Mesa agents: same bytes", ["test_verify_model.py::test_two_engines_agree"]),
    "demography": ("births, deaths and pyramid against a cohort-component projection written apart",
                   ["test_verify_demography.py"]),
    "clearing": ("properties of cut-offs, by "
                 "hypothesis", ["../kernels/test_allocation.py", "test_verify_clearing.py"]),
}  # fmt: skip
# Those that share the long watched run of the baseline stay together; the longest group comes first.
GROUPS = (
    ("field.f1", "field.f2", "field.f5", "field.f6", "field.f9", "field.f10"),
    ("experiments.hukou",),
    ("renested.f12", "choice.s5", "choice.s6", "choice.s12", "choice.s13"),
    ("runs.s3", "runs.stability", "runs.s7", "runs.s9", "runs.s10", "runs.s14", "runs.s15"),
    ("field.f13", "experiments.ease", "experiments.seats"),
    ("rest.rest", "rest.jumps"),
    ("counties.lines", "counties.shock"),
)
OUT = ROOT / "docs" / "verification.md"


def measure(names):
    """Rows of several measures, in one process."""
    from importlib import import_module

    warnings.filterwarnings("ignore")
    rows = []
    for name in names:
        module, function = name.split(".")
        rows += getattr(import_module(f"calibration.validation.measures.{module}"), function)()
    return rows


def tested(name):
    """Run the pytest tests behind one line."""
    what, ids = TESTS[name]
    paths = [str(ROOT / "tests" / "verification" / i) for i in ids]
    command = [sys.executable, "-m", "pytest", "-o", "addopts=-q", "-p", "no:cacheprovider", *paths]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr.strip()[-80:]
    return [Row(name, what, last.strip("= ").split(" in ")[0], "tests pass", done.returncode == 0)]


def order(row):
    """S tests by number, F tests by number, then the rest as they come."""
    kind, digits = row.test[0], row.test[1:].split(",")[0]
    return (0 if kind == "S" else 1, int(digits)) if kind in "SF" and digits.isdigit() else (2, 0)


def main():
    """Measure, print, record."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    asked.add_argument(
        "--only", help="one measure, such as choice.s5, or one line of tests, such as S1; nothing is recorded"
    )
    given = asked.parse_args()
    began = time.perf_counter()
    if given.only:
        print(markdown(tested(given.only) if given.only in TESTS else measure([given.only])))
        return
    os.environ.setdefault("NUMBA_NUM_THREADS", str(max((os.cpu_count() or 1) // given.workers, 1)))
    with ProcessPoolExecutor(given.workers) as pool:
        jobs = [pool.submit(measure, group) for group in GROUPS] + [pool.submit(tested, name) for name in TESTS]
        rows = sorted((row for job in jobs for row in job.result()), key=order)
    missed = sum(row.met is False for row in rows)
    seconds = time.perf_counter() - began
    print(markdown(rows))
    print(f"\n{len(rows)} lines, {missed} misses, {seconds:.0f} seconds; recorded in {OUT.relative_to(ROOT)}")
    told = (
        f"Made by `make verify` on {date.today()}: {len(rows)} lines, {missed} misses. The tests are those of the\n"
        "specification; a miss is a finding about the model or the target, and is listed as one.\n"
        "`verification-notes.md` explains the misses."
    )
    OUT.write_text(f"# Verification\n\n{told}\n\n{markdown(rows)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
