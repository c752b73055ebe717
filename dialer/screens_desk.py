"""Screens made by the desk: facts gathered while the phone rings, composed for the agent who gets the call.

One SQL round trip a call, at most `AHEAD` at once. What was not there in time goes out marked late and
is replaced by the whole screen under the same key.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from app.desk import screenpop
from dialer.fence_postgres import reading
from realtime.broker import Card
from realtime.frames import encode_value

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from uuid import UUID

    from structlog.stdlib import BoundLogger

    from app.clock import Clock
    from app.db import Database
    from app.desk.screenpop import PopFacts, Speaker
    from app.observe import Metrics
    from dialer.screens import CallFacts
    from realtime.broker import Broker

AHEAD: Final = 16
FIRST_VERSION_SECONDS: Final = 0.3
WHOLE_SECONDS: Final = 5.0
SPEAKERS_KEPT: Final = 4096
CANCEL_AGAIN_SECONDS: Final = 0.5  # redis-py may swallow a cancellation that comes with its answer

T = TypeVar("T")


@dataclass(slots=True)
class _Warm:
    """What is known of a call whose screen is wanted; `gathering` yields None when it could not be."""

    facts: CallFacts
    gathering: asyncio.Task[PopFacts | None]


class DeskScreens:
    """Fulfils `dialer.screens.Screens`. Tasks live in `group`, which outlives every call.

    No task here may fail: its fault would end the process and every live call with it. What goes
    wrong with one screen is written in the log, and the screen says that the facts are not there.
    """

    def __init__(
        self,
        *,
        group: asyncio.TaskGroup,
        database: Database,
        broker: Broker,
        clock: Clock,
        metrics: Metrics,
        log: BoundLogger,
    ) -> None:
        self._group = group
        self._database = database
        self._broker = broker
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._room = asyncio.Semaphore(AHEAD)
        self._shelf = screenpop.Shelf()
        self._warm: dict[UUID, _Warm] = {}
        self._speakers: dict[UUID, Speaker] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def aclose(self) -> None:
        """End what is still being made; before the database and the broker are closed."""
        while self._tasks:
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks, timeout=CANCEL_AGAIN_SECONDS)

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def warm(self, facts: CallFacts) -> None:
        """See `dialer.screens.Screens`."""
        if facts.call not in self._warm:
            self._warm[facts.call] = _Warm(facts, self._begin(self._gather(facts)))

    async def finish(self, call: UUID, agent: UUID, assigned_at_ms: int) -> int | None:
        """See `dialer.screens.Screens`."""
        warm = self._warm.get(call)
        if warm is None:
            self._log.error("screen_of_unknown_call", call=str(call))
            return None
        self._metrics.screens.labels("warm" if warm.gathering.done() else "cold").inc()
        speaker = await self._speaker(agent)
        if not warm.gathering.done():  # what is there needs no turn of the loop
            await asyncio.wait({warm.gathering}, timeout=FIRST_VERSION_SECONDS)
        if call not in self._warm:  # dropped meanwhile
            return None
        done = warm.gathering.done()
        facts = warm.gathering.result() if done else None
        left_at_ms = await self._publish(warm, speaker, assigned_at_ms, facts, late=not done)
        if not done:
            self._begin(self._follow(warm, speaker, assigned_at_ms))
        return left_at_ms

    def meet(self, agent: UUID) -> None:
        """See `dialer.screens.Screens`. He is read now, so that his first call does not wait for it."""
        self._speakers.pop(agent, None)
        self._begin(self._read_ahead(agent))

    def renew(self, call: UUID, agent: UUID | None, assigned_at_ms: int) -> None:
        """See `dialer.screens.Screens`."""
        warm = self._warm.get(call)
        if warm is None:
            return
        warm.gathering = self._begin(self._gather(warm.facts))
        if agent is not None:
            self._begin(self._again(warm, agent, assigned_at_ms))

    def drop(self, call: UUID) -> None:
        """See `dialer.screens.Screens`."""
        warm = self._warm.pop(call, None)
        if warm is not None:
            warm.gathering.cancel()

    async def _follow(self, warm: _Warm, speaker: Speaker, assigned_at_ms: int) -> None:
        """Publish the whole screen when it is there at last, unless the call has gone."""
        gathering = warm.gathering
        await asyncio.wait({gathering}, timeout=WHOLE_SECONDS)
        if not self._in_force(warm, gathering):
            return
        facts = gathering.result() if gathering.done() else None
        await self._publish(warm, speaker, assigned_at_ms, facts, late=False)

    async def _again(self, warm: _Warm, agent: UUID, assigned_at_ms: int) -> None:
        """Publish a newer version when it is there, unless the call has gone or it could not be read."""
        gathering = warm.gathering
        await asyncio.wait({gathering}, timeout=WHOLE_SECONDS)
        if not gathering.done() or not self._in_force(warm, gathering):
            return
        facts, speaker = gathering.result(), self._speakers.get(agent)
        if facts is not None and speaker is not None:
            await self._publish(warm, speaker, assigned_at_ms, facts, late=False)

    def _in_force(self, warm: _Warm, gathering: asyncio.Task[PopFacts | None]) -> bool:
        """Whether the call is still there and nothing newer is being read about it."""
        there = warm.facts.call in self._warm and not gathering.cancelled()
        return there and warm.gathering is gathering

    async def _publish(
        self,
        warm: _Warm,
        speaker: Speaker,
        assigned_at_ms: int,
        facts: PopFacts | None,
        *,
        late: bool,
    ) -> int | None:
        """Publish one version; the instant printed on it, or None when the broker did not take it."""
        occasion = screenpop.Occasion(
            ringing=_ringing(warm.facts),
            speaker=speaker,
            assigned_at_ms=assigned_at_ms,
            published_at_ms=self._clock.now_ms(),
            late=late,
            book=self._shelf.book,
        )
        try:
            value = encode_value(self._compose(facts, occasion))
            await self._broker.publish(
                f"agent:{speaker.id}", [Card(f"screen:{warm.facts.call}", value)]
            )
        except Exception:  # noqa: BLE001 - one screen must not end the process, see the class
            self._log.exception("screen_not_published", call=str(warm.facts.call))
            return None
        return occasion.published_at_ms

    def _compose(self, facts: PopFacts | None, occasion: screenpop.Occasion) -> dict[str, Any]:
        """The screen; without its facts when they are such as cannot be shown."""
        if facts is not None:
            try:
                return screenpop.compose(facts, occasion)
            except Exception:  # noqa: BLE001 - one screen must not end the process, see the class
                self._log.exception("screen_not_composed", call=str(occasion.ringing.call))
        return screenpop.compose(None, occasion)

    async def _gather(self, facts: CallFacts) -> PopFacts | None:
        """The facts of a call; None when the database did not give them (the page says so)."""
        try:
            async with self._room, reading(self._database) as session:
                return await screenpop.gather(
                    session,
                    customer=facts.customer,
                    loan=facts.loan,
                    campaign=facts.campaign,
                    now=self._clock.now(),
                    shelf=self._shelf,
                )
        except Exception:  # noqa: BLE001 - one screen must not end the process, see the class
            self._log.exception("screen_not_gathered", call=str(facts.call))
            return None

    async def _read_ahead(self, agent: UUID) -> None:
        try:
            await self._speaker(agent)
        except Exception:  # noqa: BLE001 - his first call asks again, see the class
            self._log.exception("speaker_not_read", agent=str(agent))

    async def _speaker(self, agent: UUID) -> Speaker:
        """Who will speak: read once, kept until he sits down again."""
        known = self._speakers.get(agent)
        if known is None:
            if len(self._speakers) >= SPEAKERS_KEPT:
                self._speakers.clear()
            async with reading(self._database) as session:
                known = await screenpop.speaker(session, agent)
            self._speakers[agent] = known
        return known


def _ringing(facts: CallFacts) -> screenpop.Ringing:
    return screenpop.Ringing(
        call=facts.call,
        campaign=facts.campaign,
        campaign_name=facts.campaign_name,
        number=facts.number,
        attempt_no=facts.attempt_no,
        attempts_today=facts.attempts_today,
        cap=facts.cap,
        window_until_ms=facts.window_until_ms,
        offered=facts.offered,
    )
