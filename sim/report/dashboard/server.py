"""Starts the dashboard: a Solara server for `sim/report/dashboard/app.py` on this machine only."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from sim.errors import UserError
from sim.messages import joined
from sim.policy import load_catalogue
from sim.policy.validation_errors import nearest

SETTINGS = "LUOHU_DASHBOARD"
"""Name of the environment variable that carries the options to the server, as JSON."""
QUIET = {"SOLARA_THEME_SHOW_BANNER": "false"}
"""Solara's own settings: no line about itself."""
NEEDED = ("solara", "reacton")


def serve(scale: float, seed: int, levers: Sequence[str], port: int, open_browser: bool, lang: str) -> None:
    """Run the dashboard until it is stopped.

    Parameters
    ----------
    scale, seed
        Of the model shown.
    levers
        Levers that the reform builder begins with.
    port
        Port on 127.0.0.1.
    open_browser
        Whether to open the page in the user's browser.
    lang
        en or zh.

    Raises
    ------
    UserError
        If a package is missing, or a lever does not exist or cannot be set.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise UserError(
            "The dashboard needs {packages}; install what it uses with pip install 'luohu[dashboard]'.",
            packages=joined(missing, " and "),
        )
    options = {"scale": scale, "seed": seed, "levers": settable(levers), "lang": lang}
    command = [sys.executable, "-m", "solara", "run", str(Path(__file__).with_name("app.py"))]
    command += ["--host", "127.0.0.1", "--port", str(port), "--production", "--no-open"]
    if open_browser:
        command[-1] = "--open"
    print(f"http://127.0.0.1:{port}", flush=True)
    done = subprocess.run(command, env={**os.environ, **QUIET, SETTINGS: json.dumps(options)}, check=False)
    if done.returncode not in (0, 130, -2):
        raise UserError(
            "The dashboard's server ended with code {code}; is port {port} in use? Try --port.",
            code=done.returncode,
            port=port,
        )


def settable(names: Sequence[str]) -> list[str]:
    """Check that levers exist and have a magnitude.

    Raises
    ------
    UserError
        If one does not.
    """
    catalogue = load_catalogue().settable
    for name in names:
        if name not in catalogue:
            raise UserError(
                "There is no lever '{name}' to set{near}; `luohu levers` lists them.",
                name=name,
                near=nearest(name, catalogue),
            )
    return list(names)
