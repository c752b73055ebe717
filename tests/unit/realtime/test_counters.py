"""What a hub counts, as plain numbers by name."""

from realtime.closing import Close
from realtime.counters import Counters


def test_closes_are_counted_by_code_and_slow_readers_apart() -> None:
    counters = Counters()
    for code in (Close.SLOW, Close.SLOW, 1006):
        counters.close(code)
    assert counters.slow_closes == 2
    numbers = counters.numbers()
    assert (numbers["closed_1006"], numbers["closed_4009"]) == (1, 2)
    assert "closed" not in numbers


def test_every_total_is_told_by_its_name() -> None:
    counters = Counters(sockets=3, bytes_out=9)
    numbers = counters.numbers()
    assert (numbers["sockets"], numbers["bytes_out"], numbers["coalesced"]) == (3, 9, 0)
