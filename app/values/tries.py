"""Which try of a campaign a dial is, in the three groups that differ most in how often people answer.

The dialer's forecasts, the curves in the database and the pages tell the same groups by the same numbers.
"""

from typing import Final

FROM: Final = (1, 2, 4)
"""The first try of each group: once only, the second and third, the fourth and later."""


def group_of(attempt: int) -> int:
    """The group (0, 1, 2) of a campaign's n-th try of a customer, counted from 1."""
    return sum(attempt >= first for first in FROM[1:])
