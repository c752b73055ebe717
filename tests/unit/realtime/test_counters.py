"""What a hub counts."""

from realtime.closing import Close
from realtime.counters import Counters


def test_closes_are_counted_by_code() -> None:
    counters = Counters()
    for code in (Close.SLOW, Close.SLOW, 1006):
        counters.close(code)
    assert counters.closed == {4009: 2, 1006: 1}
