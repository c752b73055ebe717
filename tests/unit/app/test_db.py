"""Which faults of the database pass by themselves."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from app.db import is_away


class Fault(Exception):
    """What a driver raises."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def a_fault(sqlstate: str | None, *, cut: bool = False) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, Fault(sqlstate), connection_invalidated=cut)


@pytest.mark.parametrize(
    "sqlstate",
    ["08003", "08006", "53300", "57P01", "57P03"],
    ids=["gone", "broken", "too many connections", "shut down", "starting or stopping"],
)
def test_a_server_that_is_not_there_may_be_there_later(sqlstate: str) -> None:
    assert is_away(a_fault(sqlstate))


def test_a_broken_connection_is_no_fault_of_the_statement() -> None:
    assert is_away(a_fault(None, cut=True))


@pytest.mark.parametrize("sqlstate", ["23505", "42601", "40P01", None])
def test_a_wrong_statement_stays_wrong(sqlstate: str | None) -> None:
    assert not is_away(a_fault(sqlstate))
