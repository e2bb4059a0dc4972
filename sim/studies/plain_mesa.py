"""The yearly decision to move in plain Mesa, to measure the kernel against. Written once, then frozen.

Registered agents with attributes, `AgentSet.shuffle_do`, and NumPy over the places in each decision: as fast as we
could make it without leaving that style. Tables that are the same for everyone are worked out once a year. The decision
is the model's: the hazard of considering, then a nested choice over places and family modes on the same utilities
(equations 4.1 and 5.1-5.7), drawn from closed-form probabilities. Left out: the few who only change how
they live at their seat without considering a move. So plain Mesa has, if anything, a little less to do.
"""

import math

import mesa
import numpy as np

from sim.kernels import layout

CLOSED = -1e30
COUNTIES, PLACES, VILLAGE = 167, 170, 170
OUTSIDE = (167, 168, 169)
FAMILY, STUDENT, INSTITUTION = 0, 1, 3
WHOLE, COUPLE, SOLO = 0, 1, 2


class Household(mesa.Agent):
    """A household with everything its decision asks for; see `sim.kernels.mobility_hazard.Profile` for the names."""

    def __init__(self, model, who, facts, taste):
        super().__init__(model)
        for name, value in who.items():
            setattr(self, name, value)
        for name, value in facts.items():
            setattr(self, name, value)
        self.taste = taste
        self.moves = 0
        self.considered = 0

    def intensity(self):
        """Yearly intensity of considering a move (equation 4.1)."""
        t = self.model.tables
        if self.kind == STUDENT or self.kind == INSTITUTION or self.age < 16:
            return 0.0
        rate = t.rate * t.schedule[min(self.age, 100)] * t.since_hazard[min(self.years_resident, 30)]
        if self.owner:
            rate *= t.owner_hazard
        if t.jurisdiction[self.residence >> 1] == t.jurisdiction[self.hukou_location >> 1]:
            rate *= t.local_hazard
        if self.education == 2:
            rate *= t.skill_hazard
        if self.away > 0:
            rate *= t.left_behind_hazard
        if self.no_place:
            rate *= t.no_place_hazard
        if self.jobless:
            rate *= t.jobless_hazard
        if self.trigger == 1:
            rate *= t.married_hazard
        elif self.trigger == 2:
            rate *= t.graduated_hazard
        if self.age == 60:
            rate *= t.retired_hazard
        return rate

    def decide(self):
        """Consider a move; if so, go to one of the places, or stay."""
        if self.random.random() >= -math.expm1(-self.intensity()):
            return
        self.considered += 1
        t = self.model.tables
        here, there = self.residence >> 1, self.hukou_location >> 1
        worth, stay = self.values(here, there)
        top = max(stay, float(worth.max()))
        weight = np.exp((worth - top) * t.inverse[there, t.prefecture[here]])
        near_places = t.near[there][t.prefecture[here]]
        far_places = t.far[there][t.prefecture[here]]
        near, far = float(weight[near_places].sum()), float(weight[far_places].sum())
        alone = [(j, float(weight[j])) for j in {there, *OUTSIDE, VILLAGE}]
        groups = [(None, math.exp(stay - top)), *alone]
        groups.append((near_places, near**t.prefecture_nest if near > 0 else 0.0))
        groups.append((far_places, far**t.province_nest if far > 0 else 0.0))
        mark = self.random.random() * sum(size for _, size in groups)
        for chosen, size in groups:  # noqa: B007
            mark -= size
            if mark < 0:
                break
        if chosen is None:
            return
        if not isinstance(chosen, int):
            share = weight[chosen].cumsum()
            chosen = int(chosen[min(np.searchsorted(share, self.random.random() * share[-1]), len(chosen) - 1)])
        self.go(chosen, there)

    def values(self, here, there):
        """(places and village,) value of every alternative, and that of staying (equation 5.1)."""
        t = self.model.tables
        group = self.education * 2 + (self.age >= 35)
        cost = t.any_cost + t.move_cost * (1.0 + (t.owner_cost if self.owner else 0.0))
        cost *= t.first_job_cost if self.trigger == 2 else 1.0
        near_cost = cost * (1.0 - t.near_discount)
        homeward = t.home_age * max(self.age - 50, 0) + (t.parents_home if self.trigger == 2 else 0.0)
        worth = np.empty(PLACES + 1)
        places = worth[:PLACES]
        np.add(t.base[group, there], self.taste, out=places)
        places -= cost
        pupils = self.pre + self.primary + self.junior
        self.couple, self.solo = self.apart(there)
        if pupils or self.couple or self.solo:
            self.add_modes(places, there)
        old = self.elders / self.size if self.elders and t.has_elderly else 0.0
        if old:
            places += old * t.elderly
        if here != there:
            kept = places[there]
            places += t.onward[here]
            places[there] = kept
        places[here] += cost - near_cost
        places[there] += homeward
        ties = t.pair[there, there] + self.taste[there] + old * t.elderly[there]
        worth[VILLAGE] = CLOSED
        if self.residence != self.hukou_location and not self.hukou_location & 1:
            back = near_cost if here == there else cost
            worth[VILLAGE] = t.rural[group, there] + ties + self.schooling(1, there) + homeward - back
        local = t.jurisdiction[here] == t.jurisdiction[there]
        stay = t.pair[there, here] + self.taste[here] + t.settled[here] + old * t.elderly[here]
        if self.residence & 1:
            worth[here] = CLOSED
            stay += t.value[group, here]
            if local:
                stay += t.local[here]
            elif self.permit:
                stay += t.local[here] * t.ladder[here, min(self.years_resident, 30)]
        else:
            stay += t.rural[group, here]
        stay += homeward * (here == there) + t.rooted * (there >= COUNTIES and here < COUNTIES)
        stay += t.owner_value * self.owner
        return worth, stay + self.modes_at_seat(int(local), here, there)

    def apart(self, there):
        """exp of what living as a couple, and solo, is worth over the nest's dissimilarity; 0 where closed."""
        t, couple, solo = self.model.tables, 0.0, 0.0
        if there < COUNTIES and self.working > 0 and self.elders > 0:
            couple = math.exp(self.couple_value(there) / t.mode_nest)
        if there < COUNTIES and self.pair:
            solo = math.exp(self.solo_value(there) / t.mode_nest)
        return couple, solo

    def couple_value(self, there):
        """Worth of living apart from children and elders."""
        t = self.model.tables
        value = self.schooling(1, there) + t.apart
        return value - t.separation * (self.children > 0) - t.care[there] * (self.elders > 0)

    def solo_value(self, there):
        """Worth of living apart from the partner."""
        t = self.model.tables
        return self.schooling(1, there) + t.solo - t.partner_separation

    def schooling(self, local, j):
        """Worth of schooling at one place, per member."""
        s = self.model.tables.school
        total = self.pre * s[local, 0, j] + self.primary * s[local, 1, j] + self.junior * s[local, 2, j]
        return total / self.size

    def add_modes(self, places, there):
        """Add to every place the inclusive value over the modes open there; at home only the whole goes."""
        t = self.model.tables
        cost = t.move_cost * t.child_cost * self.pupils
        if self.pre + self.primary + self.junior:
            whole = (np.array([self.pre, self.primary, self.junior]) / self.size) @ t.school_from[there]
            whole -= cost
        else:
            whole = np.full(PLACES, -cost)
        kept = places[there] + whole[there]
        if self.couple or self.solo:
            whole = np.exp(whole / t.mode_nest)
            whole += t.bed_weight * (self.couple + self.solo * t.lone_weight[there])
            places += t.mode_nest * np.log(whole)
        else:
            places += whole
        places[there] = kept

    def modes_at_seat(self, local, here, there):
        """Inclusive value of how the family can live at the seat."""
        t = self.model.tables
        s = t.school
        whole = self.new_pre * s[local, 0, here] + self.new_primary * s[local, 1, here]
        whole += self.new_junior * s[local, 2, here] + self.placed * t.sure[here] + self.refused * t.refused
        whole /= self.size
        change = t.move_cost * t.mode_cost
        if self.away_elders > 0:
            whole -= t.care[there]
        if self.mode != WHOLE:
            whole -= change
        modes = [whole]
        away = here != there and there < COUNTIES
        joins = self.mode == SOLO and self.couple
        if self.mode == COUPLE or joins or (away and self.refused > 0 and self.couple):
            modes.append(self.couple_value(there) + t.bed[here] - change * (self.mode != COUPLE))
        if self.mode == SOLO:
            modes.append(self.solo_value(there) + t.bed[here] + t.lone[there, here])
        if len(modes) == 1:
            return whole
        top = max(modes)
        return top + t.mode_nest * math.log(sum(math.exp((v - top) / t.mode_nest) for v in modes))

    def go(self, chosen, there):
        """Move, whole or in part, by the weights of the modes at the place chosen."""
        t = self.model.tables
        self.mode = WHOLE
        if chosen not in (VILLAGE, there) and (self.couple or self.solo):
            local = int(t.jurisdiction[chosen] == t.jurisdiction[there])
            whole = self.schooling(local, chosen) - t.move_cost * t.child_cost * self.pupils
            bed = t.bed_weight[chosen]
            weights = [math.exp(whole / t.mode_nest), self.couple * bed]
            weights.append(self.solo * bed * t.lone_weight[there, chosen])
            mark = self.random.random() * sum(weights)
            self.mode = WHOLE if mark < weights[0] else COUPLE if mark < weights[0] + weights[1] else SOLO
        self.residence = self.hukou_location if chosen == VILLAGE else 2 * chosen + 1
        self.years_resident = 0
        self.moves += 1


