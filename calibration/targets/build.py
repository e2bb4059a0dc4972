"""Make the tables of targets from the project's own tables: ``python -m calibration.targets.build``.

Three levels of area, each nested in the next: ``unit`` (166 comparable units), ``composite`` (units that may host the
same development zone put together) and ``margin`` (composites put together until the county tables of the 2010 census,
which are on the boundaries of their day, add up to the same people).
"""

from pathlib import Path

import pandas as pd

from calibration.targets import FOLDER, LEVELS
from sim.results.areas import OUTSIDE, PROVINCE
from sim.world import tables

COLUMNS = ["level", "area", "year", "measure", "value", "base", "use", "source", "note"]
FIT, SCORE = "fit", "score"

# Codes of 2010 that are gone in 2020, and the place of 2020 that holds most of their people.
SUCCESSOR = {
    130103: 130102, 130124: 130111, 130182: 130109, 130185: 130110, 130223: 130284, 130230: 130209, 130323: 130306,
    130421: 130403, 130428: 130407, 130429: 130408, 130521: 130502, 130526: 130505, 130527: 130506, 130603: 130606,
    130604: 130606, 130621: 130607, 130622: 130608, 130625: 130609, 130721: 130705, 130729: 130708, 130733: 130709,
    130823: 130881, 131181: 131103,
}  # fmt: skip

# Units whose boundaries exchanged land with one another between the 2010 census and the re-based map.
EXCHANGED = [
    (130102, 130104), (130202, 130207, 130209), (130302, 130304, 130306), (130402, 130403, 130404, 130406, 130408),
    (130702, 130703, 130705),
]  # fmt: skip

AGES_2010 = {"age_0_14": "0-14", "age_15_64": "15-64", "age_65plus": "65+"}
AGES_2020 = {"0-14": ["0", "1-4", "5-9", "10-14"], "65+": ["65-69", "70-74", "75-79", "80-84", "85+"]}


def areas() -> pd.DataFrame:
    """The three levels: code (the lowest member), prefecture, margin group, members of 2020 and codes of 2010."""
    names = tables.load("places").set_index("place")
    unit = tables.load("units").set_index("place")["unit"]
    level = pd.DataFrame({"unit": unit, "composite": tables.load("composites").set_index("place")["composite"]})
    level["margin"] = level["composite"]
    for group in EXCHANGED:
        found = level.loc[list(group), "margin"].unique()
        level.loc[level["margin"].isin(found), "margin"] = min(found)
    codes = tables.load("census2010")["code"]
    home = codes.map(lambda c: SUCCESSOR.get(c, c))
    whole = level.groupby("margin")[["unit", "composite"]].nunique()
    rows = []
    for name in LEVELS:
        for code, members in level.groupby(name):
            margin = level.loc[members.index[0], "margin"]
            comparable = name == "margin" or whole.loc[margin, name] == 1
            of_2010 = codes[home.isin(members.index) & comparable]
            rows.append({
                "level": name, "area": code, "name_zh": "、".join(names.loc[members.index, "name_zh"]),
                "prefecture": names.loc[members.index[0], "prefecture"], "margin": margin,
                "members": ";".join(map(str, members.index)), "census2010": ";".join(map(str, of_2010)),
            })  # fmt: skip
    return pd.DataFrame(rows)


def by_area(frame: pd.DataFrame, year: int, where: pd.DataFrame, column: str, source: str, use: str) -> pd.DataFrame:
    """Add up the columns of a table by code over the areas, and make it long."""
    parts = where[["level", "area", column]].assign(code=where[column].str.split(";")).explode("code")
    parts = parts[parts["code"] != ""].astype({"code": int})
    summed = parts.join(frame, on="code").groupby(["level", "area"])[list(frame.columns)].sum()
    long = summed.reset_index().melt(["level", "area"], var_name="measure")
    return long.assign(year=year, base=2010, use=use, source=source, note="")


def both(columns_2010: pd.DataFrame, columns_2020: pd.DataFrame, where: pd.DataFrame) -> pd.DataFrame:
    """Figures of both censuses: 2010 is fitted where comparable, 2020 is scored."""
    early = by_area(columns_2010, 2010, where, "census2010", "census2010", FIT)
    return pd.concat([early, by_area(columns_2020, 2020, where, "members", "census2020", SCORE)])


def residents(where: pd.DataFrame) -> pd.DataFrame:
    """Residents of 2000, 2010 and 2020; the first two re-based, the third with the zones folded."""
    wide = tables.load("residents_rebased").pivot(index="unit", columns="year", values="residents")
    short = tables.load("residents_rebased").query("year == 2000").set_index("unit")["note"]
    out = []
    for year in (2000, 2010, 2020):
        one = wide[[year]].set_axis(["residents"], axis=1)
        source, use = ("census2020", SCORE) if year == 2020 else ("rebased", FIT)
        part = by_area(one, year, where, "members", source, use)
        if year == 2000:
            part["note"] = part["area"].map(short).fillna("")
        out.append(part)
    return pd.concat(out)


