"""The yearly decision to move in vectorised NumPy, to measure the kernel against. Written once, then frozen.

What `sim.studies.plain_mesa` does agent by agent, here for all households at once: one column a fact, hazards of all,
then the utilities of those who consider as a matrix of households by places, in blocks that stay in the cache and in
single precision. Tables and odds are the same; so is what is left out.
"""

from typing import Any

import numpy as np

from sim.studies.plain_mesa import CLOSED, COUNTIES, COUPLE, INSTITUTION, PLACES, SOLO, STUDENT, VILLAGE, WHOLE
from sim.studies.plain_mesa import Tables as MesaTables

BLOCK = 512  # households whose utilities are worked out together: their matrix fits a second-level cache
SHUT = np.float32(-np.inf)


class Tables:
    """The year's tables in single precision, those that vary by nest as masks."""

    def __init__(self, setting: Any) -> None:
        t = MesaTables(setting)
        for name, value in vars(t).items():
            single = isinstance(value, np.ndarray) and value.dtype.kind == "f"
            setattr(self, name, value.astype(np.float32) if single else value)
        self.rural = np.maximum(setting.rural, np.float32(CLOSED))
        county = np.arange(PLACES + 1) < COUNTIES
        prefecture = np.append(setting.prefecture, -1)
        groups = range(int(setting.prefecture.max()) + 1)
        self.is_near = np.stack([county & (prefecture == g) for g in groups]).astype(np.float32)
        self.is_far = np.stack([county & (prefecture != g) for g in groups]).astype(np.float32)


