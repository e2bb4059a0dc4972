"""The value of every place to one household: `sim.kernels.choice.worth` for all places in loops of one thing each."""

import numpy as np

from sim.kernels import layout, rng
from sim.kernels.arithmetic import exp, log
from sim.kernels.compiling import inline_rule

_F = np.float32


@inline_rule(error_model="numpy")
def worth_of_places(me, s, out):
    """Write into `out` what `worth` says of each place, to the bit; each loop becomes vector instructions.

    Parameters
    ----------
    me
        The `ChoiceContext` of the household.
    s
        The `ChoiceInputs` of the year.
    out
        (places or more,) float32, changed.
    """
    value, pair, onward, jurisdiction = s.value[me.group], s.pair[me.there], s.onward[me.origin], s.jurisdiction
    code, taste, local, elderly = s.code, s.taste, s.local, s.elderly
    likings = out.view(np.uint32)
    for j in range(layout.PLACES):
        likings[j] = rng.quantile(rng.alternative(me.low, me.high, code[j]))
    for j in range(layout.PLACES):
        out[j] = taste[likings[j]]
    for j in range(layout.PLACES):
        out[j] = _F(value[j] + pair[j] + out[j] - me.cost)
    if me.way.choice:
        at_home = _F(out[me.there] + me.all_home)
        mine, others, bed, income = s.school[1], s.school[0], s.bed, s.solo_income[me.there]
        way, nest, inverse = me.way, s.mode_nest, _F(_F(1.0) / s.mode_nest)
        for j in range(layout.PLACES):  # the terms of `value_over_modes`
            is_local = jurisdiction[j] == me.hukou
            pre, pre_else, primary, primary_else = mine[0, j], others[0, j], mine[1, j], others[1, j]
            junior, junior_else = mine[2, j], others[2, j]
            total = _F(
                way.pre * (pre if is_local else pre_else) + way.primary * (primary if is_local else primary_else)
            )
            whole = _F(_F(total + way.junior * (junior if is_local else junior_else)) - way.cost)
            if way.split:
                apart = _F(bed[j, 1] * _F(way.couple + way.solo * income[j, 1]))
                whole = _F(nest * log(_F(exp(_F(whole * inverse)) + apart)))
            out[j] = _F(out[j] + whole)
        out[me.there] = at_home
    for j in range(layout.PLACES):
        v = _F(out[j] + local[j]) if jurisdiction[j] == me.hukou else out[j]
        out[j] = _F(v + me.old * elderly[j])
    out[me.here] = _F(out[me.here] + me.cost - me.near_cost)
    at_home = out[me.there]
    for j in range(layout.PLACES):
        out[j] = _F(out[j] + onward[j])
    out[me.there] = _F(at_home + me.homeward)
