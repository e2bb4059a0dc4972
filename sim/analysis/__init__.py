"""What is asked of finished runs: comparisons, scores, needs, lives, sensitivity."""
