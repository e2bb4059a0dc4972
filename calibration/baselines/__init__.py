"""Simple forecasts of the residents of 2020 from the censuses of 2000 and 2010, and their league tables."""

from calibration.baselines.cohort import cohort_component
from calibration.baselines.knowledge import Known, known
from calibration.baselines.league import BASELINES, LEAGUES, forecasts, skills, table, truth
from calibration.baselines.markov import markov_chain
from calibration.baselines.moves import gravity, radiation
from calibration.baselines.simple import growth_continued, growth_halved, growth_scaled, no_change

__all__ = [
    "BASELINES", "LEAGUES", "Known", "cohort_component", "forecasts", "gravity", "growth_continued", "growth_halved",
    "growth_scaled", "known", "markov_chain", "no_change", "radiation", "skills", "table", "truth",
]  # fmt: skip
