"""What a run tells about a year: indicators by area and zone, with moves counted across each area's own boundary."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from sim.kernels import layout, tally
from sim.policy import load_groups
from sim.results.areas import PREFECTURES, PROVINCE

ZONES = ("rural", "urban", "all")
ZONED = {
    "residents": tally.RESIDENTS, "households": tally.HOUSEHOLDS, "hukou_registered": tally.HUKOU,
    "elsewhere_same_county": tally.SAME, "elsewhere_intra_city": tally.INTRA, "elsewhere_other_county": tally.OTHER,
    "elsewhere_other_province": tally.OUTER, "children_0_14": tally.CHILDREN,
}  # fmt: skip
WHOLE = {
    "children_preschool": tally.PRESCHOOL, "children_primary": tally.PRIMARY, "children_junior": tally.JUNIOR,
    "migrant_children": tally.MIGRANT, "migrant_children_in_public": tally.MIGRANT_PUBLIC,
    "migrant_children_intra_city": tally.MIGRANT_INTRA, "children_left_behind": tally.BEHIND,
    "labour_force": tally.WORKING,
}  # fmt: skip
EVENTS = ("births", "deaths", "moved_in", "moved_out", "moved_within", "reclassified", "school_applicants",
          "school_admitted", "rental_queue", "conversions_in", "conversions_within", "conversions_in_situ")  # fmt: skip
BAND_NAMES = ["0", "1-4", *[f"{a}-{a + 4}" for a in range(5, 85, 5)], "85+"]
STAGES = ("preschool", "primary", "junior")


@dataclass(frozen=True)
class Areas:
    """Areas a panel has rows for, and for each which places it holds.

    code: names of the areas; member: (areas, places) bool; outside: areas that are Beijing, Tianjin or the rest of
    China.
    """

    code: list
    member: np.ndarray

    @cached_property
    def weight(self):
        """The same as float64, for sums over places."""
        return self.member.astype(float)


def areas_of(world):
    """The 170 places, then prefectures, then the province."""
    hebei = np.arange(layout.PLACES) < layout.COUNTIES
    rows = [np.eye(layout.PLACES, dtype=bool)]
    rows += [((world.prefecture == code) & hebei)[None, :] for code in PREFECTURES]
    return Areas([int(c) for c in world.code] + [*PREFECTURES, PROVINCE], np.concatenate([*rows, hebei[None, :]]))


def groups_of(world):
    """The named groups of places."""
    groups = load_groups()
    return Areas(list(groups), np.stack([np.isin(world.code, group.places) for group in groups.values()]))


def columns():
    """(indicator, zone) of each column of a year's table, in order."""
    out = [(name, zone) for name in [*ZONED, "floating", "births", "deaths", "moved_in", "moved_out"] for zone in ZONES]
    out += [(name, zone) for name in ("moved_within", "reclassified") for zone in ("urban", "all")]
    names = [
        *WHOLE, "school_places", "school_applicants", "school_admitted", "school_surplus", "school_shortage",
        "rental_homes", "rental_queue", "jobs", "employed", "unemployment", "wage", "rent", "house_price", "vacancy",
        "conversions_in", "conversions_within", "conversions_in_situ", "permit_or_hukou_share", "entitlement_index",
        *[f"school_places_{stage}" for stage in STAGES],
    ]  # fmt: skip
    return out + [(name, "all") for name in names]


