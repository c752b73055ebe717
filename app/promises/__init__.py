"""Promises to pay: made, kept, broken, partly kept."""
