"""Cases that a policy person can write: household in, entitlement out (tests/policy/cases/README.md)."""

import copy
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.kernels import allocation, hukou_transitions, layout
from sim.policy import compile_assumptions, compile_levers, load_catalogue, load_scenario
from sim.policy.reading import read_yaml
from sim.processes import housing, hukou, labour_market, mobility, schooling

FOLDER = Path(__file__).parent / "cases"
RULES = read_yaml(FOLDER / "rules.yaml").data
CASES = [
    {**case, "file": path.name}
    for path in sorted(FOLDER.glob("*.yaml"))
    if path.name != "rules.yaml"
    for case in read_yaml(path).data
]
TENURES = {
    "owner": layout.OWNER,
    "renter": layout.RENTER,
    "guaranteed": layout.GUARANTEED,
    "dormitory": layout.DORM_BED,
}
STAGES = ("preschool", "primary", "junior")
LAST = 2028
COPIES, WITHIN = 800, 0.05
COUNTED = ("documents", "class_", "may", "permit", "converted", "first")  # shares of copies; the others are exact
SEED = np.uint32(1)
CERTAIN = 50.0  # a propensity at which everybody who may move the hukou does


@pytest.fixture(scope="session")
def model_of(small_model, tmp_path_factory):
    """Give the small model in a year under the baseline with some levers, delivered in full."""
    folder = tmp_path_factory.mktemp("cases")

    @cache
    def tables(levers):
        path = folder / "case.yaml"
        lines = "".join(f"  {name}: {{magnitude: {value}}}\n" for name, value in levers)
        more = f"delivery: 1\nlevers:\n{lines}" if levers else ""
        path.write_text(f"name: case\ntitle: {{en: Case, zh: 例}}\nextends: baseline\n{more}", encoding="utf-8")
        scenario, years = load_scenario(path), range(small_model.start, LAST + 1)
        return compile_levers(scenario, None, years), compile_assumptions(scenario, years)

    def model(levers, year):
        out = copy.copy(small_model)
        compiled, assumed = tables(tuple(sorted(levers.items())))
        out.inputs = replace(small_model.inputs, levers=compiled, assumptions=assumed)
        out.year = year
        return out

    return model


def built(model, households, facts, first_uid=1):
    """Copies of a household as the model holds it: the first member is the head, the second the spouse."""
    index = {int(code): i for i, code in enumerate(model.world.code)}
    residence = 2 * index[facts["lives"]] + layout.URBAN
    zone = layout.RURAL if facts.get("hukou_zone") == "rural" else layout.URBAN
    relations = [layout.HEAD, layout.SPOUSE, *[layout.CHILD] * 6]
    members = [(age, i % 2, relations[i], {"education": facts.get("skill", 1)} if age >= 15 else {})
               for i, age in enumerate(facts["ages"])]  # fmt: skip
    return households(
        members,
        residence,
        2 * index[facts["hukou"]] + zone,
        COPIES,
        tenure=TENURES[facts.get("tenure", "renter")],
        years_resident=facts.get("years", 1),
        permit=int(facts.get("permit", False)),
        land=int(facts.get("land", False)),
        first_uid=first_uid,
    )


def applications(model, state):
    """What the school queue makes of the children: rows, stages, classes, points, ranks, eligible."""
    continuing = np.zeros((allocation.STAGES, layout.PLACES), np.int64)
    rows, _, market, rank, eligible, _ = allocation.school_applicants(
        state, SEED, np.int32(model.year), model.world.jurisdiction_index, model.lever("school_class_merge"),
        model.lever("renter_class_merge"), schooling._papers(model), continuing,
    )  # fmt: skip
    return (
        rows,
        market // layout.PLACES,
        rank >> np.uint64(60),
        255 - (rank >> np.uint64(52) & np.uint64(255)),
        rank,
        eligible,
    )


def school(model, state, other=None):
    """The youngest child's application: stage, class (or shares of classes), points, share with the documents."""
    rows, stage, cls, points, rank, eligible = applications(model, state)
    if not len(rows):
        return {"stage": "none"}
    found = {f"class_{c}": float(np.mean(cls == c)) for c in np.unique(cls)}
    (only,), (mark,) = np.unique(stage), np.unique(points)
    out = {"stage": STAGES[only], "points": int(mark), "documents": float(np.mean(eligible)), **found}
    if len(found) == 1:
        out["class"] = int(cls[0])
    if other is not None:
        out["first"] = float(np.mean(rank < applications(model, other)[4]))
    return out


