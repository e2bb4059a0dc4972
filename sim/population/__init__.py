"""The synthetic population of a base year."""
