"""The calls of one Asterisk: what it says becomes what the room is told, what the room wants becomes requests.

Pure: no socket, no clock. Events may come twice, late, or not at all; `ChannelDestroyed` alone ends a call,
and after a gap `resume` compares with what the server really has.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

from dialer.carrier_ari_desks import Desks
from dialer.carrier_ari_line import Line, wait_for_page
from dialer.carrier_ari_words import NORMAL, Ask, asked, word_of
from dialer.core.call import Cause
from dialer.core.events import (
    Answered,
    BridgedUp,
    BridgeFailed,
    CarrierEvent,
    HungUp,
    MachineHeard,
    MessagePlayed,
    PersonHeard,
    Ringing,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from dialer.carrier import Placement
    from dialer.carrier_ari_desks import Desk
    from dialer.carrier_ari_words import Names, Plan

REMEMBERED: Final = 20_000  # ended calls kept: their names are never dialled again
HEARD: Final = (
    "StasisStart",
    "StasisEnd",
    "ChannelStateChange",
    "ChannelDestroyed",
    "ChannelEnteredBridge",
    "ChannelLeftBridge",
    "Dial",
    "PlaybackFinished",
    "ContactStatusChange",
    "ApplicationReplaced",
)
"""The kinds of events that we listen to; the server is asked to send no others."""

Word = Ask | CarrierEvent


class Board:
    """One server's calls. Every verb and every event gives words: requests to send, events to tell."""

    def __init__(self, names: Names, plan: Plan) -> None:
        self.names = names
        self.plan = plan
        self.desks = Desks(names, plan)
        self.lines: dict[UUID, Line] = {}
        self.ended: OrderedDict[UUID, None] = OrderedDict()
        self._roads: Mapping[str, Callable[[Mapping[str, Any], int], Iterator[Word]]] = {
            "StasisStart": self._started,
            "StasisEnd": self._left_us,
            "ChannelStateChange": self._changed,
            "ChannelDestroyed": self._destroyed,
            "ChannelEnteredBridge": self._entered,
            "ChannelLeftBridge": self._left_bridge,
            "Dial": self._dialled,
            "PlaybackFinished": self._played,
            "ContactStatusChange": self._page_turned,
        }

    # --- what the room wants ---

    def place(self, placement: Placement) -> Iterator[Word]:
        """Ring. A call that is known rings nobody."""
        call = placement.call
        if call in self.lines or call in self.ended:
            return
        detection = placement.detection if placement.detect_machine else None
        self.lines[call] = Line(call, placement.caller_id, detection)
        yield Ask(
            call,
            "place",
            call,
            "POST",
            f"/channels/{self.names.call(call)}",
            {
                "endpoint": self.plan.line(placement.number),
                "context": "paceline-customer",
                "extension": "s",
                "priority": "1",
                "timeout": str(-(-placement.ring_timeout_ms // 1000)),
                "callerId": placement.caller_id,
            },
            {"variables": {"PACELINE_APP": self.names.app, "PACELINE_AMD": detection or ""}},
        )

    def bridge(self, call: UUID, agent: UUID, now: int) -> Iterator[Word]:
        """Join them; an agent whose leg is being raised is waited for."""
        line = self.lines.get(call)
        if line is None or not line.here or line.ours:
            return
        desk = self.desks.desk(agent)
        line.agent = agent
        if desk.ready:
            yield from self.join(line, desk)
            return
        desk.awaited_by = call
        yield from self.desks.raise_leg(desk, now)
        if not desk.leg:  # it fell just now and must wait
            yield from self._without(line, desk, now)

    def unbridge(self, call: UUID, agent: UUID) -> Iterator[Word]:
        """Take the agent off; who stays hears a quiet line, or on hold the music."""
        line = self.lines.get(call)
        if line is None or line.agent != agent:
            return
        line.agent, line.joined, line.back_by = None, False, None
        desk = self.desks.of.get(agent)
        if desk is not None and desk.awaited_by == call:
            desk.awaited_by = None
        if not line.held and not line.soothed:
            yield from self._alone(line, agent)

    def play(self, call: UUID, sound: str) -> Iterator[Word]:
        """Play the campaign's recording, or the server's message and the number that called."""
        line = self.lines.get(call)
        if line is None or not line.here:
            return
        yield from self._sound(line)
        line.playing = True
        path = f"{self._path(call)}/play/{self.names.message(call)}"
        media = {"media": self.plan.media(sound, line.caller_id)}
        yield Ask(call, "play", call, "POST", path, media)

    def hold(self, call: UUID, *, on: bool) -> Iterator[Word]:
        """Music for the customer outside the agent's bridge, or back into it."""
        line = self.lines.get(call)
        if line is None or line.agent is None or line.held is on:
            return
        line.held = on
        if line.back_by is not None:  # his page is away: he hears music in any case
            line.soothed = not on
            return
        bridge = f"/bridges/{self.names.desk(line.agent)}"
        channel = {"channel": self.names.call(call)}
        if on:
            yield Ask(call, "", call, "POST", f"{bridge}/removeChannel", channel)
            yield Ask(call, "", call, "POST", f"{self._path(call)}/moh")
            return
        yield Ask(call, "", call, "DELETE", f"{self._path(call)}/moh")
        yield Ask(call, "join", call, "POST", f"{bridge}/addChannel", channel)
        yield from self.desks.voice(self.desks.desk(line.agent))

    def mute(self, call: UUID, *, on: bool) -> Iterator[Word]:
        """The agent's microphone."""
        line = self.lines.get(call)
        desk = self.desks.of.get(line.agent) if line is not None and line.agent else None
        if line is not None and desk is not None:
            line.muted = on
            yield from self.desks.mute(desk, on=on)

    def hang_up(self, call: UUID, cause: str) -> Iterator[Word]:
        """End it. One that we do not know may be there all the same, from an earlier dialer."""
        if call in self.ended:
            return
        line = self.lines.get(call)
        if line is not None:
            line.ours = cause
        yield from self.hang_up_orphan(call)

    def hang_up_orphan(self, call: UUID) -> Iterator[Word]:
        """Take down a channel that bears our name and belongs to no call."""
        yield Ask(call, "", call, "DELETE", self._path(call))

    # --- what became of a request ---

    def answer(self, ask: Ask, status: int, now: int) -> Iterator[Word]:
        """What a refused request means. 2xx means nothing yet: what happens comes as an event."""
        if status < 300:  # noqa: PLR2004 - HTTP's own border
            return
        match ask.why:
            case "place" if status == 409:  # noqa: PLR2004 - it lives, or says so wrongly: ask
                yield Ask(ask.lane, "lives", ask.about, "GET", ask.path)
            case "place" | "lives":
                yield from self._never_rang(ask.about, now)
            case "leg":
                desk = self.desks.of.get(ask.about)
                if desk is not None and ask.path.endswith(f"/{desk.leg}"):
                    yield from self.leg_lost(desk, now)
            case "join" if status == 404:  # noqa: PLR2004 - the agent's bridge; a dead customer's is 400
                yield from self._no_desk(ask.about, now)
            case "play" if status != 404:  # noqa: PLR2004 - he left
                yield from self._told_all(ask.about, now)

    def _never_rang(self, call: UUID, now: int) -> Iterator[Word]:
        line = self.lines.get(call)
        if line is not None and not line.rang and line.up_at is None:
            yield self._end(line, line.ours or Cause.CARRIER_ERROR, now)

    def _no_desk(self, call: UUID, now: int) -> Iterator[Word]:
        line = self.lines.get(call)
        desk = self.desks.of.get(line.agent) if line is not None and line.agent else None
        if desk is not None:
            yield from self.leg_lost(desk, now)

    # --- what Asterisk says ---

    def hear(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        """One event. Those of strangers' channels and those we do not know give nothing."""
        road = self._roads.get(str(event.get("type")))
        return iter(()) if road is None else road(event, now)

    def _line(self, channel: str) -> Line | None:
        read = self.names.read(channel)
        return self.lines.get(read[1]) if read is not None and read[0] == "call" else None

    def _desk(self, channel: str) -> Desk | None:
        read = self.names.read(channel)
        return self.desks.owner(channel, read[1]) if read is not None and read[0] == "leg" else None

    def _dialled(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        line = self._line(str(event.get("peer", {}).get("id", "")))
        if line is not None and event.get("dialstatus") == "RINGING":
            yield from self.rings(line, now)

    def _changed(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        line = self._line(asked(event))
        if line is None:
            return
        state = event["channel"]["state"]
        if state == "Ringing":
            yield from self.rings(line, now)
        elif state == "Up" and line.up_at is None:
            line.up_at = now

    def rings(self, line: Line, now: int) -> Iterator[Word]:
        """The far end rings; told once, and not after the answer."""
        if not line.rang and line.up_at is None:
            line.rang = True
            yield Ringing(line.call, now)

    def _started(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        channel, arguments = asked(event), [str(word) for word in event.get("args", ())]
        if (desk := self._desk(channel)) is not None:
            if not desk.ready:
                yield from self.desks.picked_up(desk)
        elif (line := self._line(channel)) is not None:
            yield from self.in_hand(line, arguments, now)

    def in_hand(self, line: Line, arguments: list[str], now: int) -> Iterator[Word]:
        """The channel is ours to command: just answered, or back from detection."""
        line.here = True
        yield from self.picked_up(line, now)
        match arguments:
            case ["amd", verdict, *why] if line.detection is not None and not line.decided:
                line.decided = True
                heard = MachineHeard if verdict == "MACHINE" else PersonHeard
                yield heard(line.call, now, " ".join([verdict, *why]))
            case ["customer", *_] if line.detection is not None and not line.decided:
                line.here = False
                yield Ask(
                    line.call,
                    "",
                    line.call,
                    "POST",
                    f"{self._path(line.call)}/continue",
                    {"context": "paceline-amd", "extension": "s", "priority": "1"},
                )

    def picked_up(self, line: Line, now: int) -> Iterator[Word]:
        """Somebody or something is there; told once, as of the instant of the answer."""
        if line.up_at is None:
            line.up_at = now
        if not line.answered:
            line.answered = True
            yield Answered(line.call, line.up_at)

    def _left_us(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        """Of a customer: on his way to detection, or ending, which `ChannelDestroyed` says."""
        desk = self._desk(asked(event))
        if desk is not None:
            yield from self.leg_lost(desk, now)

    def _destroyed(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        channel = asked(event)
        if (desk := self._desk(channel)) is not None:
            yield from self.leg_lost(desk, now)
        elif (line := self._line(channel)) is not None:
            if line.up_at is not None:
                yield from self.picked_up(line, now)  # he left before he came into our hands
            yield from self._freed(line)
            yield self._over(line, int(event.get("cause", 0)), now)

    def _over(self, line: Line, cause: int, now: int) -> HungUp:
        """Ours only where we asked and nothing else had ended it before."""
        if line.ours and cause in NORMAL:
            return self._end(line, line.ours, now, "SYSTEM")
        by = "CUSTOMER" if cause in NORMAL and line.answered else "CARRIER"
        return self._end(line, word_of(cause, answered=line.answered), now, by)

    def _end(self, line: Line, cause: str, now: int, by: str = "CARRIER") -> HungUp:
        self.forget(line.call)
        return HungUp(line.call, cause, by, now)

    def forget(self, call: UUID) -> None:
        """It is over, and its name is used up."""
        self.lines.pop(call, None)
        self.ended[call] = None
        if len(self.ended) > REMEMBERED:
            self.ended.popitem(last=False)

    def _freed(self, line: Line) -> Iterator[Word]:
        """His agent has nobody to speak with now."""
        desk = self.desks.of.get(line.agent) if line.agent is not None else None
        if desk is None:
            return
        if desk.awaited_by == line.call:
            desk.awaited_by = None
        if desk.with_call == line.call:
            desk.with_call = None
            yield from self.desks.hush(desk)

    def _entered(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        channel, bridge = asked(event), str(event["bridge"]["id"])
        desk = self._desk(channel)
        if desk is not None and bridge == self.names.desk(desk.agent):
            if not desk.ready:
                yield from self.desks.seated(desk)
                yield from self._await_over(desk)
            return
        line = self._line(channel)
        if line is not None and line.agent is not None and bridge == self.names.desk(line.agent):
            yield from self.joined_up(line, line.agent, now)

    def joined_up(self, line: Line, agent: UUID, now: int) -> Iterator[Word]:
        """The customer is in the agent's bridge; told once for each agent."""
        self.desks.desk(agent).with_call = line.call
        if not line.joined:
            line.joined = True
            yield BridgedUp(line.call, agent, now)

    def _await_over(self, desk: Desk) -> Iterator[Word]:
        line = self.lines.get(desk.awaited_by) if desk.awaited_by is not None else None
        desk.awaited_by = None
        if line is None or line.agent != desk.agent or line.ours:
            return
        line.back_by = None
        if not line.held:
            yield from self.join(line, desk)
        if line.muted:
            yield from self.desks.mute(desk, on=True)

    def _left_bridge(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:  # noqa: ARG002 - as every road
        """A customer left an agent's bridge: over, on hold, or taken off."""
        read = self.names.read(asked(event))
        owner = self.names.read(str(event["bridge"]["id"]))
        desk = self.desks.of.get(owner[1]) if owner is not None and owner[0] == "desk" else None
        if read is not None and desk is not None and desk.with_call == read[1]:
            desk.with_call = None
            yield from self.desks.hush(desk)

    def _played(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        read = self.names.read(str(event["playback"]["id"]))
        if read is not None and read[0] == "message":
            yield from self._told_all(read[1], now)

    def _told_all(self, call: UUID, now: int) -> Iterator[Word]:
        line = self.lines.get(call)
        if line is not None and line.playing:
            line.playing = False
            yield MessagePlayed(call, now)

    # --- voices ---

    def join(self, line: Line, desk: Desk) -> Iterator[Word]:
        """Into the agent's bridge, and silence off at both ends at the same time."""
        desk.with_call = line.call
        bridge = f"/bridges/{self.names.desk(desk.agent)}/addChannel"
        channel = {"channel": self.names.call(line.call)}
        yield Ask(line.call, "join", line.call, "POST", bridge, channel)
        yield from self.desks.voice(desk)
        yield from self._sound(line)

    def _sound(self, line: Line) -> Iterator[Word]:
        """Nothing of ours is heard on the line any more: no music, no silence."""
        for what, on in (("moh", line.held or line.soothed), ("silence", line.quiet)):
            if on:
                yield Ask(line.call, "", line.call, "DELETE", f"{self._path(line.call)}/{what}")
        line.held = line.quiet = line.soothed = False

    def _alone(self, line: Line, agent: UUID) -> Iterator[Word]:
        """Out of the agent's bridge, on a line that stays quiet."""
        line.quiet = True
        bridge, channel = self.names.desk(agent), {"channel": self.names.call(line.call)}
        yield Ask(line.call, "", line.call, "POST", f"/bridges/{bridge}/removeChannel", channel)
        yield Ask(line.call, "", line.call, "POST", f"{self._path(line.call)}/silence")

    def leg_lost(self, desk: Desk, now: int) -> Iterator[Word]:
        """An agent's leg is gone: whoever waits for him is told, whoever spoke with his page waits."""
        calls = {call for call in (desk.with_call, desk.awaited_by) if call is not None}
        calls |= {line.call for line in self.lines.values() if line.agent == desk.agent}
        self.desks.lost(desk, now)
        for call in calls:
            line = self.lines.get(call)
            if line is None or line.agent != desk.agent:
                continue
            if desk.page and line.joined:
                yield from wait_for_page(line, desk, self.names, now)
            else:
                yield from self._without(line, desk, now)

    def _page_turned(self, event: Mapping[str, Any], now: int) -> Iterator[Word]:
        """A page registered, or went away: its old leg is of no use, the new one is raised at once."""
        desk = self.desks.page_turned(event["endpoint"], event["contact_info"])
        if desk is None:
            return
        if desk.leg:
            yield Ask(desk.agent, "", desk.agent, "DELETE", f"/channels/{desk.leg}")
            yield from self.leg_lost(desk, now)
            desk.again_at, desk.falls = None, 0
        yield from self.desks.raise_leg(desk, now)

    def due(self, now: int) -> Iterator[Word]:
        """What time does: legs are raised again, and nobody waits for a page for ever."""
        yield from self.desks.due(now)
        for line in list(self.lines.values()):
            desk = self.desks.of.get(line.agent) if line.agent is not None else None
            if desk is not None and line.back_by is not None and now >= line.back_by:
                yield from self._without(line, desk, now)

    def _without(self, line: Line, desk: Desk, now: int) -> Iterator[Word]:
        in_bridge = line.joined and not line.held and not line.soothed
        line.agent, line.joined, line.back_by = None, False, None
        if desk.awaited_by == line.call:
            desk.awaited_by = None
        if in_bridge:
            yield from self._alone(line, desk.agent)
        yield BridgeFailed(line.call, desk.agent, now)

    def _path(self, call: UUID) -> str:
        return f"/channels/{self.names.call(call)}"