def year_table(model, areas, converted):
    """(areas, columns) values of the model's present year, in persons, households, yuan.

    Parameters
    ----------
    converted : (places,) people converted into each jurisdiction since the start, for the share with local hukou.
    """
    c, ledger, e, s = model.counts, model.ledger, model.economy, model.scale
    w = areas.weight

    def zones(raw):
        pair = raw.reshape(layout.PLACES, 2) / s
        return np.column_stack([w @ pair[:, 0], w @ pair[:, 1], w @ pair.sum(1)])

    def total(values):
        return (w @ values)[:, None]

    def mean(values, weight):
        return (w @ (values * weight) / np.maximum(w @ weight, 1e-9))[:, None]

    blocks = [zones(c.raw[k]) for k in ZONED.values()]
    blocks.append(zones(c.raw[[tally.SAME, tally.OTHER, tally.OUTER]].sum(0)))
    blocks += [zones(ledger.births), zones(ledger.deaths)]
    moved_in, moved_out, within = crossing(model, areas)
    turned = np.zeros(layout.PLACES)
    turned[: layout.COUNTIES] = ledger.reclassified
    blocks += [moved_in, moved_out, np.repeat(within[:, None], 2, 1), np.repeat(total(turned / s), 2, 1)]
    blocks += [total(c.by_place(k)) for k in WHOLE.values()]

    hebei = np.arange(layout.PLACES) < layout.COUNTIES
    school, rental, children = e.school, e.rental, c.children * hebei
    blocks += [total((school[k] * hebei).sum(0)) for k in ("seats", "applicants", "admitted")]
    blocks.append(total((np.maximum(school["seats"] - school["pupils"], 0) * hebei).sum(0)))
    blocks.append(total((np.maximum(children - school["pupils"], 0) * hebei).sum(0)))
    blocks += [total(e.homes), total(rental["queue"] * hebei)]
    working = np.maximum(c.working, 1e-9)
    employed = working * (1 - e.unemployment)
    dwellings = np.maximum(e.dwellings, 1e-9)
    blocks += [total(e.trend * e.employed_base * np.exp(e.demand) * hebei), total(employed * hebei)]
    blocks += [mean(e.unemployment, working), mean(e.wage, employed), mean(e.rent, dwellings), mean(e.price, dwellings)]
    blocks.append(mean(e.vacancy, dwellings))
    in_place = np.zeros(layout.PLACES)
    in_place[: layout.COUNTIES] = ledger.in_place
    by_place = ledger.converted.reshape(2, layout.PLACES, 2).sum(2) / s
    blocks += [total(by_place[0]), total(by_place[1]), total(in_place / s)]
    strangers = c.by_place(tally.NONLOCAL) + converted
    blocks.append(mean((c.by_place(tally.PERMITS) + converted) / np.maximum(strangers, 1e-9), strangers))
    blocks.append(mean((c.by_place(tally.ENTITLED) / 1000 + converted) / np.maximum(strangers, 1e-9), strangers))
    blocks += [total(seats * hebei) for seats in school["seats"]]
    table = np.concatenate(blocks, axis=1)
    if model.year == model.start:
        table[:, [name in EVENTS for name, _ in columns()]] = np.nan  # the census counts no events of its year
    return table


def crossing(model, areas):
    """Persons moved in and out across each area's own boundary, by zone, and from village to town inside it, net.

    Returns
    -------
    (areas, 3), (areas, 3), (areas,)
    """
    s = model.scale
    everything = model.ledger.everything().reshape(layout.PLACES, 2, layout.PLACES, 2) / s
    kept = model.ledger.within_model().reshape(layout.PLACES, 2, layout.PLACES, 2) / s
    w = areas.weight
    arrivals, departures = everything.sum((0, 1)), everything.sum((2, 3))  # (places, zones)
    arrivals[layout.COUNTIES :] = kept.sum((0, 1))[layout.COUNTIES :]
    departures[layout.COUNTIES :] = kept.sum((2, 3))[layout.COUNTIES :]
    inside_in = np.zeros((len(w), 2))
    inside_out = np.zeros((len(w), 2))
    within = np.zeros(len(w))
    for a, row in enumerate(areas.member):
        block = everything[row][:, :, row]
        inside_in[a], inside_out[a] = block.sum((0, 1, 2)), block.sum((0, 2, 3))
        within[a] = block[:, 0, :, 1].sum() - block[:, 1, :, 0].sum()
    came, went = w @ arrivals - inside_in, w @ departures - inside_out
    return np.column_stack([came, came.sum(1)]), np.column_stack([went, went.sum(1)]), within


