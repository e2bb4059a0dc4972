"""The model in the browser."""
