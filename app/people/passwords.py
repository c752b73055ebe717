"""Passwords: hashed with argon2id, one at a time per core, never on the event loop.

The cost (19 MiB, two passes, one lane) is OWASP's second recommended setting: 32 ms where the library's
default took 268 ms of CPU (decisions.md 4). Nothing here knows users or tables.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
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
STEP_BACK: Final = 10  # how much less than calls a check of a password is worth to the scheduler
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
    is never hashed: it is simply wrong, so that nobody can make us work by sending a novel. `monotonic`
    gives seconds; without it nobody is told how long a check takes.
    """

    def __init__(
        self,
        *,
        cores: int,
        salt: Callable[[int], bytes],
        memory_kib: int = MEMORY_KIB,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        self._hasher = PasswordHasher(
            time_cost=PASSES,
            memory_cost=memory_kib,
            parallelism=LANES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        self._salt = salt
        self._monotonic = monotonic or (lambda: 0.0)
        self.last_check_ms = 0.0  # of the last check, its wait for a core not counted
        self._threads = ThreadPoolExecutor(max(1, cores), "passwords", _step_back)
        # Checked when the user is unknown, so that the answer takes as long as for a known one.
        self._nobody = self._hasher.hash("nobody has this password", salt=salt(SALT_BYTES))

    def hash_now(self, password: str) -> str:
        """The PHC string of a password, computed on the caller's thread: for seeds and commands."""
        return self._hasher.hash(password, salt=self._salt(SALT_BYTES))

    async def hash(self, password: str) -> str:
        """The PHC string of a password, computed in a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.hash_now, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the one behind `stored`; None (no such user) costs the same time."""
        if len(password) > MOST_LENGTH:
            return False
        loop = asyncio.get_running_loop()
        known = stored or self._nobody
        right = await loop.run_in_executor(self._threads, self._verify, known, password)
        return right and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether a hash was made with other costs and should be made again at the next sign-in."""
        return self._hasher.check_needs_rehash(stored)

    def _verify(self, stored: str, password: str) -> bool:
        began = self._monotonic()
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        finally:
            self.last_check_ms = (self._monotonic() - began) * 1000


def _step_back() -> None:
    """Let a thread that hashes yield to whoever answers calls: on Linux each has a priority of its own."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STEP_BACK)