def area_tables(where: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Every table by area."""
    c10, c20 = tables.load("census2010").set_index("code"), tables.load("census2020").set_index("place")
    band = tables.load("ages2020").pivot_table(index="place", columns="band", values="persons", aggfunc="sum")
    ages20 = pd.DataFrame({k: band[v].sum(axis=1) for k, v in AGES_2020.items()})
    ages20.insert(1, "15-64", band.sum(axis=1) - ages20.sum(axis=1))
    urban = both(c10[["residents", "urban"]], c20[["residents", "urban"]], where)
    key = ["level", "area", "year"]
    whole = urban[urban["measure"] == "residents"].set_index(key)["value"]
    urban = urban[urban["measure"] == "urban"]
    share = urban.assign(measure="urban_share", value=(urban.set_index(key)["value"] / whole).loc[
        pd.MultiIndex.from_frame(urban[key])].round(6).to_numpy())  # fmt: skip
    elsewhere = ["elsewhere_same_county", "elsewhere_other_county", "elsewhere_other_province"]
    classes = {c: c.removeprefix("elsewhere_") for c in elsewhere}
    events = pd.DataFrame({
        "births": (c10["birth_rate"] * c10["residents"] / 1000).round().astype(int),
        "deaths": (c10["death_rate"] * c10["residents"] / 1000).round().astype(int),
    })  # fmt: skip
    vital = by_area(events, 2010, where, "census2010", "census2010", FIT)
    vital["note"] = "rate of the twelve months before the census times residents"
    return {
        "residents": residents(where),
        "urban": pd.concat([urban, share]),
        "ages": both(c10[list(AGES_2010)].rename(columns=AGES_2010), ages20, where),
        "households": both(c10[["households", "household_pop"]], c20[["households", "household_pop"]], where),
        "elsewhere": both(c10[elsewhere].rename(columns=classes), c20[elsewhere].rename(columns=classes), where),
        "vital": vital,
    }


def stocks() -> pd.DataFrame:
    """Hebei people in Beijing and elsewhere, and the masses of Beijing and Tianjin in 2010."""
    t = tables.load("stocks")
    t = t[t["class"].isin(["hukou", "intra_city", "commuter_share"])].rename(columns={"class": "measure"})
    t["base"] = (2010 + 10 * (t["measure"] == "commuter_share")).astype(int)
    t["use"] = [FIT if y == 2010 or m == "commuter_share" else SCORE for y, m in zip(t["year"], t["measure"],
                                                                                   strict=True)]  # fmt: skip
    cities = pd.DataFrame({"living_in": OUTSIDE[:2], "year": 2010, "measure": "residents",
                           "value": [19_620_000.0, 12_990_000.0], "unit": "persons", "base": 2010, "use": FIT,
                           "source": "nbs_province", "note": "end of year"})  # fmt: skip
    columns = ["hukou_of", "living_in", "year", "measure", "value", "unit", "base", "use", "source", "note"]
    return pd.concat([t[columns], cities]).reindex(columns=columns).astype({"hukou_of": "Int64", "living_in": "Int64"})


def flows() -> pd.DataFrame:
    """Five-year moves: 2005-10 fits the 2010 base, later ones the 2020 base."""
    pairs = tables.load("flows")
    gross = tables.load("gross_flows")
    inward = gross["direction"] == "in"
    gross["origin"], gross["destination"] = gross["place"].where(~inward), gross["place"].where(inward)
    gross["known"] = "printed"
    columns = ["origin", "destination", "period", "persons", "known"]
    t = pd.concat([pairs[[*columns, "source", "note"]], gross[[*columns, "source", "note"]]])
    t["base"] = [2010 if p == "2005-2010" else 2020 for p in t["period"]]
    t = t.astype({"origin": "Int64", "destination": "Int64"}).rename(columns={"persons": "value"})
    return t.assign(use=FIT)[["origin", "destination", "period", "value", "known", "base", "use", "source", "note"]]


def later() -> pd.DataFrame:
    """The province by year (2011-19 scored with the 2010 base, 2021 fitted, 2022 scored) and prefectures in 2021.

    Baoding as a whole is left out: its three parts (without Dingzhou and Xiong'an, Dingzhou, Xiong'an) are here.
    """
    keep = ["residents", "urban", "births", "deaths"]
    series = tables.load("province_series")
    series["other"] = series["sources_other"].fillna(series["source"])
    province = series.melt(["year", "source", "other"], keep, "measure").assign(level="province", area=str(PROVINCE))
    province = province[~province["year"].isin([2010, 2020])].assign(base=lambda t: 2010 + 10 * (t["year"] > 2020))
    province["source"] = province["source"].where(province["measure"] == "residents", province["other"])
    first = province["measure"].isin(["births", "deaths"]) & (province["year"] < 2020)
    province["note"] = first.map({True: "as first published, on the series before its revision", False: ""})
    local = tables.load("prefectures2021")
    local = local[local["area"] != "130600"].melt(["area", "year", "source", "note"], keep, "measure")
    local["note"] = local["note"].where(local["measure"] == "urban")
    share = tables.load("hukou_urban_share").rename(columns={"share": "value"})
    share = share.assign(level="province", area=str(PROVINCE), measure="hukou_urban_share", base=2010)
    out = pd.concat([province, share, local.assign(level="prefecture", base=2020)]).dropna(subset="value")
    out["use"] = [FIT if y == 2021 else SCORE for y in out["year"]]
    return out


def write(folder: Path = FOLDER) -> None:
    """Write every table."""
    where = areas()
    made = {name: table[COLUMNS] for name, table in {**area_tables(where), "later": later()}.items()}
    for name, table in {"areas": where, **made, "stocks": stocks(), "flows": flows()}.items():
        if "level" in table and name != "areas":
            table = table.sort_values(["level", "area", "year", "measure"], kind="stable")
        if "value" in table:
            table = table.reset_index(drop=True)
            exact = [int(v) if float(v).is_integer() and abs(v) > 1 else v for v in table["value"]]
            table["value"] = pd.Series(exact, dtype=object)
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    write()
