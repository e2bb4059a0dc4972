"""Two small made-up runs, and their panels as plain Python holds them."""

import pyarrow.parquet as pq
import pytest
from fake_result import fake_run

COUNTIES = [130102, 130110, 130632, 131082, 131003, 130284, 130503]


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """A folder with a baseline and a plan of two seeds; only read."""
    root = tmp_path_factory.mktemp("small")
    fake_run(root / "baseline", "baseline", seeds=2, counties=COUNTIES)
    fake_run(root / "plan", "plan", effect=0.002, seeds=2, counties=COUNTIES)
    return root


@pytest.fixture(scope="session")
def rows(small):
    """The rows of both panels as dictionaries, with the run."""
    return [
        {"run": name, **row}
        for name in ("baseline", "plan")
        for row in pq.read_table(small / name / "panel.parquet").to_pylist()
    ]
