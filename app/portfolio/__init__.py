"""A portfolio loaded from a file, and the demonstration's own."""
