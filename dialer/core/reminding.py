"""AGENTLESS: a recorded voice reminds whoever answers. No agent is waited for, so nobody is abandoned.

What a call is was settled when it was dialled: a campaign that changes its mode meanwhile leaves it so.
"""

from dialer.core.call import Call, CallChange, CallState, Cause
from dialer.core.ending import hang_up
from dialer.core.orders import PlayMessage
from dialer.core.records import Moment
from dialer.core.room import Room
from dialer.core.routing import begin_wait, live

LONGEST_MS = 120_000  # a reminder that does not end by then is cut


def take(room: Room, call: Call, at: int) -> None:
    """A person is on the line since `at` (ms): he is reminded, or waits for an agent."""
    if not call.agentless:
        begin_wait(room, call, at)
        return
    effort = room.books(call.line.campaign)
    call.move(CallChange.REMIND)
    call.waiting_at = call.message_at = at
    effort.count(answered=1)
    effort.estimates.person(at - (call.dialed_at or at))
    effort.news.lives.append(live(call, at))
    reminder = effort.campaign.reminder
    text = reminder.said(call.line.language, call.line.caller_id)
    room.order(PlayMessage(call.line.call, text, reminder.sound))
    room.moment(call, Moment.MESSAGE, at, said=reminder.sound or text)


def watch(room: Room, now: int) -> None:
    """Cut what does not end."""
    for call in room.calls.values():
        playing = call.agentless and call.state is CallState.MESSAGE
        if playing and call.message_at is not None and now - call.message_at >= LONGEST_MS:
            hang_up(room, call, Cause.REMINDER_CUT)
