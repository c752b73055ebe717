"""A signed-in browser: its tokens, how long it lasts, and where a sign-in may lead.

Pure decisions over instants and given random bytes. Rows are in `store`, cookies in `doors`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from app.people.store import OpenSignIn

LASTS_FOR: Final = timedelta(hours=12)
IDLE_FOR: Final = timedelta(minutes=30)
SEEN_EVERY: Final = timedelta(
    minutes=1
)  # how stale `last_seen_at` may be: spares a write a request
BUSY_GRACE: Final = timedelta(
    minutes=15
)  # how far a call or wrap-up pushes the end, again and again
TOKEN_BYTES: Final = 32

TAKE_OVER_MS: Final = 120_000

TRIES: Final = 5
WAIT: Final = timedelta(seconds=60)
TRIES_COUNT_FOR: Final = timedelta(minutes=15)  # older wrong tries are forgotten

LOGOUT: Final = "LOGOUT"
EXPIRED: Final = "EXPIRED"
TAKEN_OVER: Final = "TAKEN_OVER"
FORCED: Final = "FORCED"

_CONTROL_END: Final = 0x20


def make_token(random_bytes: bytes) -> str:
    """A token for a cookie: 32 unguessable bytes as URL-safe text."""
    return base64.urlsafe_b64encode(random_bytes).rstrip(b"=").decode("ascii")


def digest_of(token: str) -> str:
    """What is stored of a token; it cannot be turned back into a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def visit_csrf(secret: bytes, visit: str) -> str:
    """The CSRF token of somebody not signed in: bound to his visit cookie by our secret."""
    return hmac.new(secret, b"csrf:" + visit.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def has_lapsed(
    sign_in: OpenSignIn, *, now: datetime, heard_at: datetime | None, busy: bool
) -> bool:
    """Whether a sign-in has ended by time.

    `heard_at`: when the user's desk was last heard on a socket (None: no desk), which counts as use.
    `busy`: in a call or wrap-up, where nobody is ever signed out (decisions.md 4).
    """
    if busy:
        return False
    used_at = max(sign_in.last_seen_at, heard_at or sign_in.last_seen_at)
    return now >= sign_in.expires_at or now - used_at >= IDLE_FOR


def renewed_until(sign_in: OpenSignIn, *, now: datetime, busy: bool) -> datetime:
    """The end of a sign-in that is in use: unchanged, or a little further while the user is busy."""
    return max(sign_in.expires_at, now + BUSY_GRACE) if busy else sign_in.expires_at


def needs_touch(sign_in: OpenSignIn, *, now: datetime) -> bool:
    """Whether `last_seen_at` is stale enough to be written again."""
    return now - sign_in.last_seen_at >= SEEN_EVERY


def take_over_proof(secret: bytes, user_id: UUID, now_ms: int) -> str:
    """Proof that the password was right a moment ago, so that taking over asks for it only once."""
    until = now_ms + TAKE_OVER_MS
    return f"{user_id}.{until}.{_proof(secret, str(user_id), until)}"


def read_take_over(secret: bytes, proof: str, now_ms: int) -> UUID | None:
    """Whose proof this is; None when it is not ours or older than two minutes."""
    user, _, rest = proof.partition(".")
    until, _, digest = rest.partition(".")
    if not until.isdecimal() or not same(digest, _proof(secret, user, int(until))):
        return None
    return UUID(user) if now_ms < int(until) else None


def _proof(secret: bytes, user: str, until: int) -> str:
    return hmac.new(secret, f"take-over:{user}:{until}".encode(), hashlib.sha256).hexdigest()


def safe_next(wanted: str | None, default: str) -> str:
    """Where to go after sign-in: a path of ours, else `default`; never another site.

    Browsers read a backslash as a slash and drop control characters, so both disqualify.
    """
    if not wanted or not wanted.startswith("/") or wanted.startswith("//"):
        return default
    if "\\" in wanted or any(ord(char) < _CONTROL_END for char in wanted):
        return default
    parts = urlsplit(wanted)
    return default if parts.scheme or parts.netloc else wanted
