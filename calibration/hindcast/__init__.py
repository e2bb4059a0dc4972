"""From the census of 2010 to 2020: the model's forecast by county, scored beside every simple one (decisions 28-31)."""

from calibration.hindcast.evaluation import evaluate
from calibration.hindcast.runs import Ensemble, ensemble

__all__ = ["Ensemble", "ensemble", "evaluate"]
