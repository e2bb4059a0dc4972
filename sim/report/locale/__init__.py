"""What is said in English and Chinese."""
