"""The page of the ends of the county table."""

import pandas as pd

from calibration.validation import county_ends


def test_ends_are_the_highest_and_lowest():
    codes = list(range(130101, 130141))
    then = {"unit": pd.Series(1.0, codes), "size": pd.Series(range(40), codes, dtype=float)}
    now = {"unit": pd.Series(1.0, codes), "size": pd.Series(range(40, 0, -1), codes, dtype=float)}
    beside = pd.DataFrame({"residents": 1.5}, codes)
    measure = county_ends.Measure("Size", "persons", lambda v: v["size"] / v["unit"], beside=("residents",))
    table = county_ends.ends(measure, then, now, beside)
    high = table[table["end"] == "highest"]
    assert list(high["county"]) == codes[:10] and list(high["now"]) == list(range(40, 30, -1))
    assert list(table[table["end"] == "lowest"]["county"]) == codes[:-11:-1]
    assert high["reason"].eq("residents +1.5 %").all()
    assert county_ends.ends(measure, now, now, beside)["reason"].str.startswith("stood there").all()
