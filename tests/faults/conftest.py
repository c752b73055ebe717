"""Faults happen to the same house that the journeys walk through."""

from __future__ import annotations

from typing import Protocol

import pytest

from tests.journeys.conftest import chromium, floor, house, one_browser

__all__ = ["chromium", "floor", "house", "measured", "one_browser"]


class Measured(Protocol):
    """Keeps what a fault cost, in seconds, in the run's report (`--junitxml`)."""

    def __call__(self, what: str, **seconds: float) -> None:
        """Keep these."""


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    def keep(what: str, **seconds: float) -> None:
        for name, value in seconds.items():
            request.node.user_properties.append((f"{what}.{name}", f"{value:.1f} s"))

    return keep
