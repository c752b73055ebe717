"""Whom this process recognised lately: enough to end a call by while the database does not answer.

What is remembered may be old by `FOR`: a sign-in ended elsewhere, a role taken away. So it opens only
what writes nothing and concerns nobody but the one who asks (`Deed.spoken`).
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from app.people.service import Identity

FOR: Final = timedelta(minutes=15)
MOST: Final = 4096


class Remembered:
    """Identities by the digest of their token, the latest last; bounded."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Identity, datetime]] = OrderedDict()

    def note(self, digest: str, who: Identity | None, now: datetime) -> None:
        """Somebody was recognised, or (None) is not any more."""
        self._known.pop(digest, None)
        if who is None:
            return
        self._known[digest] = (who, now)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    def recall(self, digest: str, now: datetime) -> Identity | None:
        """Who that was, when it was a short while ago."""
        known = self._known.get(digest)
        return known[0] if known is not None and now - known[1] <= FOR else None
