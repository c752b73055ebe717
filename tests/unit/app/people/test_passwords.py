"""Hashing as decision 4 has it: argon2id, 19 MiB, two passes, one lane, one at a time per core."""

from __future__ import annotations

import asyncio
import threading

from argon2 import extract_parameters
from argon2.low_level import Type

from app.people.passwords import Passwords


def the_passwords(cores: int = 2, memory_kib: int = 64) -> Passwords:
    return Passwords(cores=cores, salt=lambda count: b"s" * count, memory_kib=memory_kib)


def test_costs_are_the_decided_ones() -> None:
    passwords = Passwords(cores=1, salt=lambda count: b"s" * count)
    used = extract_parameters(passwords.hash_now("một mật khẩu"))
    assert used.type is Type.ID
    assert (used.memory_cost, used.time_cost, used.parallelism) == (19 * 1024, 2, 1)


async def test_right_password_matches_and_others_do_not() -> None:
    passwords = the_passwords()
    stored = await passwords.hash("một mật khẩu")
    assert await passwords.matches(stored, "một mật khẩu")
    assert not await passwords.matches(stored, "mot mat khau")


async def test_nobody_matches_nothing_not_even_the_stand_in() -> None:
    passwords = the_passwords()
    assert not await passwords.matches(None, "nobody has this password")


async def test_damaged_hash_is_a_wrong_password() -> None:
    assert not await the_passwords().matches("$argon2id$broken", "x")


async def test_endless_password_is_wrong_without_work() -> None:
    passwords = the_passwords()
    stored = passwords.hash_now("x" * 300)
    assert not await passwords.matches(stored, "x" * 300)


def test_hash_of_other_costs_is_outdated() -> None:
    assert the_passwords(memory_kib=128).outdated(the_passwords().hash_now("x"))
    assert not the_passwords().outdated(the_passwords().hash_now("x"))


async def test_no_more_run_at_once_than_there_are_cores() -> None:
    passwords, running, most = the_passwords(cores=2), 0, 0
    lock, verify = threading.Lock(), passwords._verify

    def watched(stored: str, password: str) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return verify(stored, password)
        finally:
            with lock:
                running -= 1

    passwords._verify = watched  # type: ignore[method-assign]  # watched from the inside
    await asyncio.gather(*(passwords.matches(None, "x") for _ in range(20)))
    assert 1 <= most <= 2


async def test_a_check_is_timed_without_its_wait_for_a_core() -> None:
    seconds = iter((10.0, 10.032))
    passwords = Passwords(
        cores=1, salt=lambda count: b"s" * count, memory_kib=64, monotonic=lambda: next(seconds)
    )
    stored = passwords.hash_now("một mật khẩu")
    assert await passwords.matches(stored, "một mật khẩu")
    assert round(passwords.last_check_ms) == 32
