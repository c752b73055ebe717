"""What a hub counts, as Prometheus reads it; `app.main` and a hub that runs alone publish the same names.

What each means is in docs/operations.md.
"""

from collections.abc import Callable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from realtime.closing import Close
from realtime.counters import Counters

# Name, what it tells, its label, and the counters by the label's words.
_COUNTERS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("opened", "Sockets that were accepted.", "", {"": "opened"}),
    ("admissions", "Tickets by what became of them.", "result",
     {"admitted": "admitted", "refused": "refused"}),
    ("resumes", "Channels of sockets that came back, by whether they went on where they were.",
     "result", {"hit": "resumes_hit", "miss": "resumes_miss"}),
    ("snapshots", "Snapshots sent.", "", {"": "snapshots"}),
    ("publications", "Publications heard from the broker.", "", {"": "publications"}),
    ("frames", "Frames by direction.", "direction", {"in": "frames_in", "out": "frames_out"}),
    ("bytes", "Bytes of frames by direction.", "direction", {"out": "bytes_out"}),
    ("receipts", "Receipts of screens.", "", {"": "receipts"}),
    ("held", "Publications that had to wait for a slow reader.", "", {"": "held"}),
    ("dropped", "Cards that a newer one replaced while they waited for a slow reader.", "",
     {"": "coalesced"}),
    ("feed_losses", "Times that the line to the broker was lost.", "", {"": "feed_losses"}),
    ("repairs", "Rounds of catching up after a loss.", "", {"": "repairs"}),
)  # fmt: skip


class SocketFigures(Collector):
    """Reads the counters at each scrape. `is_ready` tells whether publications arrive."""

    def __init__(self, counters: Counters, is_ready: Callable[[], bool]) -> None:
        self._counters = counters
        self._is_ready = is_ready

    def collect(self) -> Iterator[Metric]:
        """Every figure."""
        yield GaugeMetricFamily("paceline_sockets", "Sockets open now.", self._counters.sockets)
        yield GaugeMetricFamily(
            "paceline_socket_feed_up", "Whether publications arrive (1).", float(self._is_ready())
        )
        yield GaugeMetricFamily(
            "paceline_socket_longest_pause_seconds",
            "Longest collection of garbage while sockets were open.",
            self._counters.longest_pause_s,
        )
        for name, said, label, parts in _COUNTERS:
            family = CounterMetricFamily(
                f"paceline_socket_{name}", said, labels=[label] if label else None
            )
            for word, counter in parts.items():
                value = getattr(self._counters, counter)
                family.add_metric([word] if label else [], value)
            yield family
        closes = CounterMetricFamily(
            "paceline_socket_closes", "Sockets closed, by close code.", labels=["code", "name"]
        )
        for code, count in sorted(self._counters.closed.items()):
            closes.add_metric([str(code), _name(code)], count)
        yield closes


def _name(code: int) -> str:
    """The word of one of our own codes; others are the network's."""
    try:
        return Close(code).name
    except ValueError:
        return "NETWORK"
