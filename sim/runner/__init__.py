"""How runs are carried out: ensembles, workers, checkpoints, memory."""
