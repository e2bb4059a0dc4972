"""A user's own newer figures."""
