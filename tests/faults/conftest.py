"""Faults happen to the same house that the journeys walk through."""

from tests.journeys.conftest import chromium, floor, house

__all__ = ["chromium", "floor", "house"]
