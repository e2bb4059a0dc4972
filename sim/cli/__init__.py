"""The `luohu` command, a file for each group of commands."""

from sim.cli.app import app
from sim.cli.entry import exit_code, main

__all__ = ["app", "exit_code", "main"]
