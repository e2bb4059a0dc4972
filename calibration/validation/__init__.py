"""What the model should reproduce, measured."""
