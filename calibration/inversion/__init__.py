"""Place effects and levels from flows, for given coefficients."""
