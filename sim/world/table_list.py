"""The tables of facts in ``sim/world/data``: the columns of each."""

from sim.world.table_columns import (
    BAND,
    COUNT,
    ELSEWHERE,
    HOUSEHOLDS,
    LEVELS,
    MARITAL,
    NOTE,
    SECTORS,
    SEX,
    SHARE,
    SOURCE,
    Table,
    code,
    counts,
    members,
    place,
    real,
    text,
    whole,
    year,
)

TABLES: dict[str, Table] = {
    "sources": Table(
        {"key": text(), "citation": text(), "year": whole(1980, 2030, missing=True), "licence": text()}, ("key",)
    ),
    "places": Table(
        {
            "place": whole(0, 999999), "name_zh": text(), "name_en": text(),
            "kind": text("district", "county", "city", "outside"), "prefecture": code(), "prefecture_zh": text(),
            "prefecture_en": text(), "jurisdiction": code(), "lon": real(70, 140), "lat": real(15, 55),
            "area_km2": real(1, 20000, missing=True), **NOTE,
        },
        ("place",), 170,
    ),
    "zone_folds": Table(
        {
            "zone": code(), "name_zh": text(), "host": place(), "host_name": text(), "share": SHARE,
            "population": COUNT, "confidence": text("sourced", "high", "medium", "low"), **NOTE,
        },
        ("zone", "host"),
    ),
    "census2020": Table(
        {
            "place": place(),
            **counts("residents", "urban", "rural", "male", "female", "households", "household_pop", "group_quarters",
                      *HOUSEHOLDS, "hh_with_65plus", *ELSEWHERE, *[f"edu_{e}_{s}" for s in "mf" for e in LEVELS]),
            "city_proper": whole(missing=True), **NOTE,
        },
        ("place",), 167,
    ),
    "ages2020": Table({"place": place(), "sex": SEX, "band": BAND, "persons": COUNT, "source": SOURCE},
                      ("place", "sex", "band"), 167 * 2 * 19),
    "census2020_shares": Table(
        {
            "place": place(),
            **counts(*[f"employed_{s}" for s in SECTORS],
                      *[f"tenure_{t}" for t in ("rent", "self_built", "purchased", "inherited", "other")],
                      *MARITAL, "households_sampled", "car_households", "lift_households"),
            "housing_m2_per_head": real(5, 200), "rooms_per_household": real(0.5, 20), "source": SOURCE,
        },
        ("place",), 167,
    ),
    "household_sizes": Table(
        {
            "region": code(), "year": year(), "size": whole(1, 10), "households": whole(missing=True), "share": SHARE,
            **NOTE,
        },
        ("region", "year", "size"),
    ),
    "marital_by_age": Table(
        {
            "year": year(), "area": text("all", "urban", "rural"), "sex": SEX, "band": text(),
            "status": text("never_married", "married", "divorced", "widowed"), "share": SHARE, "source": SOURCE,
        },
        ("year", "area", "sex", "band", "status"),
    ),
    "journeys": Table({"origin": place(True), "destination": place(True), "minutes": whole(1, 2000), **NOTE},
                      ("origin", "destination")),
    "never_married2022": Table({"age": whole(15, 100), "share": SHARE, **NOTE}, ("age",)),
    "children_born2020": Table(
        {"place": place(), "women_15_64": COUNT, "children_per_woman": real(0.2, 4), **NOTE}, ("place",), 167
    ),
    "place_changes": Table(
        {
            "code": code(), "name_zh": text(), "name_en": text(), "year": year(2010, 2020), "place": place(),
            "change": text("became a district", "became a city", "renamed", "merged", "divided", "coded so"), **NOTE,
        },
        ("code", "place"),
    ),
    "figure_bounds": Table(
        {
            "measure": text("residents", "urban", "births", "deaths"),
            "level": text("province", "prefecture", "county"),
            "low": real(), "high": real(), "unit": text(), **NOTE,
        },
        ("measure", "level"), 12,
    ),
    "published": Table(
        {
            "year": year(2021, 2023), "place": code(), "scope": text(),
            "measure": text("residents", "urban", "births", "deaths", "net_migration"), "value": whole(None),
            "error": whole(1), "use": text("fit", "score"), **NOTE,
        },
        ("year", "place", "measure"),
    ),
    **dict.fromkeys(("paths", "paths2010"), Table(
        {
            "name": text("fertility", "mortality", "mobility", "inplace", "outside", "prefecture", "county", "villages",
                         "prefecture_villages"),
            "part": text("constant", "noise", "step"), "size": real(0, 5), "persistence": real(0, 1, missing=True),
            "freedom": real(2.1, missing=True), "first": whole(2021, 2040, missing=True),
            "last": whole(2021, 2040, missing=True), "unit": text("log", "utils"), "source": SOURCE,
            "status": text("seen", "computed", "memory", "assumption"), "note": text(missing=True),
        },
        ("name", "part"),
    )),
    "county_answers": Table(
        {"place": place(), "answer_2010": real(0.0001, 1), "answer_2020": real(0.0001, 1), **NOTE}, ("place",), 167,
    ),
    "forecast_errors": Table(
        {"baseline": text("no change", "growth since 2020", "last year's growth"), "horizon": whole(1, 10),
         "sd": real(0, 1), **NOTE},
        ("baseline", "horizon"),
    ),
    "path_means": Table(
        {"name": text("fertility", "mortality", "mobility", "inplace"), "year": year(2021, 2040),
         "mean": real(-2, 2), **NOTE},
        ("name", "year"),
    ),
    "units": Table({"place": place(), "unit": place(), **NOTE}, ("place",), 167),
    "composites": Table({"place": place(), "composite": place(), **NOTE}, ("place",), 167),
    "residents_rebased": Table({"unit": place(), "year": year(2000, 2020), "residents": COUNT, **NOTE},
                               ("unit", "year"), 166 * 3),
    "census2010": Table(
        {
            "code": code(), "name_zh": text(), "prefecture_zh": text(),
            **counts("residents", "urban", "rural", "male", "female", "households", "household_pop", "age_0_14",
                      "age_15_64", "age_65plus", "registered", *ELSEWHERE, *HOUSEHOLDS),
            "non_agricultural_pct": real(0, 100), "birth_rate": real(0, 60), "death_rate": real(0, 60), **NOTE,
        },
        ("code",), 172,
    ),
    "margins2010": Table(
        {
            "place": place(), "margin": place(), "census2010": members(), "own2010": members(),
            "kind": text("district", "county", "city"), **NOTE,
        },
        ("place",), 167,
    ),
    "census2010_shares": Table(
        {
            "code": code(), "years_schooling": real(3, 20), "households_sampled": COUNT,
            **counts(*[f"tenure_{t}" for t in ("rent", "self_built", "purchased", "other")]), "source": SOURCE,
        },
        ("code",), 172,
    ),
    "ages_china2010": Table({"band": BAND, "persons": COUNT, "source": SOURCE}, ("band",), 19),
    "house_prices2010": Table({"area": code(), "year": year(2010, 2010), "price": real(), **NOTE}, ("area",), 13),
    **dict.fromkeys(("known2010", "known2020"), Table(
        {"key": text(), "value": real(), "low": real(missing=True), "high": real(missing=True), "unit": text(), **NOTE},
        ("key",),
    )),
    "hukou": Table({"place": place(), "year": year(), "registered": COUNT, **NOTE}, ("place", "year")),
    "hukou_urban_share": Table({"year": year(2010, 2022), "share": SHARE, **NOTE}, ("year",)),
    "net_migration": Table(
        {
            "area": text(), "level": text("county", "group", "prefecture", "province"), "members": members(),
            "sex": SEX, "band": BAND, "residual": real(None), "rate_adj": real(-1, 10), **NOTE,
        },
        ("area", "sex", "band"),
    ),
    "province_series": Table(
        {
            "year": year(2000, 2022),
            **{c: whole(missing=True) for c in ("residents", "urban", "births", "deaths")},
            "net_migration": whole(None, missing=True),
            **{c: whole(missing=True) for c in ("residents_first", "urban_first")},
            "source": SOURCE, "sources_other": text(missing=True), "note": text(missing=True),
        },
        ("year",),
    ),
    "prefectures2021": Table(
        {
            "area": text(), "name_zh": text(), "members": members(), "year": year(2021, 2021), "residents": COUNT,
            **{c: whole(missing=True) for c in ("urban", "births", "deaths")}, **NOTE,
        },
        ("area",),
    ),
    "flows": Table(
        {
            "origin": code(), "destination": code(), "period": text(), "persons": COUNT,
            "known": text("exact", "partial", "estimate"), **NOTE,
        },
        ("origin", "destination", "period"),
    ),
    "gross_flows": Table({"place": code(), "period": text(), "direction": text("in", "out"), "persons": COUNT, **NOTE},
                         ("place", "period", "direction")),
    "stocks": Table(
        {
            "hukou_of": whole(0, 999999, missing=True), "living_in": whole(0, 999999, missing=True),
            "year": year(2000, 2020), "class": text(), "value": real(), "unit": text("persons", "share"), **NOTE,
        },
        ("hukou_of", "living_in", "year", "class"),
    ),
    "mortality": Table({"year": year(2010, 2030), "sex": SEX, "age": whole(0, 100), "q": SHARE, "source": SOURCE},
                       ("year", "sex", "age"), 21 * 2 * 101),
    "demography": Table(
        {"key": text(), "value": real(None), "low": real(None, missing=True), "high": real(None, missing=True),
         "unit": text(), **NOTE},
        ("key",),
    ),
    "fertility": Table(
        {
            "year": year(), "age": whole(15, 49), "area": text("all", "city", "town", "rural"), "rate": real(0, 0.5),
            **NOTE,
        },
        ("year", "age", "area"),
    ),
    "wages": Table({"place": place(True), "wage": real(1000, 1e6), "basis": text(), **NOTE}, ("place",), 170),
    "wages_published": Table(
        {"area": text(), "name_zh": text(), "year": year(), "kind": text("non-private", "private"),
         "wage": real(1000, 1e6), **NOTE},
        ("area", "year", "kind"),
    ),
    "gdp": Table({"place": place(), "year": year(), "gdp": real(1), "gdp_per_head": real(1, missing=True), **NOTE},
                 ("place", "year")),
    "house_prices": Table(
        {"place": place(True), "year": year(), "price": real(100, 1e6), "rent": real(0.1, 1e4), **NOTE}, ("place",), 170
    ),
    "rail": Table(
        {"origin": place(True), "destination": place(True), "minutes": whole(1, 2000), "year": year(), **NOTE},
        ("origin", "destination", "year"),
    ),
    "lines": Table(
        {
            "line": text(), "name_en": text(), "status": text("open", "under construction", "in testing 2026"),
            "opened": text(missing=True), "planned": text(missing=True), "construction_start": text(missing=True),
            "length_km": real(missing=True), "speed_kmh": real(missing=True), "stations": text(missing=True), **NOTE,
        },
        ("line",),
    ),
    "pupils": Table({"place": place(), "year": year(), **counts("primary", "secondary"), **NOTE}, ("place", "year")),
    "schools_province": Table(
        {"key": text(), "region": code(), "year": year(), "value": real(), "unit": text(), **NOTE},
        ("key", "region", "year"),
    ),
    "unit_costs": Table(
        {"key": text(), "title_en": text(), "title_zh": text(), "value": real(), "low": real(), "high": real(),
         "unit": text(), **NOTE},
        ("key",),
    ),
    "fiscal_items": Table(
        {"key": text(), "title_en": text(), "title_zh": text(), "quantity": text(), "kind": text("capital", "yearly"),
         "channels": text(missing=True), "clause": text(missing=True), "value": real(), "low": real(), "high": real(),
         "unit": text(), "price_year": year(), **NOTE},
        ("key",),
    ),
    "hospital_beds": Table({"place": place(), "year": year(), "beds": COUNT, "source": SOURCE}, ("place", "year")),
    "potential_counties": Table(
        {"place": place(), "name_zh": text(), "annex_no": whole(1, 50), **NOTE}, ("place",), 50
    ),
    "sjz_circle": Table(
        {"place": place(), "name_zh": text(), "member": text("yes", "part", "uncertain"), **NOTE}, ("place",)
    ),
    "development_zones": Table(
        {
            "place": place(), "zone": whole(130000, 139999, missing=True), "name_zh": text(),
            "rank": text("national", "provincial", "administrative"), **NOTE,
        },
        ("place", "name_zh"),
    ),
    "adjacency": Table(
        {"place_a": place(), "place_b": place(), "km": real(), "source": SOURCE}, ("place_a", "place_b")
    ),
    "clusters": Table(
        {
            "place": code(), "cluster": text(), "year": year(), "indicator": text(), "value": real(), "unit": text(),
            **NOTE,
        },
        ("place", "cluster", "year", "indicator"),
    ),
    **dict.fromkeys(("parameters", "parameters2010"), Table(
        {
            "name": text(), "symbol": text(missing=True), "value": real(None), "low": real(None, missing=True),
            "high": real(None, missing=True), "unit": text(), "source": SOURCE,
            "status": text("seen", "computed", "memory", "assumption"), "meaning": text(), "note": text(missing=True),
        },
        ("name",),
    )),
}  # fmt: skip
