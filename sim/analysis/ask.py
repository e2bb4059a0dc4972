"""SQL over all runs on disk, with places by name."""

from pathlib import Path

import pandas as pd

from sim.policy.area_names import place_code
from sim.results import query as asking


def query(sql: str, root: str | Path = "results") -> pd.DataFrame:
    """Answer a question in SQL over the runs under a folder.

    As `sim.results.query.query`, which says what can be asked; the SQL may also call ``place('正定')``, the code of a
    place from any of its names.

    Parameters
    ----------
    sql
        One SELECT in DuckDB's dialect.
    root
        Where the runs are.

    Returns
    -------
    DataFrame

    Raises
    ------
    UserError
        If there are no runs, the SQL is wrong, or a place is unknown.
    """
    return asking.query(sql, root, {"place": place_code})
