"""A hub's counters as Prometheus reads them."""

from dataclasses import fields

from prometheus_client import CollectorRegistry, generate_latest

from realtime.closing import Close
from realtime.counters import Counters
from realtime.figures import SocketFigures


def told(counters: Counters, *, ready: bool = True) -> list[str]:
    registry = CollectorRegistry()
    registry.register(SocketFigures(counters, lambda: ready))
    return generate_latest(registry).decode().splitlines()


def test_each_counter_is_told_under_one_name() -> None:
    totals = [each.name for each in fields(Counters) if each.name != "closed"]
    counters = Counters()
    for number, name in enumerate(totals):
        setattr(counters, name, 100 + number)
    lines = told(counters)
    values = [float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")]
    assert sorted(values) == [1.0, *(100.0 + number for number in range(len(totals)))]


def test_closes_are_told_by_code_and_name() -> None:
    counters = Counters(closed={Close.SLOW: 2, 1006: 1})
    lines = told(counters)
    assert 'paceline_socket_closes_total{code="4009",name="SLOW"} 2.0' in lines
    assert 'paceline_socket_closes_total{code="1006",name="NETWORK"} 1.0' in lines


def test_a_feed_that_is_down_is_told() -> None:
    assert "paceline_socket_feed_up 1.0" in told(Counters())
    assert "paceline_socket_feed_up 0.0" in told(Counters(), ready=False)
