"""Passwords: hashed with argon2id, one at a time per core, never on the event loop.

The cost (19 MiB, two passes, one lane) is OWASP's second recommended setting: 32 ms where the library's
default took 268 ms of CPU (decisions.md 4). Nothing here knows users or tables.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY_KIB: Final = 19 * 1024
PASSES: Final = 2
LANES: Final = 1
SALT_BYTES: Final = 16
LEAST_LENGTH: Final = 10
DRAWN_LENGTH: Final = 14
# No letters that are read for digits: passwords are copied from paper.
ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
MOST_LENGTH: Final = 256


def draw_password(token_bytes: Callable[[int], bytes]) -> str:
    """A password of 14 letters and digits: 69 bits."""
    chance = token_bytes(DRAWN_LENGTH * 4)
    words = (chance[place : place + 4] for place in range(0, len(chance), 4))
    return "".join(ALPHABET[int.from_bytes(word, "big") % len(ALPHABET)] for word in words)


class Passwords:
    """Hash and check passwords in threads, at most `cores` at a time.

    `salt` draws as many unguessable bytes as it is asked for. A password longer than 256 characters
    is never hashed: it is simply wrong, so that nobody can make us work by sending a novel.
    """

    def __init__(
        self, *, cores: int, salt: Callable[[int], bytes], memory_kib: int = MEMORY_KIB
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=PASSES,
            memory_cost=memory_kib,
            parallelism=LANES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        self._salt = salt
        self._cores = asyncio.Semaphore(max(1, cores))
        # Checked when the user is unknown, so that the answer takes as long as for a known one.
        self._nobody = self._hasher.hash("nobody has this password", salt=salt(SALT_BYTES))

    def hash_now(self, password: str) -> str:
        """The PHC string of a password, computed on the caller's thread: for seeds and commands."""
        return self._hasher.hash(password, salt=self._salt(SALT_BYTES))

    async def hash(self, password: str) -> str:
        """The PHC string of a password, computed in a thread."""
        async with self._cores:
            return await asyncio.to_thread(self.hash_now, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one behind `stored`; None (no such user) costs the same time."""
        if len(password) > MOST_LENGTH:
            return False
        async with self._cores:
            right = await asyncio.to_thread(self._verify, stored or self._nobody, password)
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other costs and should be made again at the next sign-in."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
