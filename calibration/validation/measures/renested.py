"""F12: the nested logit estimated again from simulated onward moves, as a field study would."""

import numpy as np
import pandas as pd
from statsmodels.discrete.conditional_models import ConditionalLogit

from calibration.validation.measures.choice import CHUNK, everyone, migrants, rows_of
from calibration.validation.measures.rows import within
from sim.kernels import choice, codes, layout
from sim.model.model import SettlementModel
from sim.processes import mobility
from sim.world.places import great_circle_km

SHOWN = 30  # alternatives shown to the estimator inside the large nest: the chosen one and others drawn evenly
MOVERS = 1500


def f12(scale=0.02):
    """Dissimilarity of the rest-of-Hebei nest, and what distance to the registered address and networks weigh."""
    model = SettlementModel("baseline", scale=scale, rng=1, until=2022)
    setting = mobility.setting(model)._replace(year=np.int32(2021))
    rows = []
    for name, s in (
        ("", everyone(setting)),
        (" without persistent tastes", everyone(setting, taste=0 * setting.taste)),
    ):
        index, parts, nest = estimated(model, s)
        rows.append(within("F12", f"dissimilarity of the rest-of-Hebei nest{name} (the model's own "
                           f"{float(setting.province_nest):.2f}; one over the coefficient on value {1 / index:.2f})",
                           nest, 0.5, 0.65))  # fmt: skip
        if not name:
            rows += [
                within("F12", "ln distance to the registered address x "
                              "dissimilarity", parts["distance"] * nest, -0.3, -0.2),
                within("F12", "share of the origin's out-migrants living there x dissimilarity", parts["share"] * nest,
                       2.5, 4.0),
            ]  # fmt: skip
    return rows


def estimated(model, s):
    """Coefficient on the value inside the nest; field-study coefficients; dissimilarity from the choice of nest."""
    state = rows_of(model.state, migrants(model.state))
    decisions = choice.decide_all(state, s, CHUNK)
    gone = decisions >= 0
    state, j = rows_of(state, gone), codes.alternative_of(decisions[gone].astype(int))
    here, there = layout.place_of(state.residence).astype(int), layout.place_of(state.hukou_location).astype(int)
    far = (s.prefecture[j % layout.PLACES] != s.prefecture[here]) & (j < layout.COUNTIES) & (j != there)
    rng = np.random.default_rng(1)
    some = rng.permutation(np.flatnonzero(far))[:MOVERS]
    value = values(state, s)
    km = np.log(np.maximum(great_circle_km(model.world.lon, model.world.lat), 10.0))
    out = model.network.copy()
    out[:, layout.COUNTIES :] = 0
    np.fill_diagonal(out, 0)
    share = out / np.maximum(model.network.sum(1, keepdims=True), 1)
    wage = np.log(model.economy.wage)
    effect = s.value.mean(0) - model.p["wage_coefficient_annual"] * wage
    blocks = []
    for i in some:
        open_ = np.flatnonzero(
            (s.prefecture[: layout.COUNTIES] != s.prefecture[here[i]]) & (np.arange(layout.COUNTIES) != there[i])
        )
        shown = np.append(rng.choice(open_[open_ != j[i]], SHOWN - 1, replace=False), j[i])
        blocks.append(pd.DataFrame({
            "mover": i, "chosen": (shown == j[i]).astype(int), "value": value[i, shown], "distance": km[there[i],
                shown],
            "share": share[there[i], shown], "wage": wage[shown], "effect": effect[shown],
        }))  # fmt: skip
    table = pd.concat(blocks, ignore_index=True)
    inside = ConditionalLogit(table["chosen"], table[["value"]], groups=table["mover"]).fit(disp=False)
    plain = ConditionalLogit(table["chosen"], table[["distance", "share", "wage", "effect"]], groups=table["mover"])
    parts = plain.fit(disp=False).params
    nest = between(s, here, there, j, value, float(inside.params["value"]), rng)
    return float(inside.params["value"]), parts, nest


def values(state, s):
    """(households, places) value of each place without tastes, costs and children, the same for all members of "
    "a nest."""
    education = (
        np.clip(
            np.where(layout.relation_of(state.member_bits) > 0, layout.education_of(state.member_bits), 0).max(1),
            1,
            3,
        )
        - 1
    )
    old = layout.age_of(state.member_bits[:, 0]) >= choice.YOUNG_BELOW
    there = layout.place_of(state.hukou_location)
    local = np.where(s.jurisdiction[None, :] == s.jurisdiction[there][:, None], s.local[None, :], 0.0)
    here = layout.place_of(state.residence)
    onward = s.onward[np.where(here == there, layout.PLACES, here)]
    onward[np.arange(len(there)), there] = 0.0
    return s.value[2 * education + old] + s.pair[there] + onward + local


def between(s, here, there, j, value, index, rng):
    """Coefficient on the nest's inclusive value in the choice among nests, movers to Beijing, Tianjin and the rest of
    China beside it: the dissimilarity."""
    prefecture = s.prefecture[: layout.COUNTIES]
    far = (prefecture[j % layout.COUNTIES] != prefecture[here]) & (j < layout.COUNTIES) & (j != there)
    outside = (j >= layout.BEIJING) & (j <= layout.REST)
    some = rng.permutation(np.flatnonzero(far | outside))[: 3 * MOVERS]
    blocks = []
    for i in some:
        open_ = (prefecture != prefecture[here[i]]) & (np.arange(layout.COUNTIES) != there[i])
        inclusive = np.log(np.exp(index * value[i, : layout.COUNTIES][open_]).sum())
        others = [k for k in layout.OUTSIDE if k != here[i]]
        blocks.append(pd.DataFrame({
            "mover": i, "chosen": [int(far[i]), *[int(j[i] == k) for k in others]],
                "inclusive": [inclusive] + [0.0] * len(others),
            "value": [0.0, *value[i, others]],
        }))  # fmt: skip
    table = pd.concat(blocks, ignore_index=True)
    fit = ConditionalLogit(table["chosen"], table[["inclusive", "value"]], groups=table["mover"]).fit(disp=False)
    return float(fit.params["inclusive"] / fit.params["value"])
