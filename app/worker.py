"""The clockwork: each slice's jobs, the relay of facts, the chain over the trail, the walls.

`python -m app.worker`. Several may run at once: what must happen once is guarded where it happens, by
rows locked, advisory locks or a lease. A job that fails is logged, counted and tried again at its turn.
"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import uvloop
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from app import outbox
from app.alerts import service as alerts
from app.audit import service as audit
from app.calls import service as calls
from app.campaigns import jobs as campaigns
from app.campaigns import service as campaign_service
from app.care import service as care
from app.curves import service as curves
from app.desk import service as desk
from app.desk.own_day import OwnDay
from app.errors import PacelineError, Unavailable
from app.floor import money
from app.history import service as history
from app.loadruns.jobs import Leading
from app.payments import service as payments
from app.people import service as people
from app.people import sessions
from app.promises import jobs as promises
from app.retention import service as retention
from app.settings import load
from app.supervision import service as supervision
from app.supervision.rules import request_cards
from app.wall.leader import Leader
from app.whatif.jobs import Answering
from app.wiring import House, open_house

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from app.db import WriteSession
    from app.outbox import Fact, Listener

DAYS_AHEAD: Final = 8
MONTHS_AHEAD: Final = 3
KEEP_ANSWERS: Final = timedelta(days=1)
AT_ONCE: Final = 32  # orders to users on their way to Redis

JUDGED: Final = ("promise.kept", "promise.partly_kept", "promise.broken")

Item = TypeVar("Item")

# What the same row will answer again: a rule of ours, the database's, a draft that cannot be read.
LASTING: Final = (PacelineError, IntegrityError, DataError, msgspec.ValidationError)


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again. A round that says it did much is followed by the next at once."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]


class Clockwork:
    """Runs jobs side by side until it is told to stop; each finishes the round in hand."""

    def __init__(self, house: House, jobs: Sequence[Job]) -> None:
        self._house = house
        self._jobs = jobs
        self._stopping = asyncio.Event()
        self._done_s: dict[str, float] = {}  # when a round ended well

    def stop(self) -> None:
        """No new round begins."""
        self._stopping.set()

    async def run(self) -> None:
        """Run every job until `stop`."""
        async with asyncio.TaskGroup() as tasks:
            for job in self._jobs:
                self._watch(job)
                tasks.create_task(self._turn(job), name=job.name)

    def _watch(self, job: Job) -> None:
        """Let the figures tell how long ago a round ended well, also while one hangs."""
        metrics, clock = self._house.metrics, self._house.clock
        self._done_s[job.name] = clock.monotonic()
        metrics.job_every.labels(job.name).set(job.every_seconds)
        age = metrics.job_age.labels(job.name)
        age.set_function(lambda: clock.monotonic() - self._done_s[job.name])

    async def _turn(self, job: Job) -> None:
        while not self._stopping.is_set():
            await self._round(job)
            try:
                async with asyncio.timeout(job.every_seconds):
                    await self._stopping.wait()
            except TimeoutError:
                continue

    async def _round(self, job: Job) -> None:
        metrics, log = self._house.metrics, self._house.log
        try:
            with metrics.job_seconds.labels(job.name).time():
                await job.run()
            self._done_s[job.name] = self._house.clock.monotonic()
        except Exception as error:
            metrics.job_failures.labels(job.name).inc()
            log.warning("job failed", job=job.name, exc_info=error)


def jobs_of(house: House, leader: Leader, answering: Answering, leading: Leading) -> list[Job]:
    """Every job of the house with its pace."""
    days = OwnDay(database=house.database, broker=house.broker, clock=house.clock)
    work = Work(house, leader)
    return [
        Job("facts", 0.5, work.relay_facts),
        Job("walls", 1.0, work.draw_walls),
        Job("requests", 2.0, work.escalate_requests),
        Job("audit chain", 2.0, work.chain_audit),
        Job("left over", 2.0, work.finish_left_over),
        Job("what-if", 2.0, answering.turn),
        Job("load tests", 2.0, leading.turn),
        Job("callbacks", 5.0, work.call_back),
        Job("own days", 3.0, partial(work.draw_days, days)),
        Job("finished campaigns", 10.0, work.complete_campaigns),
        Job("promises", 30.0, work.judge_promises),
        Job("demonstration", 15.0, work.bring_in_money),
        Job("sign-ins", 30.0, work.end_sign_ins),
        Job("growing campaigns", 300.0, work.refill_campaigns),
        Job("curves", 600.0, work.learn_curves),
        Job("tidy", 3600.0, work.tidy),
        Job("partitions", 6 * 3600.0, work.make_partitions),
        Job("retention", 6 * 3600.0, work.forget_old),
    ]


@dataclass(frozen=True, slots=True)
class Work:
    """One round of each job."""

    house: House
    leader: Leader

    async def relay_facts(self) -> None:
        """Tell what has happened to whoever listens."""
        listeners: dict[str, list[Listener]] = {
            people.ACCESS_CHANGED: [self._close_access],
            people.RIGHTS_CHANGED: [self._close_concerned],
            desk.LEFT_OVER: [self._alert_left_over],
            history.CALLBACK_DUE: [self._dial_agreed],
            payments.TOLD: [self._renew_screens],
            supervision.LEFT: [self._close_desk],
            **{kind: [self._renew_screens] for kind in JUDGED},
            "promise.kept": [self._note_kept, self._renew_screens],
        }
        told = await outbox.relay(self.house.database, listeners, self.house.clock.now())
        if told < outbox.BATCH:
            now, metrics = self.house.clock.now(), self.house.metrics
            async with self.house.database.reading() as session:
                count, oldest = await outbox.waiting(session)
            metrics.facts_waiting.set(count)
            metrics.facts_age.set((now - oldest).total_seconds() if oldest else 0)

    async def escalate_requests(self) -> None:
        """Show every supervisor what no team lead has taken for a minute."""
        async with self.house.database.writing() as session:
            escalated = await supervision.escalate(session, self.house.clock.now())
        for request in escalated:
            await self.house.asking.show(request_cards(request))

    async def draw_walls(self) -> None:
        """Publish what changed on the walls, while this process leads."""
        await self.leader.tick(await self._day_began())

    async def draw_days(self, days: OwnDay) -> None:
        """Publish what changed of each agent's own day, where the walls are drawn too."""
        if self.leader.leads:
            await days.tick(await self._day_began())

    async def chain_audit(self) -> None:
        """Lay links over what was committed since."""
        linked = audit.BATCH
        while linked == audit.BATCH:
            async with self.house.database.writing() as session:
                linked = await audit.chain(session)

    async def finish_left_over(self) -> None:
        """Record the outcome of calls whose wrap-up ended by itself."""
        async with self.house.database.reading() as session:
            waiting = await desk.left_over(session, self.house.clock)
        await self._one_by_one("left over", waiting, self._finish)

    async def call_back(self) -> None:
        """Tell of callbacks whose time has come, and of those that were missed."""
        now = self.house.clock.now()
        async with self.house.database.writing() as session:
            await history.due_callbacks(session, now=now)
            await history.missed_callbacks(session, now=now)

    async def judge_promises(self) -> None:
        """Judge promises whose window has ended: at the day's turn they fall due all at once."""
        await promises.judge_due(self.house.database, self.house.clock)

    async def bring_in_money(self) -> None:
        """Let some pay what they promised, in a demonstration; nothing in a real organisation."""
        if not self.house.settings.demo_money:
            return
        async with self.house.database.writing() as session:
            await money.bring_in(session, self.house.clock)

    async def complete_campaigns(self) -> None:
        """End campaigns that have nobody left to call; the dialer hears once that is on record."""
        now = self.house.clock.now()
        async with self.house.database.writing() as session:
            done = await campaigns.complete_finished(session, now)
        for campaign in done:
            await self.house.asking.changed(campaign, self.house.clock.now_ms())

    async def refill_campaigns(self) -> None:
        """Take into each campaign who belongs by now: after an import, or at the turn of the day."""
        async with self.house.database.reading() as session:
            growing = await campaigns.list_growing(session)
        await self._one_by_one("growing campaigns", growing, self._refill)

    async def learn_curves(self) -> None:
        """Count what the calls of the last hours teach about answers, talk and wrap-up."""
        async with self.house.database.writing() as session:
            await curves.learn(session, self.house.clock.now())

    async def end_sign_ins(self) -> None:
        """End what has lapsed by time, and close its sockets."""
        asking, now = self.house.asking, self.house.clock.now()
        async with self.house.database.writing() as session:
            ended = await people.end_lapsed(session, asking, now=now)
        await people.tell_ended(asking, ended, sessions.EXPIRED)

    async def tidy(self) -> None:
        """Forget stored answers, counted tries, and alerts long over."""
        now = self.house.clock.now()
        async with self.house.database.writing() as session:
            await people.tidy(session, before=now - KEEP_ANSWERS)
            await alerts.tidy(session, now)

    async def make_partitions(self) -> None:
        """Have a partition for this month and the next ones, and days alike, before a row needs it."""
        today = self.house.clock.now().astimezone(UTC).date()
        first = today.replace(day=1)
        async with self.house.database.writing() as session:
            for table in retention.PARTITIONED:
                await session.execute(
                    text("SELECT ensure_months(:parent, :first, :months)"),
                    {"parent": table, "first": first, "months": MONTHS_AHEAD},
                )
            for table, instant in retention.DAILY:
                await session.execute(
                    text("SELECT ensure_days(:parent, :instant, :first, :days)"),
                    {"parent": table, "instant": instant, "first": today, "days": DAYS_AHEAD},
                )

    async def forget_old(self) -> None:
        """Let go of what was kept long enough."""
        metrics, log, now = self.house.metrics, self.house.log, self.house.clock.now()
        async for gone in retention.forget(self.house.database, now, audit.SYSTEM):
            if gone.kept is None:
                metrics.forgotten_rows.labels(gone.kind).inc(gone.rows)
                log.info("forgotten", kind=gone.kind, what=gone.what, rows=gone.rows)
            else:
                log.info("kept", kind=gone.kind, what=gone.what, why=gone.kept)

    async def _one_by_one(
        self, job: str, items: Iterable[Item], do: Callable[[Item], Awaitable[None]]
    ) -> None:
        """Do each of many; one that fails is logged and counted, and holds up none after it."""
        for item in items:
            try:
                await do(item)
            except (*LASTING, SQLAlchemyError) as error:
                self.house.metrics.job_failures.labels(job).inc()
                self.house.log.warning("one of a job failed", job=job, exc_info=error)

    async def _finish(self, left: desk.LeftOver) -> None:
        """Record one outcome; what trying again would not mend is set aside for a person."""
        clock = self.house.clock
        try:
            async with self.house.database.writing() as session:
                await desk.finish_left_over(session, left.call, left.user, clock)
        except LASTING as error:
            if not isinstance(error, Unavailable):
                async with self.house.database.writing() as session:
                    await desk.set_aside(session, left.call, _reason(error), clock)
            raise

    async def _refill(self, campaign: UUID) -> None:
        async with self.house.database.writing() as session:
            await campaigns.refill(session, campaign, self.house.clock)

    async def _alert_left_over(self, session: WriteSession, fact: Fact) -> None:
        """A chosen outcome that nobody recorded is somebody's to settle."""
        await alerts.note_left_over(session, fact, self.house.clock)

    async def _dial_agreed(self, session: WriteSession, fact: Fact) -> None:
        """The lead of a call that was agreed for now goes before all others, to who agreed it first."""
        body = fact.body
        if body.get("campaign") is not None:
            campaign, customer = UUID(body["campaign"]), UUID(body["customer"])
            agent = UUID(body["user"]) if body["user"] else None
            now = self.house.clock.now()
            await campaign_service.call_back(session, campaign, customer, agent, now)

    async def _close_access(self, session: WriteSession, fact: Fact) -> None:
        """Who was given other roles comes back with another ticket; who is out, does not."""
        asking = self.house.asking
        user, why = UUID(fact.body["user"]), str(fact.body["why"])
        if why == people.ROLES_CHANGED:
            if not await people.may_work(session, user):
                await asking.signed_out(user, sessions.FORCED)
            await asking.close_sockets(user, why)
            return
        await asking.signed_out(user, sessions.FORCED)
        await asking.close_sockets(user, sessions.FORCED)

    async def _close_concerned(self, session: WriteSession, fact: Fact) -> None:
        """Whose channels a change of the matrix has changed comes back with another ticket."""
        asking = self.house.asking
        found = await people.concerned(session, fact.body["before"], fact.body["after"])
        for each in found:
            if each.leaves_desk:
                await asking.signed_out(each.user, sessions.FORCED)
        for few in range(0, len(found), AT_ONCE):
            closing = (
                asking.close_sockets(each.user, people.ROLES_CHANGED)
                for each in found[few : few + AT_ONCE]
            )
            await asyncio.gather(*closing)

    async def _close_desk(self, session: WriteSession, fact: Fact) -> None:
        """Nobody is wanted where nobody is; who is gone for good is signed out, unless he has come back."""
        user, now = UUID(fact.body["agent"]), self.house.clock.now()
        why = str(fact.body["why"])
        for request in await supervision.close_left(session, user, now):
            await self.house.asking.show(request_cards(request))
        if why not in supervision.LEAVES:
            return
        for each in await people.end_earlier(session, user, fact.recorded_at, now=now, why=why):
            await self.house.asking.close_sockets(user, why, each.sign_in.issue)

    async def _note_kept(self, session: WriteSession, fact: Fact) -> None:
        """Who kept a promise is known for it from now on."""
        await care.promise_kept(session, UUID(fact.body["customer"]), self.house.clock)

    async def _renew_screens(self, session: WriteSession, fact: Fact) -> None:
        """Money came from, or a promise was judged of, people who are spoken with at this moment."""
        told = fact.body.get("customers") or [fact.body["customer"]]
        customers = [UUID(customer) for customer in told]
        now = self.house.clock.now()
        await self.house.asking.books_changed(await calls.at_desks(session, customers, now))

    async def _day_began(self) -> datetime:
        """When today began at the business's place."""
        async with self.house.database.reading() as session:
            found = await people.find_organisation(session)
        zone = ZoneInfo(found.timezone if found else "Asia/Ho_Chi_Minh")
        today = self.house.clock.today(zone.key)
        return datetime.combine(today, time.min, zone)


