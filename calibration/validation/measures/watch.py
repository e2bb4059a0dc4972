"""Models that are watched: who moved, and who lives where, told by the person's own key."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from sim.kernels import layout
from sim.model.model import SettlementModel
from sim.policy import load_scenario

FEEDBACKS = ("prices", "wages", "schools", "networks", "displacement")


def scenario(feedback=True, name="baseline", **switches):
    """A scenario by name with all feedbacks on or off, but for the switches named."""
    base = load_scenario(name)
    return replace(base, feedback={**dict.fromkeys(FEEDBACKS, feedback), **switches})


class Watched(SettlementModel):
    """A model that keeps the moves decided each year, person by person, as columns."""

    def __init__(self, *args, **options):
        self.moves = []
        super().__init__(*args, **options)

    def decisions(self, setting):
        """The decisions, with the state as it was before them kept until the year is observed."""
        self._before = layout.State(*(column.copy() for column in self.state))
        return super().decisions(setting)

    def carry_out(self, process):
        """Do what the year asks for; before the count, note who lives elsewhere than before the decisions."""
        if process.name == "bookkeeping.observe":
            self.moves.append(moved(self._before, self.state, self.year))
        return super().carry_out(process)

    def all_moves(self):
        """Moves of all years so far."""
        return pd.concat(self.moves, ignore_index=True)


def there(state):
    """(rows, 8) whether there is a member."""
    return layout.relation_of(state.member_bits) != layout.NOBODY


def lives(state):
    """(rows, 8) location where each member lives."""
    away = layout.is_absent(state.member_bits).astype(bool)
    return np.where(away, state.hukou_location[:, None], state.residence[:, None]).astype(np.int64)


def moved(before, after, year):
    """People who are there before and after and live elsewhere: one row a person."""
    from_, to = lives(before), lives(after)
    row, slot = np.nonzero(there(before) & there(after) & (from_ != to))
    member_bits = before.member_bits[row, slot]
    return pd.DataFrame({
        "year": year, "household": before.uid[row], "origin": from_[row, slot], "destination": to[row, slot],
        "home": before.hukou_location[row].astype(int), "age": layout.age_of(member_bits).astype(int),
        "sex": layout.sex_of(member_bits).astype(int), "since": before.years_resident[row].astype(int),
    })  # fmt: skip


def keys(state, year):
    """(rows, 8) the person's key, as in `sim.kernels.layout.person_key`."""
    member_bits = state.member_bits.astype(np.int64)
    birth = (year - layout.age_of(member_bits)) & 127
    return (
        state.person_salt.astype(np.int64) << 16
        | layout.salt_of(member_bits) << 9
        | layout.sex_of(member_bits) << 8
        | birth
    )


def people(model):
    """Everyone whose key is theirs alone: key, location, age, sex, place of the registered address, household.

    village: registered in a village; skill: 0-3; kind of household; away: lives at the registered address while the
    household lives elsewhere.
    """
    state = model.state
    row, slot = np.nonzero(there(state))
    member_bits = state.member_bits[row, slot]
    small = {
        name: column.astype(np.int32)
        for name, column in {
            "location": lives(state)[row, slot],
            "age": layout.age_of(member_bits),
            "sex": layout.sex_of(member_bits),
            "home": layout.place_of(state.hukou_location[row]),
            "school": layout.school_of(member_bits),
            "skill": layout.education_of(member_bits),
            "kind": layout.kind_of(state.flags[row]),
        }.items()
    }
    table = pd.DataFrame(
        {
            "key": keys(state, model.year)[row, slot],
            **small,
            "household": state.uid[row],
            "away": layout.is_absent(member_bits).astype(bool),
            "village": layout.zone_of(state.hukou_location[row]) == layout.RURAL,
        }
    )
    table["place"] = table["location"] // 2
    return table.drop_duplicates("key", keep=False).set_index("key")


@cache
def history(scale, until, keep=None):
    """The baseline watched to its end: the model, and the people of the year ends to `keep`, else of all."""
    model = Watched("baseline", scale=scale, rng=1, until=until)
    years = {}
    while True:
        if keep is None or model.year in keep:
            years[model.year] = people(model)
        if model.year == until:
            return model, years
        model.step()


def run(setup, scale=0.01, until=2028, seed=1, policy="baseline"):
    """A model stepped to its end after `setup(model)` has changed what it wants."""
    model = SettlementModel(policy, scale=scale, rng=seed, until=until)
    setup(model)
    while model.year < until:
        model.step()
    return model


def set_lever(model, channel, value, places=slice(None)):
    """Set a policy channel from the first year on, in some places or all."""
    model.levers.tables[channel] = model.levers.tables[channel].copy()
    model.levers.tables[channel][1:, places] = value
