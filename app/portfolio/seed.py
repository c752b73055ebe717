"""The demonstration: organisation 'Ngân hàng Mẫu', its people, a portfolio with a past, campaigns.

Made in one transaction, so that half of it never exists. It is marked `demo`: only the simulator or
the loopback lab may dial it. Passwords are drawn anew for each state directory and handed to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from app.accounts import service as _loans  # noqa: F401 - leads name its tables by foreign key
from app.audit import service as audit
from app.breaks import service as breaks
from app.campaigns import service as campaigns
from app.campaigns.rules import Mode
from app.clock import Clock
from app.customers import service as _customers  # noqa: F401 - as above
from app.errors import Refused
from app.history import service as history
from app.people import service as people
from app.people.passwords import Passwords, draw_password
from app.portfolio import names
from app.portfolio.bulk import copy_rows
from app.portfolio.edges import add_edges
from app.portfolio.invented import Stage
from app.portfolio.manners import note_manners
from app.portfolio.pasts import Inventor
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.db import Database, WriteSession

ORGANISATION: Final = "Ngân hàng Mẫu"
ZONE: Final = "Asia/Ho_Chi_Minh"
DEMO_TEAM: Final = "Đội Trình diễn"
MORNING: Final = time(9, 30)
DAY_END: Final = time(18, 0)
HASHING_CORES: Final = 2
SUNDAY: Final = 6
COPIED_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class SeedOptions:
    """How large the demonstration is. `at_work`: move the business clock to a working morning."""

    customers: int = 20_000
    bots: int = 40
    seed: int = 1
    at_work: bool = True


@dataclass(frozen=True, slots=True)
class SignIn:
    """Somebody of the demonstration who signs in; the password is told here once and kept nowhere."""

    role: str
    username: str
    password: str
    full_name: str


@dataclass(frozen=True, slots=True)
class Seeded:
    """What `seed_demo` made. `created` False: it stood already, and nobody's password is told."""

    created: bool
    people: tuple[SignIn, ...] = ()
    bots: tuple[SignIn, ...] = ()
    customers: int = 0
    offset_ms: int = 0


# --- the clock of the demonstration -------------------------------------------------


def work_morning(after: datetime, holidays: Sequence[str]) -> datetime:
    """The next working morning at or after an instant: no Sunday, no holiday (ISO dates)."""
    local = after.astimezone(ZoneInfo(ZONE))
    day = local.date()
    if local.time() > MORNING:
        day += timedelta(days=1)
    while day.weekday() >= SUNDAY - 1 or day.isoformat() in holidays:
        day += timedelta(days=1)
    return datetime.combine(day, MORNING, ZoneInfo(ZONE))


def is_at_work(instant: datetime, holidays: Sequence[str]) -> bool:
    """Whether an instant lies in working hours, with some hours left to look around."""
    local = instant.astimezone(ZoneInfo(ZONE))
    return (
        MORNING <= local.time() < DAY_END
        and local.weekday() < SUNDAY - 1
        and local.date().isoformat() not in holidays
    )


def moved_offset_ms(business: datetime, offset_ms: int, holidays: Sequence[str]) -> int:
    """The offset that puts business time into working hours; it only ever moves forward."""
    if is_at_work(business, holidays):
        return offset_ms
    gap = work_morning(business, holidays) - business
    return offset_ms + gap // timedelta(milliseconds=1)


async def wake_demo(session: WriteSession, clock: Clock) -> int | None:
    """Move a demonstration that stands to its next working hours; None when there is none.

    `clock` tells real time. Returns the offset in force.
    """
    house = await people.find_organisation(session)
    if house is None or not house.demo:
        return None
    business = clock.now() + timedelta(milliseconds=house.clock_offset_ms)
    house.clock_offset_ms = moved_offset_ms(business, house.clock_offset_ms, house.holidays)
    return house.clock_offset_ms


# --- making it ----------------------------------------------------------------------


async def seed_demo(database: Database, options: SeedOptions, clock: Clock) -> Seeded:
    """Make the demonstration, or, where it stands already, only wake its clock.

    `clock` tells real time. Raises Refused where another organisation has its books.
    """
    async with database.writing() as session:
        house = await people.find_organisation(session)
        if house is not None and not house.demo:
            raise Refused(
                f"{house.name} has its books here: a demonstration gets a database of its own",
                rule="NOT_A_DEMO",
            )
        if house is not None:
            offset = await wake_demo(session, clock) if options.at_work else house.clock_offset_ms
            return Seeded(created=False, offset_ms=offset or 0)
        return await _make(session, options, clock)


