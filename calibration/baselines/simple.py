"""Baselines of one line: no change, and the growth of 2000-10 continued, scaled or halved."""

import numpy as np

from calibration.baselines.knowledge import Known


def no_change(k: Known) -> np.ndarray:
    """Residents of 2010."""
    return k.residents_2010.copy()


def growth_continued(k: Known) -> np.ndarray:
    """Every area grows by the factor of 2000-10 again."""
    return k.residents_2010**2 / k.residents_2000


def growth_scaled(k: Known) -> np.ndarray:
    """Growth continued, then scaled so that the province grows by its own factor of 2000-10 again."""
    return to_total(growth_continued(k), k.extrapolated_total)


def growth_halved(k: Known) -> np.ndarray:
    """Half the logarithmic growth of 2000-10."""
    return k.residents_2010 * np.sqrt(k.residents_2010 / k.residents_2000)


def to_total(forecast: np.ndarray, total: float) -> np.ndarray:
    """Scale all areas by one factor to a provincial total."""
    return forecast * (total / forecast.sum())
