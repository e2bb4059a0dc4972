"""The model: the year as a list of processes, its state, parameters and indicators."""
