"""What the engine works with: contracts, a clock, a log, figures. Chosen by `dialer.wiring`."""

from dataclasses import dataclass

from structlog.stdlib import BoundLogger

from app.clock import Clock
from app.observe import Metrics
from dialer.carrier import Carrier
from dialer.fence import Lease
from dialer.intents import Intents
from dialer.journal import Journal
from dialer.leads import Leads
from dialer.lessons import Lessons
from dialer.memory import Memory
from dialer.meter import Meter
from dialer.paces import Paces
from dialer.reservations import Reservations
from dialer.roster import Roster
from dialer.screens import Screens
from realtime.broker import Broker
from realtime.presence import Presence


@dataclass(frozen=True, slots=True)
class Tools:
    """One of each."""

    carrier: Carrier
    leads: Leads
    journal: Journal
    intents: Intents
    reservations: Reservations
    screens: Screens
    broker: Broker
    presence: Presence
    meter: Meter
    paces: Paces
    memory: Memory
    lessons: Lessons
    roster: Roster
    lease: Lease
    clock: Clock
    metrics: Metrics
    log: BoundLogger
