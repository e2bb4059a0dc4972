"""Which codes are counties, which prefectures, and which prefecture a county lies in."""

from typing import Literal

import pandas as pd

By = Literal["province", "prefecture", "place", "group"]

PROVINCE = 130000
BEIJING, TIANJIN, REST_OF_CHINA = OUTSIDE = 110000, 120000, 0
SHIJIAZHUANG, BAODING, LANGFANG, XIONGAN = 130100, 130600, 131000, 133100
XIONGAN_COUNTIES = (130629, 130632, 130638)
PREFECTURES = (*range(SHIJIAZHUANG, 131101, 100), XIONGAN)
POTENTIAL = "potential-counties"
REST = "rest-of-hebei"
"""The counties that are not potential counties."""


def in_hebei(code: int) -> bool:
    """Tell whether a code is the province, one of its prefectures or counties."""
    return code // 10000 == 13


def is_county(code: int) -> bool:
    """Tell whether a code is a county of Hebei."""
    return in_hebei(code) and code % 100 != 0


def prefecture_of(county: int) -> int:
    """Return the prefecture of a county; Xiong'an's three counties belong to Xiong'an, not Baoding."""
    return XIONGAN if county in XIONGAN_COUNTIES else county // 100 * 100


def rank(code: int) -> tuple[int, int]:
    """Return what tables sort places by: the province, prefectures, counties, then Beijing, Tianjin, rest of China."""
    if in_hebei(code):
        return (0 if code == PROVINCE else 1 if code % 100 == 0 else 2), code
    return (3 if code else 4), code


def rows_at(frame: pd.DataFrame, by: By) -> pd.DataFrame:
    """Return the rows of a panel at one level; `place` also keeps Beijing, Tianjin and the rest of China."""
    codes = frame["place"]
    if by == "province":
        return frame[codes == PROVINCE]
    if by == "prefecture":
        return frame[codes.isin(PREFECTURES)]
    return frame[(codes != PROVINCE) & ~codes.isin(PREFECTURES)]
