"""The panel explains itself: residents change by the events it shows, in every area and zone, and parts add up."""

import numpy as np
import pytest

from sim.results.areas import PREFECTURES, PROVINCE

OUTSIDE = (110000, 120000, 0)


@pytest.fixture(scope="module")
def wide(small_run):
    p = small_run.panel
    table = p.assign(indicator=p["indicator"].astype(str), zone=p["zone"].astype(str))
    return table.pivot_table(index=["place", "year"], columns=["indicator", "zone"], values="value").sort_index()


def changes(wide, name, zone):
    by_year = wide[name, zone].unstack("year")
    return by_year.diff(axis=1).iloc[:, 1:]


def events(wide, name, zone):
    return wide[name, zone].unstack("year").iloc[:, 1:].fillna(0.0)


def test_every_area_is_there(wide, small_model):
    places = set(wide.index.get_level_values("place"))
    assert places == set(small_model.world.code.tolist()) | set(PREFECTURES) | {PROVINCE}
    assert set(wide.index.get_level_values("year")) == set(range(2020, 2025))


def test_residents_change_by_births_deaths_and_moves(wide):
    explained = (
        events(wide, "births", "all")
        - events(wide, "deaths", "all")
        + events(wide, "moved_in", "all")
        - events(wide, "moved_out", "all")
    )
    assert np.abs(changes(wide, "residents", "all") - explained).to_numpy().max() < 1e-3


@pytest.mark.parametrize(("zone", "sign"), [("urban", 1), ("rural", -1)])
def test_zones_change_with_moves_within_and_villages_that_turn(zone, sign, wide):
    explained = (
        events(wide, "births", zone)
        - events(wide, "deaths", zone)
        + events(wide, "moved_in", zone)
        - events(wide, "moved_out", zone)
    )
    explained += sign * (events(wide, "moved_within", "all") + events(wide, "reclassified", "all"))
    assert np.abs(changes(wide, "residents", zone) - explained).to_numpy().max() < 1e-3


def test_zones_add_up(wide):
    for name in ("residents", "households", "births", "deaths", "hukou_registered", "floating", "children_0_14"):
        both = wide[name, "rural"] + wide[name, "urban"]
        assert np.allclose(both, wide[name, "all"], equal_nan=True)


def test_nothing_is_counted_in_the_base_year(wide):
    base = wide.xs(2020, level="year")
    for name in ("births", "deaths", "moved_in", "moved_out", "reclassified"):
        assert base[name, "all"].isna().all() if (name, "all") in base else True


@pytest.mark.parametrize(
    "name",
    [
        "residents",
        "households",
        "births",
        "deaths",
        "hukou_registered",
        "floating",
        "reclassified",
        "children_primary",
        "children_left_behind",
        "school_places",
        "school_applicants",
        "school_admitted",
        "rental_homes",
        "jobs",
        "labour_force",
        "conversions_in",
        "conversions_within",
        "conversions_in_situ",
    ],
)
def test_the_province_is_the_sum_of_its_counties_and_of_its_prefectures(name, wide, small_model):
    values = wide[name, "all"].unstack("year")
    world = small_model.world
    counties = values.loc[world.code[:167]].sum()
    assert np.allclose(counties, values.loc[PROVINCE].fillna(0.0))
    assert np.allclose(values.loc[list(PREFECTURES)].sum(), values.loc[PROVINCE].fillna(0.0))


def test_moves_inside_an_area_cancel(wide, small_model):
    """What counties report as moved, less what moves between them, is what crosses the province's border."""
    flows_in, flows_out = wide["moved_in", "all"].unstack("year"), wide["moved_out", "all"].unstack("year")
    counties = small_model.world.code[:167]
    net = (flows_in - flows_out).loc[counties].sum()
    assert np.allclose(net.iloc[1:], (flows_in - flows_out).loc[PROVINCE].iloc[1:])
    assert (flows_in.loc[counties].sum().iloc[1:] > flows_in.loc[PROVINCE].iloc[1:]).all()


def test_floating_people_are_those_elsewhere_but_for_their_own_city(wide):
    for zone in ("rural", "urban", "all"):
        parts = sum(
            wide[name, zone] for name in ("elsewhere_same_county", "elsewhere_other_county", "elsewhere_other_province")
        )
        assert np.allclose(wide["floating", zone], parts)


def test_shares_are_shares(wide):
    for name in ("permit_or_hukou_share", "entitlement_index", "unemployment"):
        values = wide[name, "all"]
        assert values.min() >= 0 and values.max() <= 1 + 1e-9
    hebei = wide["vacancy", "all"][~wide.index.get_level_values("place").isin(OUTSIDE)]
    assert hebei.max() <= 1


def test_migrant_children_in_public_schools(wide):
    assert (wide["migrant_children_in_public", "all"] <= wide["migrant_children", "all"] + 1e-9).all()
    assert (wide["school_admitted", "all"].dropna() <= wide["school_applicants", "all"].dropna() + 1e-9).all()


def test_ages_add_up_to_residents(small_run, wide):
    ages = small_run.tables["ages"]
    total = ages[ages["zone"] == "all"].groupby(["place", "year"])["persons"].sum()
    assert np.allclose(total, wide["residents", "all"].reindex(total.index))


def test_flows_add_up_to_moves(small_run, wide):
    """Origin by destination: what leaves the province in the flow table is what the panel counts out."""
    flows = small_run.flows
    hebei = flows["origin"] // 10000 == 13, flows["destination"] // 10000 == 13
    out = flows[hebei[0] & ~hebei[1]].groupby("year")["persons"].sum()
    came = flows[~hebei[0] & hebei[1]].groupby("year")["persons"].sum()
    assert np.allclose(out, wide["moved_out", "all"][PROVINCE].loc[2021:])
    assert np.allclose(came, wide["moved_in", "all"][PROVINCE].loc[2021:])