def _reason(error: Exception) -> str:
    """A code for why: never the sentence of a database, which holds values."""
    return error.code if isinstance(error, PacelineError) else type(error).__name__


async def work(house: House) -> None:
    """Run the clockwork until SIGTERM or SIGINT, and end it in order."""
    owner = f"{os.getpid()}-{house.clock.token_bytes(4).hex()}"
    leader = Leader(
        redis=house.redis,
        broker=house.broker,
        database=house.database,
        clock=house.clock,
        metrics=house.metrics,
        owner=owner,
        presence=house.presence,
    )
    answering = Answering(house.database, house.clock, os.environ)
    leading = Leading(house.database, house.clock, os.environ)
    clockwork = Clockwork(house, jobs_of(house, leader, answering, leading))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, clockwork.stop)
    stop_metrics = house.metrics.serve(house.settings.metrics_port, house.settings.metrics_host)
    house.log.info("worker is at work", owner=owner)
    # 1. A signal: no new round begins, each job finishes the one in hand.
    await clockwork.run()
    # 2. Another worker may draw the walls at once, and begins the simulation in hand anew.
    await leader.leave()
    answering.close()
    leading.close()
    # 3. Engines are given back by the house, last.
    house.log.info("worker has ended")
    stop_metrics()


async def main() -> None:
    """Open the house and work."""
    async with open_house(load(os.environ), "worker") as house:
        await work(house)


if __name__ == "__main__":
    uvloop.run(main())
