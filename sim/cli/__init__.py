"""The `luohu` command, a file for each group of commands."""

from sim.cli.app import app, main

__all__ = ["app", "main"]
