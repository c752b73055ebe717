"""A site of nothing but the doors of signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette

from app.observe import Metrics, configure_logging
from app.people.admission import Admission
from app.people.answers import Answers
from app.people.doors import Gate
from app.people.routes import SignInDoors
from app.render import Pages
from tests.support.people import (
    PlainTickets,
    RememberingFloor,
    cheap_passwords,
)

if TYPE_CHECKING:
    from app.db import Database
    from tests.support.clock import SetClock

SECRET = b"0" * 32


def a_site(
    database: Database,
    clock: SetClock,
    floor: RememberingFloor,
    admission: Admission | None = None,
) -> Starlette:
    """The doors of signing in alone, over real tables."""
    pages, metrics, log = Pages(), Metrics("test"), configure_logging("test")
    answers = Answers(pages=pages, metrics=metrics, clock=clock, log=log)
    gate = Gate(database=database, clock=clock, floor=floor, answers=answers)
    doors = SignInDoors(
        database=database,
        clock=clock,
        pages=pages,
        metrics=metrics,
        answers=answers,
        passwords=cheap_passwords(),
        floor=floor,
        tickets=PlainTickets(),
        secret=SECRET,
        admission=admission or Admission(cores=2, secret=SECRET),
    )
    return Starlette(routes=gate.routes(doors.doors()))
