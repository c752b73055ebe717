"""The edge set of the demonstration."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.portfolio.edges import EDGES, LONG_NAME, TET, add_edges
from app.portfolio.invented import Stage
from app.portfolio.pasts import Inventor

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
AGENT = UUID(int=7)


def test_the_edge_set_is_as_odd_as_it_should_be() -> None:
    inventor = Inventor(random.Random(1), Stage(NOW, ZONE, [AGENT]))
    odd = add_edges(inventor)
    assert set(odd) == {edge.cif for edge in EDGES}
    phones = {phone["customer_id"]: phone for phone in inventor.made.phones}
    assert odd["EDGE-NOPHONE"]["id"] not in phones
    assert phones[odd["EDGE-MOTHER"]["id"]]["dialable"] is False
    assert len(LONG_NAME) >= 48
    loans = Counter(loan["customer_id"] for loan in inventor.made.loans)
    assert loans[odd["EDGE-THREE"]["id"]] == 3
    assert max(loan["outstanding_minor"] for loan in inventor.made.loans) == 99_999_999_999
    (promise,) = inventor.made.promises
    assert (promise["due_on"], promise["state"]) == (TET, "OPEN")