async def _make(session: WriteSession, options: SeedOptions, clock: Clock) -> Seeded:
    holidays = _holidays(clock.today(ZONE))
    offset = 0
    business = clock
    if options.at_work:
        start = work_morning(clock.now() - timedelta(hours=12), holidays)
        offset = (start - clock.now()) // timedelta(milliseconds=1)
        business = Clock(clock.offset_ms + offset)
    staff = _Staff(session, business)
    await staff.found(offset, holidays)
    told = await staff.hire(options)
    inventor = Inventor(
        clock.random(options.seed),
        Stage(business.now(), ZoneInfo(ZONE), staff.callers),
    )
    odd = add_edges(inventor)
    for index in range(1, options.customers + 1):
        inventor.whole_customer(index)
        if index % COPIED_AT_ONCE == 0:
            await _copy(session, inventor)
    await _copy(session, inventor)
    await history.publish_tree(session, now=business.now(), by=staff.admin)
    late = datetime.combine(inventor.stage.today, time(20, 59), ZoneInfo(ZONE))
    await history.create_callback(
        session,
        history.CallbackTerms(
            customer_id=odd["EDGE-LATE-CALL"]["id"], at=late, reason="Hẹn gọi lại lúc 20:59"
        ),
        clock=business,
    )
    await _start_campaigns(session, staff, business)
    return Seeded(
        created=True,
        people=tuple(who for who in told if who.role != "BOT"),
        bots=tuple(who for who in told if who.role == "BOT"),
        customers=options.customers + len(odd),
        offset_ms=offset,
    )


async def _copy(session: WriteSession, inventor: Inventor) -> None:
    """Write what was invented so far and forget it: a portfolio does not fit into a small memory."""
    note_manners(inventor.made, inventor.id_at, inventor.stage.today)
    for table, rows in inventor.made.tables():
        await copy_rows(session, table, rows)
        rows.clear()


def _holidays(today: date) -> list[str]:
    """Public holidays of Vietnam, last year's to the year after next, as ISO dates."""
    import holidays as calendars  # a second of start-up that only a seed needs

    years = range(today.year - 1, today.year + 3)
    return sorted(day.isoformat() for day in calendars.country_holidays("VN", years=years))