class Vectors:
    """Households of a `SettlementModel` as columns.

    Parameters
    ----------
    setting
        The year's tables.
    households
        As `sim.studies.plain_mesa.households_of` gives them.
    """

    def __init__(self, setting: Any, households: list[Any], rng: int = 1) -> None:
        self.tables: Any = Tables(setting)  # as attributes, whose types their year's setting tells
        self.random = np.random.default_rng(rng)
        rows = [{**who, **facts} for who, facts, _ in households]
        self.columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        self.taste = np.stack([taste for *_, taste in households]).astype(np.float32)
        self.considered = self.moves = 0

    def step(self) -> None:
        """One year of decisions."""
        waits = self.random.exponential(size=len(self.taste))
        who = np.flatnonzero(waits < self.intensity())
        self.considered += len(who)
        for first in range(0, len(who), BLOCK):
            self.decide(who[first : first + BLOCK])

    def intensity(self) -> np.ndarray:
        """(n,) yearly intensity of considering a move (equation 4.1)."""
        t, c = self.tables, self.columns
        local = t.jurisdiction[c["residence"] >> 1] == t.jurisdiction[c["hukou_location"] >> 1]
        rate = t.rate * t.schedule[np.minimum(c["age"], 100)] * t.since_hazard[np.minimum(c["years_resident"], 30)]
        for concerned, factor in (
            (c["owner"], t.owner_hazard), (local, t.local_hazard), (c["education"] == 2, t.skill_hazard),
            (c["away"] > 0, t.left_behind_hazard), (c["no_place"], t.no_place_hazard),
            (c["jobless"] > 0, t.jobless_hazard), (c["trigger"] == 1, t.married_hazard),
            (c["trigger"] == 2, t.graduated_hazard), (c["age"] == 60, t.retired_hazard),
        ):  # fmt: skip
            rate *= np.where(concerned, np.float32(factor), np.float32(1.0))
        return rate * ((c["kind"] != STUDENT) & (c["kind"] != INSTITUTION) & (c["age"] >= 16))

    def decide(self, who: np.ndarray) -> None:
        """Those who consider go to one of the places, or stay."""
        t, each = self.tables, np.arange(len(who))
        c = {name: column[who] for name, column in self.columns.items()}
        here, there = c["residence"] >> 1, c["hukou_location"] >> 1
        worth, stay, couple, solo = self.values(who, c)
        top = np.maximum(stay, worth.max(1))
        own = t.prefecture[here]
        weight = worth
        weight -= top[:, None]
        weight *= t.inverse[there, own]
        np.exp(weight, out=weight)
        at_home = np.where(there < COUNTIES, weight[each, there], 0.0)
        size = np.empty((len(who), 8))
        size[:, 0], size[:, 1], size[:, 2:6] = np.exp(stay - top), at_home, weight[:, COUNTIES:]
        weight[each[there < COUNTIES], there[there < COUNTIES]] = 0.0
        size[:, 6] = np.einsum("ij,ij->i", weight, t.is_near[own]) ** t.prefecture_nest
        size[:, 7] = np.einsum("ij,ij->i", weight, t.is_far[own]) ** t.province_nest
        reached = size.cumsum(1)
        mark = self.random.random(len(who)) * reached[:, -1]
        nest = (reached <= mark[:, None]).sum(1)
        chosen = np.select([nest == 0, nest == 1], [-1, there], nest + COUNTIES - 2)
        for which, places in ((6, t.is_near), (7, t.is_far)):
            some = np.flatnonzero(nest == which)
            share = (weight[some] * places[own[some]]).cumsum(1)
            chosen[some] = (share <= (self.random.random(len(some)) * share[:, -1])[:, None]).sum(1)
        goes = np.flatnonzero(chosen >= 0)
        self.go(who[goes], {name: column[goes] for name, column in c.items()}, chosen[goes], couple[goes], solo[goes])

    def values(
        self, who: np.ndarray, c: dict[str, np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Values of all alternatives, (n, places and village), that of staying, and weights of couple and solo."""
        t, each = self.tables, np.arange(len(who))
        here, there = c["residence"] >> 1, c["hukou_location"] >> 1
        group = c["education"] * 2 + (c["age"] >= 35)
        graduated = c["trigger"] == 2
        cost = t.any_cost + t.move_cost * np.where(c["owner"], 1.0 + t.owner_cost, 1.0)
        cost = (cost * np.where(graduated, t.first_job_cost, 1.0)).astype(np.float32)
        near_cost = cost * np.float32(1.0 - t.near_discount)
        homeward = t.home_age * np.maximum(c["age"] - 50, 0) + np.where(graduated, t.parents_home, 0.0)
        worth = np.empty((len(who), PLACES + 1), np.float32)
        places = worth[:, :PLACES]
        np.add(t.base[group, there], self.taste[who], out=places)
        places -= cost[:, None]
        couple, solo = self.apart(c, there)
        self.add_modes(places, c, there, couple, solo)
        old = np.where(t.has_elderly, c["elders"] / c["size"], 0.0).astype(np.float32)
        if t.has_elderly:
            aged = np.flatnonzero(old)
            places[aged] += old[aged, None] * t.elderly
        far = np.flatnonzero(here != there)
        kept = places[far, there[far]]
        places[far] += t.onward[here[far]]
        places[far, there[far]] = kept
        places[each, here] += cost - near_cost
        places[each, there] += homeward
        ties = t.pair[there, there] + self.taste[who, there] + old * t.elderly[there]
        back = np.where(here == there, near_cost, cost)
        village = t.rural[group, there] + ties + self.schooling(c, 1, there) + homeward - back
        rural_home = (c["residence"] != c["hukou_location"]) & (c["hukou_location"] & 1 == 0)
        worth[:, VILLAGE] = np.where(rural_home, village, CLOSED)
        local = t.jurisdiction[here] == t.jurisdiction[there]
        urban = c["residence"] & 1 == 1
        share = np.where(c["permit"], t.ladder[here, np.minimum(c["years_resident"], 30)], 0.0)
        in_town = t.value[group, here] + t.local[here] * np.where(local, 1.0, share)
        stay = t.pair[there, here] + self.taste[who, here] + t.settled[here] + old * t.elderly[here]
        stay += np.where(urban, in_town, t.rural[group, here])
        stay += homeward * (here == there) + t.rooted * ((there >= COUNTIES) & (here < COUNTIES))
        stay += t.owner_value * c["owner"]
        worth[each[urban], here[urban]] = CLOSED
        return worth, stay + self.modes_at_seat(c, local.astype(int), here, there), couple, solo

    def apart(self, c: dict[str, np.ndarray], there: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """exp of what living as a couple, and solo, is worth over the nest's dissimilarity; 0 where closed."""
        t, known = self.tables, there < COUNTIES
        couple = known & (c["working"] > 0) & (c["elders"] > 0)
        solo = known & (c["pair"] > 0)
        nest = t.mode_nest
        return (
            np.where(couple, np.exp(self.couple_value(c, there) / nest), 0.0).astype(np.float32),
            np.where(solo, np.exp(self.solo_value(c, there) / nest), 0.0).astype(np.float32),
        )

    def couple_value(self, c: dict[str, np.ndarray], there: np.ndarray) -> np.ndarray:
        """Worth of living apart from children and elders."""
        t = self.tables
        left = t.separation * (c["children"] > 0) + t.care[there] * (c["elders"] > 0)
        return np.asarray(self.schooling(c, 1, there) + t.apart - left)

    def solo_value(self, c: dict[str, np.ndarray], there: np.ndarray) -> np.ndarray:
        """Worth of living apart from the partner."""
        return np.asarray(self.schooling(c, 1, there) + self.tables.solo - self.tables.partner_separation)

    def schooling(self, c: dict[str, np.ndarray], local: Any, j: np.ndarray) -> np.ndarray:
        """Worth of schooling at one place, per member."""
        s = self.tables.school
        total = c["pre"] * s[local, 0, j] + c["primary"] * s[local, 1, j] + c["junior"] * s[local, 2, j]
        return np.asarray(total / c["size"])

    def add_modes(
        self, places: np.ndarray, c: dict[str, np.ndarray], there: np.ndarray, couple: np.ndarray, solo: np.ndarray
    ) -> None:
        """Add to every place the inclusive value over the modes open there; at home only the whole goes."""
        t = self.tables
        pupils = c["pre"] + c["primary"] + c["junior"] > 0
        split = (couple > 0) | (solo > 0)
        some = np.flatnonzero(pupils | split)
        cost = (t.move_cost * t.child_cost * c["pupils"][some]).astype(np.float32)
        whole = np.repeat(-cost[:, None], PLACES, axis=1)
        taught = np.flatnonzero(pupils[some])
        mine = some[taught]
        for stage, name in enumerate(("pre", "primary", "junior")):
            has = np.flatnonzero(c[name][mine])
            at = mine[has]
            share = (c[name][at] / c["size"][at]).astype(np.float32)
            whole[taught[has]] += share[:, None] * t.school_from[there[at], stage]
        home = there[some]
        each = np.arange(len(some))
        kept = places[some, home] + whole[each, home]
        parted = np.flatnonzero(split[some])
        at = some[parted]
        weight = np.exp(whole[parted] / np.float32(t.mode_nest))
        weight += t.bed_weight * (couple[at, None] + solo[at, None] * t.lone_weight[there[at]])
        whole[parted] = np.float32(t.mode_nest) * np.log(weight)
        places[some] += whole
        places[some, home] = kept

    def modes_at_seat(
        self, c: dict[str, np.ndarray], local: np.ndarray, here: np.ndarray, there: np.ndarray
    ) -> np.ndarray:
        """Inclusive value of how the family can live at the seat."""
        t = self.tables
        s = t.school
        whole = c["new_pre"] * s[local, 0, here] + c["new_primary"] * s[local, 1, here]
        whole += c["new_junior"] * s[local, 2, here] + c["placed"] * t.sure[here] + c["refused"] * t.refused
        change = np.float32(t.move_cost * t.mode_cost)
        whole = whole / c["size"] - t.care[there] * (c["away_elders"] > 0) - change * (c["mode"] != WHOLE)
        known = there < COUNTIES
        open_ = known & (c["working"] > 0) & (c["elders"] > 0)
        couple = (c["mode"] == COUPLE) | ((c["mode"] == SOLO) & open_)
        couple |= (here != there) & known & (c["refused"] > 0) & open_
        solo = c["mode"] == SOLO
        as_couple = self.couple_value(c, there) + t.bed[here] - change * (c["mode"] != COUPLE)
        as_solo = self.solo_value(c, there) + t.bed[here] + t.lone[there, here]
        modes = np.stack([whole, np.where(couple, as_couple, SHUT), np.where(solo, as_solo, SHUT)])
        top = modes.max(0)
        total = np.exp((modes - top) / np.float32(t.mode_nest)).sum(0)
        return np.asarray(top + t.mode_nest * np.log(total))

    def go(
        self, who: np.ndarray, c: dict[str, np.ndarray], chosen: np.ndarray, couple: np.ndarray, solo: np.ndarray
    ) -> None:
        """Move, whole or in part, by the weights of the modes at the place chosen."""
        t, there = self.tables, c["hukou_location"] >> 1
        j = np.minimum(chosen, PLACES - 1)
        local = (t.jurisdiction[j] == t.jurisdiction[there]).astype(int)
        whole = self.schooling(c, local, j) - t.move_cost * t.child_cost * c["pupils"]
        apart = (chosen != VILLAGE) & (chosen != there)
        bed = np.where(apart, t.bed_weight[j], 0.0)
        weights = np.stack([np.exp(whole / t.mode_nest), couple * bed, solo * bed * t.lone_weight[there, j]])
        reached = weights.cumsum(0)
        mark = self.random.random(len(who)) * reached[-1]
        self.columns["mode"][who] = np.minimum((reached <= mark).sum(0), SOLO)
        self.columns["residence"][who] = np.where(chosen == VILLAGE, c["hukou_location"], 2 * chosen + 1)
        self.columns["years_resident"][who] = 0
        self.moves += len(who)
