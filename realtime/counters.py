"""What a hub counts; plain numbers that the app exports as it likes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from realtime.closing import Close


@dataclass(slots=True)
class Counters:
    """Totals since the process began, but `sockets` and `buffered`, which are of this moment."""

    sockets: int = 0  # open and welcomed now
    opened: int = 0
    admitted: int = 0  # by a ticket
    refused: int = 0  # tickets and tokens
    resumes_hit: int = 0  # channels that went on from the reader's position
    resumes_miss: int = 0  # channels that had to take a snapshot although a position was given
    snapshots: int = 0
    publications: int = 0
    frames_out: int = 0
    bytes_out: int = 0
    frames_in: int = 0
    receipts: int = 0
    held: int = 0  # publications that had to wait for a slow reader
    coalesced: int = 0  # cards that a newer one replaced while waiting
    feed_losses: int = 0
    repairs: int = 0  # rounds of catching up
    closed: dict[int, int] = field(default_factory=dict)  # by close code

    def close(self, code: int) -> None:
        """Count a close."""
        self.closed[code] = self.closed.get(code, 0) + 1

    @property
    def slow_closes(self) -> int:
        """Readers that were cut off because they did not keep up."""
        return self.closed.get(Close.SLOW, 0)

    def numbers(self) -> Mapping[str, int]:
        """Return every plain total by name; closes as `closed_<code>`."""
        totals: dict[str, int] = {k: v for k, v in asdict(self).items() if k != "closed"}
        totals |= {f"closed_{code}": count for code, count in sorted(self.closed.items())}
        return totals
