"""Net migration of 2000-10 by county, shrunk towards what covariates say: the targets of the 2010 base (decision 19).

Nothing here is dated after 2010. Covariates and their penalty are those that predict 2000-10 best in prefectures that
were left out. How far a county's own departure from them is believed cannot be learnt from one decade: it is drawn
between two readings of how well an independent record, the people registered elsewhere in 2010, bears it out.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.kernels import layout
from sim.policy.draws import Stream, uniform_of
from sim.world import base2010, tables

PLACES = ("district", "city", "density", "beijing", "tianjin", "size")
PEOPLE = ("price", "non_agricultural", "schooling", "urban", "children", "old", "household")
STOCKS = ("from_county", "from_province", "same_county", "net_stock")
SPECIFICATIONS = {
    "places": PLACES, "stocks": STOCKS, "places and people": PLACES + PEOPLE, "places and stocks": PLACES + STOCKS,
    "all": PLACES + PEOPLE + STOCKS,
}  # fmt: skip
PENALTIES = (1.0, 5.0, 20.0, 50.0, 100.0, 200.0)
DECADE = 10.0


@dataclass(frozen=True)
class MigrationPrior:
    """What draws people to a county or away, per decade, on the log of residents.

    rate: net migration of 2000-10, change of residents less natural increase at the rates of 2010; left_out: what
    covariates say of it when the county's prefecture is left out; covariate: what they say with all prefectures;
    belief: (low, high) share of the departure that is believed; chosen: specification and penalty; table: the trial of
    all, by share of variance explained in left-out prefectures.
    """

    rate: np.ndarray
    left_out: np.ndarray
    covariate: np.ndarray
    belief: tuple[float, float]
    chosen: tuple[str, float]
    table: pd.DataFrame

    def target(self, draw: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """The part that lasts and the part that fades, (counties,) each, per decade."""
        low, high = self.belief
        share = 0.5 if draw == 0 else uniform_of(Stream.BELIEF, draw, "own departure")
        return self.covariate, (low + share * (high - low)) * (self.rate - self.covariate)


def migration_prior(world) -> MigrationPrior:
    """Read net migration of 2000-10, choose covariates by leaving prefectures out, and shrink."""
    x, rate, _ = covariates(world)
    group = world.prefecture[: layout.COUNTIES]
    rows = [
        (name, penalty, explained(rate, left_out(x.loc[:, list(names)], rate, group, penalty)))
        for name, names in SPECIFICATIONS.items()
        for penalty in PENALTIES
    ]
    table = pd.DataFrame(rows, columns=["specification", "penalty", "r2_left_out"])
    best = table.iloc[int(np.argmax(table["r2_left_out"]))]
    name, penalty = str(best["specification"]), float(best["penalty"])
    mine = x.loc[:, list(SPECIFICATIONS[name])]
    everyone = np.zeros(len(rate), int)
    belief = sorted(
        _borne_out(x[list(names)], rate, x["net_stock"].to_numpy(), group) for names in (PLACES, PLACES + PEOPLE)
    )
    return MigrationPrior(
        rate, left_out(mine, rate, group, penalty), left_out(mine, rate, everyone, penalty),
        (belief[0], belief[1]), (name, penalty), table,
    )  # fmt: skip


def covariates(world) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Covariates of 2010, net migration of 2000-10 and natural increase per decade, by county."""
    codes = world.code[: layout.COUNTIES]
    c = base2010.margins(codes)
    unit = tables.load("units").set_index("place")["unit"].loc[codes]
    rebased = tables.load("residents_rebased")
    before = rebased[rebased["year"] <= base2010.YEAR].pivot_table(index="unit", columns="year", values="residents")
    growth = pd.Series(np.log(before[2010] / before[2000])).loc[unit].to_numpy()
    people = c["residents"]
    natural = ((c["births"] - c["deaths"]) / people * DECADE).to_numpy()
    kind = np.array(world.kind[: layout.COUNTIES])
    area = tables.load("places").set_index("place")["area_km2"].loc[codes].to_numpy(float)
    x = pd.DataFrame({
        "district": (kind == "district").astype(float), "city": (kind == "city").astype(float),
        "density": np.log(people / area), "beijing": np.log(world.minutes[: layout.COUNTIES, layout.BEIJING]),
        "tianjin": np.log(world.minutes[: layout.COUNTIES, layout.TIANJIN]), "size": np.log(people),
        "price": np.log(base2010.prices(world)[1][: layout.COUNTIES]), "non_agricultural": c["non_agricultural"],
        "schooling": c["years_schooling"], "urban": c["urban"] / people, "children": c["age_0_14"] / people,
        "old": c["age_65plus"] / people, "household": c["household_pop"] / c["households"],
        "from_county": c["elsewhere_other_county"] / people, "from_province": c["elsewhere_other_province"] / people,
        "same_county": c["elsewhere_same_county"] / people, "net_stock": (people - c["registered"]) / people,
    }, index=c.index)  # fmt: skip
    return x, growth - natural, natural


def left_out(x: pd.DataFrame, y: np.ndarray, group: np.ndarray, penalty: float) -> np.ndarray:
    """Ridge regression on standardised covariates, each group predicted from the others (one group: from itself)."""
    z = ((x - x.mean()) / x.std()).to_numpy()
    out = np.zeros(len(y))
    for g in np.unique(group):
        mine = group == g
        others = ~mine if not mine.all() else mine
        mean = y[others].mean()
        gram = z[others].T @ z[others] + penalty * np.eye(z.shape[1])
        out[mine] = mean + z[mine] @ np.linalg.solve(gram, z[others].T @ (y[others] - mean))
    return out


def explained(y: np.ndarray, said: np.ndarray) -> float:
    """Share of variance explained; negative when worse than the mean."""
    return float(1 - ((y - said) ** 2).sum() / ((y - y.mean()) ** 2).sum())


def _borne_out(x: pd.DataFrame, rate: np.ndarray, stock: np.ndarray, group: np.ndarray) -> float:
    """Correlation of the departures of flow and of stock from the covariates in left-out prefectures.

    Were both equally good readings of what draws people (assumption), it would be the share of a departure's variance
    that is not error.
    """
    flow, held = (y - left_out(x, y, group, 20.0) for y in (rate, stock))
    return float(max(np.corrcoef(flow, held)[0, 1], 0.0))