class _Staff:
    """Founds the organisation and hires its people."""

    def __init__(self, session: WriteSession, clock: Clock) -> None:
        self.session = session
        self.clock = clock
        self.teams: dict[str, UUID] = {}
        self.users: dict[str, UUID] = {}
        self.callers: list[UUID] = []
        self.admin: UUID | None = None
        self._passwords = Passwords(cores=HASHING_CORES, salt=clock.token_bytes)

    def new_id(self) -> UUID:
        """An id of this moment."""
        return new_id(self.clock.now_ms(), self.clock.token_bytes(RANDOM_BYTES))

    async def found(self, offset_ms: int, holidays: list[str]) -> None:
        """The organisation, its breaks, one team per branch and one for the visitor."""
        people.add(
            self.session,
            people.Organisation(
                id=self.new_id(),
                name=ORGANISATION,
                timezone=ZONE,
                base_currency="VND",
                locale="vi",
                date_order="dmy",
                legal_profile="VN",
                holidays=holidays,
                clock_offset_ms=offset_ms,
                demo=True,
                created_at=self.clock.now(),
            ),
        )
        known = {reason.terms.code for reason in await breaks.list_all(self.session)}
        breaks.fill(self.session, known)
        for branch in names.BRANCHES:
            self._team(f"Đội {branch}", branch)
        self._team(DEMO_TEAM, "Hà Nội")
        await self.session.flush()

    def _team(self, name: str, branch: str) -> None:
        self.teams[name] = self.new_id()
        people.add(self.session, people.Team(id=self.teams[name], name=name, branch=branch))

    async def hire(self, options: SeedOptions) -> list[SignIn]:
        """One person per role, a lead per team, and the bots over the teams of the branches."""
        told = [
            await self._person("AGENT", "minh", "Nguyễn Văn Minh", DEMO_TEAM),
            await self._person("TEAM_LEAD", "thao", "Phạm Thị Thảo", DEMO_TEAM),
            await self._person("SUPERVISOR", "linh", "Trần Thị Linh", None),
            await self._person("ADMIN", "quan", "Lê Hoàng Quân", None),
        ]
        self.admin = self.users["quan"]
        maker = Inventor(self.clock.random(f"staff {options.seed}"), self._stage())
        branches = [f"Đội {branch}" for branch in names.BRANCHES]
        for place, team in enumerate(branches, start=1):
            name = maker.person_name(female=place % 2 == 0)
            await self._person("TEAM_LEAD", f"lead{place}", name, team)
        for place in range(1, options.bots + 1):
            name = maker.person_name(female=place % 2 == 0)
            team = branches[place % len(branches)]
            told.append(await self._person("BOT", f"bot{place:02d}", name, team))
        for team_name, lead in self._leads().items():
            found = await people.find_team(self.session, team_name)
            if found is not None:
                found.lead_id = self.users[lead]
        await self.session.flush()
        return told

    def _stage(self) -> Stage:
        return Stage(self.clock.now(), ZoneInfo(ZONE), ())

    def _leads(self) -> dict[str, str]:
        branches = [f"Đội {branch}" for branch in names.BRANCHES]
        return {DEMO_TEAM: "thao"} | {
            team: f"lead{place}" for place, team in enumerate(branches, start=1)
        }

    async def _person(self, role: str, username: str, full_name: str, team: str | None) -> SignIn:
        """Hire somebody; a bot is an agent like anybody else, and is only told apart."""
        password = draw_password(self.clock.token_bytes)
        user = people.User(
            id=self.new_id(),
            username=username,
            full_name=full_name,
            short_name=full_name.rsplit(maxsplit=1)[-1],
            roles=["AGENT" if role == "BOT" else role],
            team_id=self.teams[team] if team else None,
            password_hash=await self._passwords.hash(password),
            desk_phone=role == "BOT",  # it has no page that could speak
            created_at=self.clock.now(),
        )
        await people.create_user(self.session, audit.SYSTEM, user, now=self.clock.now())
        self.users[username] = user.id
        if role in ("AGENT", "BOT"):
            self.callers.append(user.id)
        return SignIn(role, username, password, full_name)


@dataclass(frozen=True, slots=True)
class _Campaign:
    """A running campaign of the demonstration; without branches it is the visitor's own."""

    name: str
    where: str
    mode: Mode
    branches: tuple[str, ...] = ()
    priority: int = 0


CAMPAIGNS: Final = (
    _Campaign(
        "Thẻ tín dụng 5–60 ngày",
        "dpd 5..60 and product = CREDIT_CARD",
        Mode.RATIO,
        ("HCM Quận 1", "HCM Thủ Đức"),
    ),
    _Campaign(
        "Vay tiêu dùng 1–90 ngày",
        "dpd 1..90 and product = PERSONAL",
        Mode.RATIO,
        ("Hà Nội", "Hải Phòng"),
    ),
    _Campaign(
        "Mua xe, mua nhà quá hạn",
        "dpd 5..180 and product in (AUTO, MORTGAGE)",
        Mode.PROGRESSIVE,
        ("Đà Nẵng", "Cần Thơ"),
    ),
    _Campaign(
        "Khách hàng của Minh",
        "dpd 3..120 and province = 'Đà Nẵng'",
        Mode.PROGRESSIVE,
        priority=10,
    ),
)
"""Three of the branches, and one of the visitor's own, so that his first call comes soon (D26)."""


async def _start_campaigns(session: WriteSession, staff: _Staff, clock: Clock) -> None:
    actor = audit.Actor(staff.users["linh"], "SUPERVISOR")
    for wanted in CAMPAIGNS:
        plan = campaigns.Plan(
            name=wanted.name,
            where=wanted.where,
            mode=wanted.mode,
            team_ids=[staff.teams[f"Đội {branch}"] for branch in wanted.branches],
            agent_ids=[] if wanted.branches else [staff.users["minh"]],
            priority=wanted.priority,
        )
        campaign = await campaigns.create(session, plan, actor, clock)
        await campaigns.start(session, campaign, actor, clock.now())