def rental(model, state):
    """Whether a guaranteed rental home may be applied for, and the points."""
    rows, _, rank = allocation.home_applicants(
        state, SEED, np.int32(model.year), model.world.jurisdiction_index, housing._shares(model), np.float32(1)
    )
    out = {"may": len(rows) / COPIES}
    if len(rows):
        out["points"] = int(255 - (rank[0] >> np.uint64(52) & np.uint64(255)))
    return out


def registered(model, state):
    """A year at the registry with everybody willing: who gets a permit, who may move the hukou, who keeps land."""
    before = state.hukou_location.copy()
    rules = hukou.rules(model, CERTAIN)
    hukou_transitions.register(state, SEED, np.int32(model.year), model.world.jurisdiction_index, rules, 1)
    flags = state.flags.astype(np.int64)
    return {
        "permit": float(np.mean((flags >> layout.PERMIT & 1) | (state.hukou_location != before))),
        "converted": float(np.mean(state.hukou_location != before)),
        "land_kept": float(np.mean(flags >> layout.LAND & 1)),
        "trust": float(rules.land[before[0] >> 1]),
    }


def points(model, state):
    """Settlement by points in Beijing or Tianjin: who may apply, with how many points."""
    place = int(state.residence[0] >> 1)
    rows, rank, _ = hukou_transitions.points_applicants(
        state, SEED, np.int32(model.year), np.int32(place), int(model.p["points_years"])
    )
    out = {"may": len(rows) / COPIES}
    if len(rows):
        out["points"] = int(255 - (rank[0] >> np.uint64(52) & np.uint64(255)))
    return out


def ladder(model, state):
    """Share of local services that a permit reaches."""
    return {"services": float(mobility.ladder(model)[state.residence[0] >> 1, min(int(state.years_resident[0]), 30)])}


def barrier(model, state):
    """What is left of the hukou barrier where the household lives."""
    return {"barrier": float(mobility.barriers(model)[state.residence[0] >> 1])}


def insurance(model, state):
    """Share of income lost to hukou limits on insurance: what local hukou adds, less the barrier."""
    place, p = state.residence[0] >> 1, model.p
    limits = mobility.local_values(model)[place] - p["hukou_barrier_util"] * mobility.barriers(model)[place]
    return {"lost": float(limits / p["wage_coefficient_annual"])}


def vocational(model, state):
    """What the policy adds to the chance of going on to school at 15, without and with local hukou."""
    without, local = schooling.going_on(model)[:, state.residence[0] >> 1]
    return {"added_elsewhere": float(without), "added_local": float(local), "opened": int(without > local)}


def assistance(model, state):
    """What an income floor is worth to people from elsewhere, in log income."""
    floor = float(labour_market.income_floor(model)[state.residence[0] >> 1])
    return {"floor": floor, "open": int(floor > 0)}


ASK = {
    "school": school,
    "rental": rental,
    "permit": registered,
    "conversion": registered,
    "land": registered,
    "points": points,
    "ladder": ladder,
    "barrier": barrier,
    "insurance": insurance,
    "vocational": vocational,
    "assistance": assistance,
}


@pytest.mark.parametrize("case", CASES, ids=[f"{case['file']}: {case['name']}" for case in CASES])
def test_case(case, model_of, households):
    model = model_of(case.get("levers", {}), case["year"])
    state = built(model, households, case["household"])
    more = [built(model, households, case["against"], first_uid=COPIES + 1)] if "against" in case else []
    found = ASK[case["ask"]](model, state, *more)
    for name, value in case["expect"].items():
        assert name in found, (name, found)
        near = WITHIN if name.startswith(COUNTED) and 0 < value < 1 else 0.005
        assert found[name] == (value if isinstance(value, str) else pytest.approx(value, abs=near)), (name, found)


def test_there_are_enough_cases_and_each_follows_a_rule_in_force():
    assert len(CASES) >= 40 and sum(case.get("boundary", False) for case in CASES) >= 10
    assert len({case["name"] for case in CASES}) == len(CASES)
    assert {case["ask"] for case in CASES} == set(ASK)
    levers = load_catalogue().levers
    for case in CASES:
        follows = case["follows"]
        if follows in RULES:
            assert case["date"] == RULES[follows]["date"], case["name"]
        else:
            assert case["date"] == levers[follows].start and follows in case.get("levers", {follows}), case["name"]


def test_cases_stand_before_and_after_the_levers_they_follow():
    levers = load_catalogue().levers
    for name in {case["follows"] for case in CASES if case["follows"] in levers}:
        years = [case["year"] for case in CASES if case["follows"] == name]
        start = int(levers[name].start[:4])
        assert min(years) < start <= max(years), name
