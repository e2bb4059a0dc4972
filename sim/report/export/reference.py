"""Keeps of a projection what goes into git: tables in `results/reference`, pictures in `docs/gallery`, README's table.

`make reference` runs the main job and then this.
"""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.report.export import readme
from sim.report.figures.pictures import Pictures
from sim.report.page.explorer import shown_by
from sim.report.page.extras import KEPT, read_extras
from sim.report.page.html import Shown
from sim.results.reader import Projection, Result, load
from sim.results.writer import plain

GALLERY = (
    "map_growth", "map_difference", "growth_sources", "urban_by_prefecture", "fan_urban_share", "pyramid", "flow_map",
    "children", "potential",
)  # fmt: skip
SMALL, LARGE = 72, 150
"""Dots per inch in the gallery, and of its map.png, the picture in the README."""
ABOUT = (
    "scenario", "title", "from", "until", "scale", "engine", "draws", "seeds", "command", "created", "seconds",
    "versions", "code_hash", "data_hashes", "warnings",
)  # fmt: skip
"""What is kept of each run's manifest."""
DIGITS = 7
ELSEWHERE = ("hindcast/scores.csv", "decomposition/tables/shapley.csv", "decomposition/*/manifest.json",
             "sensitivity/manifest.json", "sensitivity/tables/indices.csv", "discovery/manifest.json",
             "discovery/tables/points.csv", "discovery/tables/box.csv")  # fmt: skip
"""What other commands left in `results` and a report shows."""


def keep(projection: Path, reference: Path, gallery: Path, pages: Path | None = None) -> None:
    """Write the reference tables and the gallery of a projection of `baseline` and `plan`.

    Parameters
    ----------
    projection
        A folder that `luohu project` made.
    reference
        Gets headline.csv, province.csv, prefectures.parquet, counties.parquet, manifest.json, the small tables that
        the projection keeps, and what hindcast, decompose, sensitivity and discover left beside the projection; a
        README there stays.
    gallery
        Gets the pictures.
    pages
        Folder of README.md and README.zh.md, whose table of first results is written, and of the scores that come with
        the package (`sim/report/shipped`); None for neither.
    """
    runs = load(projection)
    if not isinstance(runs, Projection):
        raise SystemExit(f"{projection} holds one run; name the folder that luohu project made.")
    base, plan = runs["baseline"], runs["plan"]
    year = base.years[-1]
    shown = Shown.of(base, plan, year)
    reference.mkdir(parents=True, exist_ok=True)
    rounded(shown.outcomes).to_csv(reference / "headline.csv", index=False, lineterminator="\n")
    province = every_row(shown_by(shown.comparison, "province"))
    province.to_csv(reference / "province.csv", index=False, lineterminator="\n")
    counties = every_row(shown.places)
    counties = counties[counties["year"].isin([shown.start, year])]
    for name, rows in (("prefectures", every_row(shown.prefectures)), ("counties", counties)):
        table = pa.Table.from_pandas(rows.astype({"indicator": object}), preserve_index=False).replace_schema_metadata()
        pq.write_table(table, reference / f"{name}.parquet", compression="zstd")
    for name in KEPT:
        if (projection / "tables" / f"{name}.csv").is_file():
            shutil.copyfile(projection / "tables" / f"{name}.csv", reference / f"{name}.csv")
    about = {run.name: manifest_of(run) for run in (base, plan)}
    (reference / "manifest.json").write_text(
        json.dumps(plain(about), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for pattern in ELSEWHERE:
        for file in projection.parent.glob(pattern):
            kept = reference / file.relative_to(projection.parent)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, kept)
    gallery.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(shown.comparison, read_extras([projection]), "en", shown.start, year)
    for name in GALLERY:
        (gallery / f"{name}.png").write_bytes(pictures.picture(name, SMALL))
    (gallery / "map.png").write_bytes(pictures.picture("map_growth", LARGE))
    if pages is not None:
        readme.write(shown.comparison, pages, year)
        shipped = pages / "sim/report/shipped"
        for name, file in (("hindcast", reference / "hindcast/scores.csv"), ("nowcast", pages / "docs/nowcast.csv")):
            if shipped.is_dir() and file.is_file():
                shutil.copyfile(file, shipped / f"{name}.csv")


def every_row(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return what `shown_by` gives as one table with columns indicator, area, year, then the numbers."""
    tables = [table.reset_index().assign(indicator=name) for name, table in found.items()]
    rows = pd.concat(tables, ignore_index=True)
    first = ["indicator", "area", "year"]
    return rounded(rows[[*first, *[name for name in rows if name not in first]]])


def rounded(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with numbers of seven digits, which is more than a simulation knows."""
    numbers = table.select_dtypes("float").columns
    return table.assign(**{name: [float(f"{value:.{DIGITS}g}") for value in table[name]] for name in numbers})


def manifest_of(run: Result) -> dict[str, Any]:
    """Return where a run comes from."""
    return {key: run.manifest[key] for key in ABOUT if key in run.manifest}


if __name__ == "__main__":
    keep(Path(sys.argv[1]), Path("results/reference"), Path("docs/gallery"), Path())
