"""What is kept of a run, year by year, and the files it makes of it."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sim.model import indicators
from sim.model.lives import ending_rows
from sim.results import registry
from sim.results.writer import check_panel, write_table

if TYPE_CHECKING:
    from sim.model.model import SettlementModel

ONCE = {"flows": "flows.parquet", "households": "households.parquet", "ages": "tables/ages.parquet",
        "schools": "tables/schools.parquet", "endings": "tables/endings.parquet"}  # fmt: skip


class Record:
    """The values of every year of one run, and the tables that only the first run of an ensemble keeps.

    Parameters
    ----------
    model
        In its base year, or in the year from which `carried` goes on.
    first
        Whether flows, life histories, ages and schools are kept.
    carried
        What `carried()` gave at that year's end.
    """

    def __init__(self, model: "SettlementModel", first: bool, carried: dict[str, Any] | None = None) -> None:
        self.draw, self.seed, self.name, self.start = model.draw, model.asked_seed, model.policy.name, model.start
        self.areas, self.groups = indicators.areas_of(model.world), indicators.groups_of(model.world)
        if carried is None:
            self.values: list[np.ndarray] = []
            self.group_values: list[np.ndarray] = []
            self.tables: dict[str, list[pd.DataFrame]] = {name: [] for name in ONCE} if first else {}
            self.see(model)
        else:
            self.values, self.group_values = carried["values"], carried["group_values"]
            self.tables = {
                name: [pd.read_parquet(io.BytesIO(raw.tobytes())) for raw in frames]
                for name, frames in carried["tables"].items()
            }

    def see(self, model: "SettlementModel") -> None:
        """Take down the model's present year."""
        self.values.append(indicators.year_table(model, self.areas))
        self.group_values.append(indicators.year_table(model, self.groups))
        if self.tables:
            self.tables["flows"].append(indicators.flow_rows(model))
            self.tables["ages"].append(indicators.age_rows(model, self.areas))
            self.tables["households"].append(indicators.life_rows(model))
            self.tables["schools"].append(indicators.school_rows(model))
            self.tables["endings"].append(ending_rows(model))

    def carried(self) -> dict[str, Any]:
        """Return what a checkpoint has to hold of this record, as plain arrays; tables as Parquet files in bytes."""
        return {
            "values": list(self.values), "group_values": list(self.group_values),
            "tables": {
                name: [np.frombuffer(frame.to_parquet(), np.uint8) for frame in frames]
                for name, frames in self.tables.items()
            },
        }  # fmt: skip

    def files(self) -> dict[str, bytes]:
        """Return the finished run as Parquet files in bytes, by their names in the result folder."""
        frames = {
            "panel.parquet": self._long(self.values, self.areas.code, "place"),
            "tables/groups.parquet": self._long(self.group_values, self.groups.code, "group"),
        }
        check_panel(frames["panel.parquet"])
        for name, file in ONCE.items():
            if self.tables:
                frames[file] = pd.concat(self.tables[name], ignore_index=True).assign(draw=self.draw, seed=self.seed)
        out = {}
        for file, frame in frames.items():
            buffer = io.BytesIO()
            write_table(frame, self.name, buffer)
            out[file] = buffer.getvalue()
        return out

    def _long(self, tables: Sequence[np.ndarray], codes: Sequence[int] | Sequence[str], name: str) -> pd.DataFrame:
        """Return a long table (draw, seed, year, area, zone, indicator, value) of (areas, columns) arrays by year."""
        columns = registry.columns()
        values = np.stack(tables)
        zone = pd.Categorical([z for _, z in columns], categories=list(registry.ZONES))
        indicator = pd.Categorical([i for i, _ in columns], categories=list(dict.fromkeys(i for i, _ in columns)))
        names = pd.Index([str(code) for code in codes])
        year, area, column = np.nonzero(~np.isnan(values))
        return pd.DataFrame({
            "draw": np.int32(self.draw), "seed": np.int64(self.seed),
            "year": (self.start + year).astype(np.int16),
            name: pd.Categorical.from_codes(area, names) if isinstance(codes[0], str) else np.asarray(codes)[area],
            "zone": pd.Categorical.from_codes(zone.codes[column], zone.categories),
            "indicator": pd.Categorical.from_codes(indicator.codes[column], indicator.categories),
            "value": values[year, area, column],
        })  # fmt: skip
