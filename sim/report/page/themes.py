"""The headline outcomes grouped by theme, so that nobody reads forty rows at once."""

from dataclasses import replace

import pandas as pd

from sim.report.page.tables import Row, Table
from sim.results.areas import POTENTIAL, PROVINCE, REST

THEMES: dict[str, tuple[str, ...]] = {
    "theme_people": ("residents", "households", "household_size", "net_migration", "natural_increase"),
    "theme_towns": ("urban_share", "hukou_urban_share", "floating", "permit_or_hukou_share", "entitlement_index"),
    "theme_children": ("migrant_children", "public_school_share", "school_shortage", "school_surplus",
                       "children_left_behind", "left_behind_share"),
    "theme_work": ("jobs", "employed", "unemployment", "wage"),
    "theme_homes": ("rental_homes", "rental_queue", "rent", "house_price"),
    "theme_groups": (),
    "theme_prefectures": (),
}  # fmt: skip
"""Indicators of the province by theme; the last two are other areas."""


def theme_of(indicator: str, area: int | str) -> str:
    """Return the theme of an outcome; one that no theme names is with people and moves."""
    if area in (POTENTIAL, REST):
        return "theme_groups"
    if str(area) != str(PROVINCE):
        return "theme_prefectures"
    return next((theme for theme, names in THEMES.items() if indicator in names), "theme_people")


def by_theme(table: Table, outcomes: pd.DataFrame) -> list[tuple[str, Table]]:
    """Split a table with one row an outcome into one a theme, in the order of `THEMES`; empty themes are left out.

    Parameters
    ----------
    table
        As `sim.report.page.tables.headline` gives it.
    outcomes
        The outcomes of its rows, in the same order.
    """
    parts: dict[str, list[Row]] = {theme: [] for theme in THEMES}
    for row, (indicator, area) in zip(
        table.rows, zip(outcomes["indicator"], outcomes["area"], strict=True), strict=True
    ):
        parts[theme_of(str(indicator), area)].append(row)
    return [(theme, replace(table, rows=rows)) for theme, rows in parts.items() if rows]
