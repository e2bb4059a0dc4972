"""Hashes of results: `make hashes`. Shows that a change leaves every byte of the results as it was.

Runs the baseline and the plan from 2020 to 2024, with the kernel engine at scale 0.004 with two draws and with both
engines at scale 0.001, prints the SHA-256 of every table (panel, flows, households, ages, groups, schools) and compares
it with `tests/hashes.txt`. A change that is meant to alter numbers records the new ones: `make hashes RECORD=--record`.
"""

import argparse
import hashlib
import os
import sys
import tempfile
from pathlib import Path

EXPECTED = Path(__file__).with_suffix(".txt")
RUNS = {
    "kernel": ["--scale", "0.004", "--draws", "2"],
    "kernel-small": ["--scale", "0.001"],
    "agents-small": ["--scale", "0.001", "--engine", "agents"],
}


def hashes(folder: Path, names: list[str]) -> dict[str, str]:
    """Carry out the runs in a folder; {table below the folder: SHA-256}."""
    from sim.cli import exit_code

    for name in names:
        out = ["--out", str(folder / name), "--quiet", "--overwrite"]
        if exit_code(["run", "baseline", "plan", *RUNS[name], "--until", "2024", *out]):
            sys.exit(1)
    files = sorted(file for name in names for file in (folder / name).rglob("*.parquet"))
    kept = [file for file in files if not any(part.startswith(".") for part in file.relative_to(folder).parts)]
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in kept}


def expected(names: list[str]) -> dict[str, str]:
    """Recorded hashes of the runs named."""
    lines = (line.split() for line in EXPECTED.read_text(encoding="utf-8").splitlines())
    return {table: digest for digest, table in lines if table.split("/")[0] in names}


def main() -> int:
    """Print the hashes and what differs from those recorded; 1 if anything does."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("runs", nargs="*", default=[], help=f"of {', '.join(RUNS)}; all unless named")
    asked.add_argument("--record", action="store_true", help="keep the hashes as those expected from now on")
    given = asked.parse_args()
    if unknown := set(given.runs) - set(RUNS):
        asked.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(RUNS)}")
    names = given.runs or list(RUNS)
    os.environ["LUOHU_LEVEL"] = "none"  # a user's own figures are not part of what is recorded
    with tempfile.TemporaryDirectory() as folder:
        found = hashes(Path(folder), names)
    for table, digest in found.items():
        print(digest, table)
    if given.record:
        kept = expected([name for name in RUNS if name not in names]) if EXPECTED.exists() else {}
        lines = [f"{digest}  {table}\n" for table, digest in sorted({**kept, **found}.items())]
        EXPECTED.write_text("".join(lines), encoding="utf-8")
        return 0
    before = expected(names)
    other = sorted(table for table in before.keys() | found.keys() if before.get(table) != found.get(table))
    for table in other:
        print(f"differs from {EXPECTED.name}: {table}", file=sys.stderr)
    print(f"{len(found) - len(set(other) & found.keys())} of {len(before)} tables are as recorded.")
    return 1 if other else 0


if __name__ == "__main__":
    sys.exit(main())
