"""Runs and comparisons that show themselves in notebooks."""
