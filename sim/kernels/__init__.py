"""The rules, compiled, and the fast loops over them."""

import os

# Read when Numba starts its threads. Threads that wait for the next loop spin otherwise, and keep a core from those of
# `parts.py`: a year at scale 0.01 takes a seventh longer.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
