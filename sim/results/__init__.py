"""What a run leaves on disk, how it is read back, and what its columns are called."""
