"""Where the project's own files lie."""

from pathlib import Path

SIM = Path(__file__).resolve().parents[1]
ROOT = SIM.parent
CALIBRATION = ROOT / "calibration"
SCENARIOS = ROOT / "scenarios"
DATA = SIM / "world" / "data"
FITTED = CALIBRATION / "fitted"
