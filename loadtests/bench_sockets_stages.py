"""What is measured of one peer in one round of bench-sockets: stage by stage, into a flat table of figures."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadtests.bench_sockets_ear import ALL, Ear, stamped
from loadtests.bench_sockets_peers import FEW, scheduled_s
from loadtests.figures import percentiles

if TYPE_CHECKING:
    from pathlib import Path

    from loadtests.bench_sockets_peers import Peer

SMALL, LARGE, HUGE = (
    1_500,
    4_000,
    40_000,
)  # letters of a message, of a wallboard, of a slow reader's wallboard
RATES = (50, 200, 1_000)
OUTSTANDING = 2
CONNECT_SECONDS, STORM_SECONDS = 90.0, 40.0
JITTER_MS = 3_000  # clients come back within, as closing.py says
SETTLE_SECONDS = 0.7
AWAY_SECONDS, AWAY, MISSED = 2.0, 50, 10
HEALTHY, SLOW_HERTZ, SLOW_SECONDS = 50, 15, 12.0
KIB = 1024

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """How large and how long a round is."""

    sockets: int
    seconds: float  # of each stage
    folder: Path


async def measure(peer: Peer, plan: Plan, *, whole: bool) -> Figures:
    """Every figure of one peer; `whole` adds what is asked once and not in each round."""
    await peer.open()
    try:
        found = await _crowd(peer, plan)
        if whole:
            if peer.resumes:
                found |= await resume(peer, plan)
            found |= await slow_reader(peer, plan)
        return found
    finally:
        await peer.close()


async def _crowd(peer: Peer, plan: Plan) -> Figures:
    """The stages with all sockets."""
    many = plan.sockets
    empty_mib, cpu = peer.memory_mib(), peer.cpu_s()
    async with Ear(plan.folder, peer.ports, peer.greeting(many)) as ear:
        ear.order("open 0")
        told = await ear.whole(many, CONNECT_SECONDS)
        found: Figures = {
            "connect_missing": many - told["whole"],
            "connect_s": told["whole_ns"] / 1e9,
            "connect_cpu_ms": (peer.cpu_s() - cpu) * 1000 / many,
            "kib_per_socket": (peer.memory_mib() - empty_mib) * KIB / many,
        }
        await asyncio.sleep(SETTLE_SECONDS)
        found |= await idle(peer, ear, plan)
        for rate in RATES:
            found |= await targeted(peer, ear, plan, rate)
        found |= await broadcasts(peer, ear, plan, few=True)
        found |= await broadcasts(peer, ear, plan, few=False)
        found["kib_per_socket_after"] = (peer.memory_mib() - empty_mib) * KIB / many
        found |= await storm(peer, ear, plan)
        return found | await peer.figures()


async def idle(peer: Peer, ear: Ear, plan: Plan) -> Figures:
    """What sockets cost while nothing is sent: beats and their answers."""
    await ear.ask("clear")
    cpu = peer.cpu_s()
    await asyncio.sleep(plan.seconds)
    return {"idle_cpu_ms_per_s": (peer.cpu_s() - cpu) * 1000 / plan.seconds}


async def targeted(peer: Peer, ear: Ear, plan: Plan, rate: int) -> Figures:
    """So many messages a second, each to one socket drawn by chance, paced by the clock."""
    chance = random.Random(rate)
    await ear.ask("clear")
    cpu, engine_cpu = peer.cpu_s(), scheduled_s(peer.engine.child.pid)
    begun, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < plan.seconds:
        due = int(passed * rate) + 1 - sent
        if due > 0:
            batch = []
            for number in range(sent, sent + due):
                target = chance.randrange(plan.sockets)
                batch.append((target, stamped(number, target, SMALL)))
            await peer.publish(batch)
            sent += due
        await asyncio.sleep(max(0.0, begun + sent / rate - time.monotonic()))
    took = time.monotonic() - begun
    told = await heard(ear, sent)
    used = peer.cpu_s() - cpu
    engine_used = scheduled_s(peer.engine.child.pid) - engine_cpu
    times = percentiles(await ear.latencies_ms())
    name = f"t{rate}"
    return {
        f"{name}_p50_ms": times["p50"],
        f"{name}_p95_ms": times["p95"],
        f"{name}_p99_ms": times["p99"],
        f"{name}_max_ms": times["max"],
        f"{name}_per_s": sent / took,
        f"{name}_lost": sent - told["heard"] + told["twice"],
        f"{name}_wrong": told["wrong"] + told["twice"],
        f"{name}_cpu_s_per_100k": used / sent * 1e5,
        f"{name}_engine_s_per_100k": engine_used / sent * 1e5,
    }


async def broadcasts(peer: Peer, ear: Ear, plan: Plan, *, few: bool) -> Figures:
    """As many as go, with OUTSTANDING under way: the next leaves when one has reached everybody."""
    crowd = min(FEW, plan.sockets) if few else plan.sockets
    await ear.ask("clear")
    while not ear.complete.empty():
        ear.complete.get_nowait()
    ear.order(f"expect {crowd}")
    cpu, numbers, last_ms = peer.cpu_s(), itertools.count(), []
    begun = time.monotonic()
    for _ in range(OUTSTANDING):
        await peer.broadcast(few, stamped(next(numbers), ALL, LARGE))
    complete, until = 0, begun + plan.seconds
    with contextlib.suppress(
        TimeoutError
    ):  # a peer that loses one stands still: its figure says so
        while time.monotonic() < until:
            _, ns = await asyncio.wait_for(ear.complete.get(), plan.seconds)
            complete += 1
            last_ms.append(ns / 1e6)
            await peer.broadcast(few, stamped(next(numbers), ALL, LARGE))
    took = time.monotonic() - begun
    sent = next(numbers)
    told = await heard(ear, sent * crowd)
    used = peer.cpu_s() - cpu
    name = f"b{FEW if few else 'all'}"
    return {
        f"{name}_per_s": complete * crowd / took,
        f"{name}_last_p50_ms": percentiles(last_ms)["p50"],
        f"{name}_lost": sent * crowd - told["heard"],
        f"{name}_cpu_s_per_100k": used / max(1, told["heard"]) * 1e5,
    }


async def storm(peer: Peer, ear: Ear, plan: Plan) -> Figures:
    """Everybody is cut off at once: back in the same instant, then spread as our clients spread themselves."""
    found: Figures = {}
    for name, over_ms in (("storm", 0), ("storm_shipped", JITTER_MS)):
        await ear.ask("cut")
        cpu = peer.cpu_s()
        if peer.resumes:  # whole is only who got the one message that he missed meanwhile
            await ear.ask("clear")
            for first in range(0, plan.sockets, 250):
                numbers = range(first, min(first + 250, plan.sockets))
                await peer.publish([(n, stamped(n, n, SMALL)) for n in numbers])
            ear.order("whole 1 @@")
        ear.order(f"open {over_ms}")
        told = await ear.whole(plan.sockets, STORM_SECONDS)
        found |= {
            f"{name}_s": told["whole_ns"] / 1e9,
            f"{name}_missing": plan.sockets - told["whole"] + told["wrong"] + told["twice"],
            f"{name}_cpu_s": peer.cpu_s() - cpu,
        }
    return found


async def resume(peer: Peer, plan: Plan) -> Figures:
    """AWAY sockets are gone for a while in which each misses MISSED messages."""
    async with Ear(plan.folder, peer.ports, peer.greeting(AWAY)) as ear:
        ear.order("open 0")
        await ear.whole(AWAY, CONNECT_SECONDS)
        await ear.ask("cut")
        begun = time.monotonic()
        await ear.ask("clear")
        numbers = itertools.count()
        for _ in range(MISSED):
            await peer.publish([(n, stamped(next(numbers), n, SMALL)) for n in range(AWAY)])
        await asyncio.sleep(max(0.0, begun + AWAY_SECONDS - time.monotonic()))
        ear.order("open 0")
        told = await heard(ear, AWAY * MISSED)
        return {"resumed": told["heard"] - told["wrong"] - told["twice"]}


async def slow_reader(peer: Peer, plan: Plan) -> Figures:
    """One of them never reads; what the others lose and how far the server grows."""
    async with Ear(plan.folder, peer.ports[:1], peer.greeting(HEALTHY + 1)) as ear:
        ear.order("open 0")
        await ear.whole(HEALTHY + 1, CONNECT_SECONDS)
        ear.order(f"stall {HEALTHY}")
        await ear.ask("clear")
        before, most, begun, sent = peer.memory_mib(), 0.0, time.monotonic(), 0
        while time.monotonic() - begun < SLOW_SECONDS:
            await peer.broadcast(few=True, payload=stamped(sent, ALL, HUGE))
            sent += 1
            most = max(most, peer.memory_mib() - before)
            await asyncio.sleep(max(0.0, begun + sent / SLOW_HERTZ - time.monotonic()))
        told = await heard(ear, sent * HEALTHY)
        return {"slow_lost_share": 1 - told["heard"] / (sent * HEALTHY), "slow_growth_mib": most}


async def heard(ear: Ear, wanted: int) -> dict[str, float]:
    """Wait until so many payloads came, or nothing comes any more."""
    told = await ear.ask("stats")
    for _ in range(40):
        if told["heard"] >= wanted:
            break
        before = told["heard"]
        await asyncio.sleep(0.25)
        told = await ear.ask("stats")
        if told["heard"] == before:
            await asyncio.sleep(1.0)
            told = await ear.ask("stats")
            if told["heard"] == before:
                break
    return told
