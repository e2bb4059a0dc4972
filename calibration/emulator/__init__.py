"""The emulator of the model, and the posterior sample."""
