"""What a hub counts; plain numbers, published by figures.py."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Totals since the process began, but `sockets`, which is of this moment."""

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
    longest_pause_s: float = 0.0  # of this process, for one collection of garbage
    closed: dict[int, int] = field(default_factory=dict)  # by close code

    def close(self, code: int) -> None:
        """Count a close."""
        self.closed[code] = self.closed.get(code, 0) + 1
