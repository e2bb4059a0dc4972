"""Arrays and files on disk."""