def age_rows(model, areas):
    """Long table of residents by area, zone, sex and census band."""
    ages = model.counts.ages.reshape(layout.PLACES, 2, 2, len(BAND_NAMES)) / model.scale
    by_zone = np.concatenate([ages, ages.sum(1, keepdims=True)], axis=1)
    values = np.tensordot(areas.weight, by_zone, axes=(1, 0))
    index = pd.MultiIndex.from_product(
        [areas.code, ZONES, ("male", "female"), BAND_NAMES], names=["place", "zone", "sex", "band"]
    )
    return pd.DataFrame({"persons": values.ravel()}, index=index).reset_index().assign(year=model.year)


def school_rows(model):
    """Seats, applicants, admissions and pupils by county and stage."""
    school = model.economy.school
    place = np.tile(model.world.code[: layout.COUNTIES], len(STAGES))
    out = {"year": model.year, "place": place, "stage": np.repeat(STAGES, layout.COUNTIES)}
    for name in ("seats", "applicants", "admitted", "pupils"):
        out[name] = school[name][:, : layout.COUNTIES].ravel()
    return pd.DataFrame(out)


def flow_rows(model):
    """Persons and households moved between places, by kind: decision, wedding, study, arrival, departure."""
    ledger, code = model.ledger, model.world.code
    kinds = {
        "decision": ledger.moved,
        "wedding": ledger.weddings,
        "study": ledger.studies,
        "arrival": ledger.arrived,
        "departure": ledger.left,
    }
    frames = []
    for kind, matrix in kinds.items():
        persons = matrix.reshape(layout.PLACES, 2, layout.PLACES, 2).sum((1, 3))
        households = (
            ledger.households.reshape(layout.PLACES, 2, layout.PLACES, 2).sum((1, 3))
            if kind == "decision"
            else persons * 0
        )
        o, d = np.nonzero(persons)
        frames.append(pd.DataFrame({
            "year": model.year, "origin": code[o], "destination": code[d], "kind": kind,
            "persons": persons[o, d] / model.scale, "households": households[o, d] / model.scale,
        }))  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def life_rows(model, sample=400):
    """This year's state of a fixed sample of households, those with the smallest keyed ids."""
    state = model.state
    mine = np.flatnonzero(state.uid < np.uint32(2**32 // max(len(state.uid) // sample, 1)))
    member_bits, flags = state.member_bits[mine], state.flags[mine]
    there = (member_bits >> layout.RELATION) & 7 != layout.NOBODY
    young = there & ((member_bits & 127) < 15)
    school = (member_bits >> layout.SCHOOL) & 7
    code = model.world.code
    zone = np.array(ZONES)
    return pd.DataFrame({
        "household": state.uid[mine].astype(np.int64), "year": model.year, "place": code[state.residence[mine] >> 1],
        "zone": zone[state.residence[mine] & 1], "hukou_place": code[state.hukou_location[mine] >> 1],
        "hukou": zone[state.hukou_location[mine] & 1],
        "size": there.sum(1), "children": young.sum(1),
        "left_behind": (there & ((member_bits >> layout.ABSENT) & 1 == 1)).sum(1),
        "mode": np.where((there & ((member_bits >> layout.ABSENT) & 1 == 1)).any(1), "split", "whole"),
        "tenure": np.array(["own", "rent", "guaranteed", "dormitory", "", "", "", ""])[(flags >> layout.TENURE) & 7],
        "years_in_place": state.years_resident[mine].astype(int), "head_age": (member_bits[:, 0] & 127).astype(int),
        "pupils_public": (young & (school == layout.PUBLIC)).sum(1),
        "pupils_private": (young & (school == layout.PRIVATE)).sum(1),
    }).sort_values("household", ignore_index=True)  # fmt: skip