class Tables:
    """A year's tables as a Mesa modeller would lay them out, from the arrays of `ChoiceInputs`."""

    def __init__(self, setting):
        for name in setting._fields:
            value = getattr(setting, name)
            setattr(self, name, value if isinstance(value, np.ndarray) else value.item())
        self.value = setting.value.astype(float)
        self.bed, self.bed_weight = setting.bed[:, 0].astype(float), setting.bed[:, 1].astype(float)
        self.lone, self.lone_weight = (
            setting.solo_income[:, :, 0].astype(float),
            setting.solo_income[:, :, 1].astype(float),
        )
        same = setting.jurisdiction[:, None] == setting.jurisdiction[None, :]
        at_home = setting.pair + np.where(same, setting.local[None, :], 0.0)
        self.onward = setting.onward.astype(float)
        self.base = self.value[:, None, :] + at_home[None, :, :]
        self.school = setting.school.astype(float)
        self.school_from = np.where(same[:, None, :], self.school[1][None], self.school[0][None])
        groups = range(int(setting.prefecture.max()) + 1)
        county = np.arange(PLACES) < COUNTIES
        self.inverse = np.ones((PLACES, len(groups), PLACES + 1))
        self.near, self.far = [], []
        for there in range(PLACES):
            nest = county & (np.arange(PLACES) != there)
            near = [np.flatnonzero(nest & (setting.prefecture == g)) for g in groups]
            far = [np.flatnonzero(nest & (setting.prefecture != g)) for g in groups]
            for g in groups:
                self.inverse[there, g, near[g]] = 1.0 / self.prefecture_nest
                self.inverse[there, g, far[g]] = 1.0 / self.province_nest
            self.near.append(near)
            self.far.append(far)


