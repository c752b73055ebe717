"""What waits for one slow reader: bounded in bytes, newest card per key, overflow says so.

Pure; knows neither socket nor time. A reader that keeps up never has a letter in here.
"""

from collections.abc import Iterator, Sequence

from realtime.frames import FrameCard

LIMIT_BYTES = 1024 * 1024
CARD_COST_BYTES = 64  # what a waiting card costs beside its key and value


class Mailbox:
    """Cards that wait, by channel and key.

    A newer card replaces the older one of its key and goes to the end of its channel, so that a
    channel always leaves in the order of its offsets: the position that the reader then holds
    covers everything before it. Different keys never replace each other, so a screen survives
    until a later version of itself or its removal comes.
    """

    __slots__ = ("_channels", "_limit", "coalesced", "size_bytes")

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._channels: dict[str, tuple[str, dict[str, FrameCard]]] = {}
        self.size_bytes = 0
        self.coalesced = 0

    def __bool__(self) -> bool:
        return bool(self._channels)

    def put(self, channel: str, epoch: str, cards: Sequence[FrameCard]) -> bool:
        """Keep the cards; False when they do not fit: nothing is kept then and the reader must go.

        A new epoch of a channel throws the old one's cards away: a snapshot follows it.
        """
        held = self._channels.get(channel)
        if held is not None and held[0] != epoch:
            self.drop(channel)
            held = None
        waiting = held[1] if held is not None else {}
        newest = {card[1]: card for card in cards}
        growth = sum(_cost(card) for card in newest.values())
        growth -= sum(_cost(waiting[key]) for key in newest if key in waiting)
        if self.size_bytes + growth > self._limit:
            return False
        for key, card in newest.items():
            self.coalesced += waiting.pop(key, None) is not None
            waiting[key] = card
        self.coalesced += len(cards) - len(newest)
        self.size_bytes += growth
        self._channels[channel] = (epoch, waiting)
        return True

    def take(self, channel: str) -> tuple[str, list[FrameCard]] | None:
        """Take out what waits for one channel, oldest offset first; None when nothing does."""
        held = self._channels.pop(channel, None)
        if held is None:
            return None
        epoch, waiting = held
        letters = sorted(waiting.values())
        self.size_bytes -= sum(_cost(card) for card in letters)
        return epoch, letters

    def take_all(self) -> Iterator[tuple[str, str, list[FrameCard]]]:
        """Take out everything: channel, epoch, cards."""
        for channel in list(self._channels):
            taken = self.take(channel)
            if taken is not None:
                yield channel, *taken

    def drop(self, channel: str) -> None:
        """Forget a channel's cards: a snapshot is about to replace them."""
        self.take(channel)


def _cost(card: FrameCard) -> int:
    """Bytes that a waiting card is charged with."""
    _, key, value = card
    return CARD_COST_BYTES + len(key) + len(value or b"")
