"""The contract for what people asked, and the table from their words to the room's events.

`intents_redis` fulfils it. The words are `app.desk.intents`; here is the only translation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from app.desk import intents as asked
from app.desk.intents import Intent
from dialer.core import events as e
from dialer.core.events import PersonEvent
from dialer.core.monitor import MonitorAsked, MonitorKept, MonitorLeft, MonitorMode
from dialer.core.offers import DialAsked, LeadPicked, SkipAsked
from dialer.core.standing import WorkMode


@dataclass(frozen=True, slots=True)
class Asked:
    """One intent, under the id by which it is acknowledged."""

    id: str
    intent: Intent


class Intents(Protocol):
    """A stream with at-least-once delivery to the one dialer; order is kept per sender."""

    async def read(self, count: int, wait_ms: int) -> Sequence[Asked]:
        """Up to `count` intents, waiting at most `wait_ms` for the first; none is an empty sequence.

        Begins with what an earlier reader took and did not acknowledge. An intent that cannot be
        decoded is counted, acknowledged and left out. Raises `app.errors.Unavailable`.
        """
        ...

    async def ack(self, ids: Sequence[str]) -> None:
        """These are carried out. One that is not acknowledged comes again after a restart."""
        ...


def _signed_out(i: asked.SignedOut) -> PersonEvent | None:
    """A take-over is no leaving: the same person sits at another desk now."""
    if i.why == "TAKEN_OVER":
        return None
    return e.AgentSignedOut(i.user, i.why, forced=i.why == "FORCED", by=i.by)


def _mode(i: asked.ChooseMode) -> PersonEvent | None:
    """A mode that this room does not know is nothing: a newer page spoke to an older dialer."""
    return e.ModeChosen(i.user, i.mode) if i.mode in set(WorkMode) else None


def _monitor(i: asked.Monitor) -> PersonEvent | None:
    """As with modes of work: what is not known here cannot be done."""
    if i.mode not in set(MonitorMode):
        return None
    return MonitorAsked(i.by, i.name, i.user, i.call, i.mode, i.visible, i.desk_phone)


_WORDS: Mapping[type, Callable[[Any], PersonEvent | None]] = MappingProxyType(
    {
        asked.SignedIn: lambda i: e.AgentSignedIn(
            i.user, i.name, i.team, frozenset(i.campaigns), i.wrapup_multiplier, i.desk_phone
        ),
        asked.SignedOut: _signed_out,
        asked.Ready: lambda i: e.AgentReady(i.user),
        asked.Pause: lambda i: e.AgentAway(i.user, i.reason, i.limit_ms),
        asked.ForceBreak: lambda i: e.BreakForced(i.user, i.reason, i.by, i.limit_ms),
        asked.ChooseMode: _mode,
        asked.CancelPending: lambda i: e.PendingCancelled(i.user),
        asked.Pick: lambda i: LeadPicked(i.user, i.campaign, i.lead),
        asked.Dial: lambda i: DialAsked(i.user, i.call, i.phone),
        asked.Skip: lambda i: SkipAsked(i.user, i.call, i.reason),
        asked.HangUp: lambda i: e.HangUpAsked(i.user, i.call),
        asked.Hold: lambda i: e.HoldAsked(i.user, i.call, i.on),
        asked.Mute: lambda i: e.MuteAsked(i.user, i.on),
        asked.Disposed: lambda i: e.OutcomeSaved(i.user, i.call, i.leaf),
        asked.Finish: lambda i: e.FinishAsked(i.user, i.call),
        asked.Extend: lambda i: e.ExtendAsked(i.user, i.call),
        asked.Linked: lambda i: e.LinkUp(i.user, i.session),
        asked.LinkLost: lambda i: e.LinkDown(i.user, i.session),
        asked.Received: lambda i: e.ScreenReceived(i.user, i.call, i.at_ms),
        asked.Painted: lambda i: e.ScreenPainted(i.user, i.call, i.painted_at_ms, i.error_ms),
        asked.CampaignChanged: lambda _: None,
        asked.StopDialing: lambda i: e.DialingStopAsked(i.campaign, i.by, i.reason),
        asked.ResumeDialing: lambda i: e.DialingResumeAsked(i.campaign, i.by),
        asked.Complete: lambda i: e.WrapUpCompleted(i.user, i.by, i.by_name, i.limit_ms),
        asked.ScreenStale: lambda _: None,
        asked.Monitor: _monitor,
        asked.MonitorKept: lambda i: MonitorKept(i.user),
        asked.MonitorLeft: lambda i: MonitorLeft(i.user),
    }
)


def as_event(intent: Intent) -> PersonEvent | None:
    """What the room is told. None: nothing; what others are asked is `Lookout.heed`'s to see to."""
    return _WORDS[type(intent)](intent)