class Plain(mesa.Model):
    """Households of a `SettlementModel` as plain Mesa agents.

    Parameters
    ----------
    setting : the year's tables; households : list of (profile, facts, tastes).
    """

    def __init__(self, setting, households, rng=1):
        super().__init__(rng=rng)
        self.tables = Tables(setting)
        for who, facts, taste in households:
            Household(self, who, facts, taste)

    def step(self):
        """One year of decisions."""
        self.agents.shuffle_do("decide")


def households_of(model, rows, profile, tastes):
    """Profile, facts and (places,) persistent tastes of some rows of a `SettlementModel`, for `Plain`.

    profile, tastes : the kernel's functions, so that both sides start from the same households.
    """
    state, out = model.state, []
    seed, code = np.uint32(model.seed), model.world.code32
    for row in rows:
        flags = int(state.flags[row])
        facts = {
            "residence": int(state.residence[row]),
            "hukou_location": int(state.hukou_location[row]),
            "years_resident": int(state.years_resident[row]),
            "kind": int(layout.kind_of(flags)),
            "owner": bool(layout.tenure_of(flags) == layout.OWNER),
            "permit": bool(layout.has_permit(flags)),
            "no_place": bool(layout.was_refused(flags)),
            "trigger": int(layout.trigger_of(flags)),
        }
        who = profile(state, row)
        own = tastes(seed, state.uid[row], state.taste[row], code, model.tastes)
        out.append(({name: int(getattr(who, name)) for name in who._fields}, facts, own))
    return out
