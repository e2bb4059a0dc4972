"""Lists the packages: the folder `scenarios/` ships as `sim/scenarios`, so that an installed luohu has it."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["sim*", "calibration*"]), "sim.scenarios"],
    package_dir={"sim.scenarios": "scenarios"},
)
