"""What runs, analyses and reports in one go."""
