"""What an agent says a call came to: the form, what it still needs, and the effects carried out and undone.

A form is data until the call is finished; only then is it an action with effects. Each effect leaves a
record of what it did (`{"do": ...}`), by which a correction takes it back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from app import outbox
from app.accounts import service as accounts
from app.campaigns import service as campaigns
from app.care import service as care
from app.care.rules import Source
from app.customers import service as customers
from app.desk import caring
from app.errors import Invalid, Refused
from app.history import dispositions, effects
from app.history import service as history
from app.history.effects import Need
from app.history.tree import Chooser
from app.promises import rules as promise_rules
from app.promises import service as promises
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.audit.service import Actor
    from app.calls.service import Call
    from app.clock import Clock
    from app.db import WriteSession
    from app.history.effects import Effect
    from app.history.tree import Leaf

NOTE_LIMIT: Final = 4_000
FIELD_LIMIT: Final = 500
MOST_STEPS: Final = 20
MOST_TICKS: Final = 50
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}")  # of a statement
LARGEST: Final = 10**16  # minor units: well inside a bigint
LATEST_MS: Final = 2**42  # in the year 2109
MORNING: Final = 8  # o'clock: when the offered call of a promise is due
DUE_TODAY_AFTER: Final = timedelta(hours=1)  # the offered call of a promise that is due today


class PromiseTerms(msgspec.Struct, frozen=True):
    """What was promised: minor units of `currency`, due on a day, by a method."""

    amount_minor: Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
    currency: str
    due_on: date
    method: str | None = None
    call_back: bool = False  # the offered call on the due date was taken


class CallbackTerms(msgspec.Struct, frozen=True):
    """When to call again: epoch milliseconds of business time."""

    at: Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)]


class Said(msgspec.Struct, frozen=True):
    """The script that was on the screen: its book's version, its code, and the steps that were said."""

    version: int
    code: str = ""
    steps: tuple[int, ...] = ()


class Form(msgspec.Struct, frozen=True):
    """An outcome as the page sends it. `ticked` are codes of statements that were said.

    `writer` names the page, as in its drafts.
    """

    call: UUID
    leaf: str
    note: str = ""
    ticked: tuple[str, ...] = ()
    promise: PromiseTerms | None = None
    callback: CallbackTerms | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    script: Said | None = None
    writer: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """The call an outcome is about, whose deed it is and when. `zone` is the business's place."""

    call: Call
    actor: Actor
    clock: Clock
    zone: str
    case_id: UUID | None
    action_id: UUID


NEED_SENTENCES: Final = {
    Need.PROMISE: "Say what was promised: amount and date.",
    Need.CALLBACK: "Say when to call back.",
}


def check_form(form: Form) -> Leaf:
    """The leaf of a form that is complete. Raises `Invalid` naming the first field that is missing."""
    leaf = dispositions.leaf(form.leaf)
    if leaf is None or not leaf.active:
        raise Invalid("Choose an outcome from the list.", code="OUTCOME_UNKNOWN", field="leaf")
    if leaf.chooser is not Chooser.AGENT:
        raise Refused("This outcome is not set by agents.", code="OUTCOME_RESERVED", field="leaf")
    if len(form.note) > NOTE_LIMIT:
        raise Invalid(f"A note has at most {NOTE_LIMIT} characters.", field="note")
    for need in dispositions.missing(leaf, _given(form)):
        sentence = NEED_SENTENCES.get(need, "This outcome needs one more thing.")
        raise Invalid(sentence, code="OUTCOME_NEEDS", field=need)
    for name, value in form.fields.items():
        if len(value) > FIELD_LIMIT:
            raise Invalid(f"At most {FIELD_LIMIT} characters.", field=name)
    if form.script is not None and len(form.script.steps) > MOST_STEPS:
        raise Invalid(f"A script has at most {MOST_STEPS} steps.", field="script")
    return leaf


def tick_times(ticked: object, known: Mapping[str, str], now: datetime) -> dict[str, str]:
    """When each statement was seen ticked first (ISO); one that was unticked since is forgotten."""
    codes = ticked if isinstance(ticked, list | tuple) else ()
    at = now.isoformat(timespec="seconds")
    named = [code for code in codes[:MOST_TICKS] if isinstance(code, str) and CODE.fullmatch(code)]
    return {code: known.get(code, at) for code in named}


def _given(form: Form) -> set[str]:
    """Names of the needs that a form answers."""
    given = {name for name, value in form.fields.items() if value.strip()}
    if form.promise is not None:
        given.add(Need.PROMISE)
    if form.callback is not None:
        given.add(Need.CALLBACK)
    return given


async def carry_out(
    session: WriteSession, wanted: tuple[Effect, ...], form: Form, occasion: Occasion
) -> list[dict[str, Any]]:
    """Do what an outcome sets in motion, in its order; returns a record of each, for a correction."""
    done: list[dict[str, Any]] = []
    for effect in wanted:
        record = await _do(session, effect, form, occasion)
        if record is not None:
            done.append(msgspec.to_builtins({**effects.effect_record(effect), **record}))
    return done


async def _do(  # noqa: PLR0911 - one arm for each effect, each a line or two
    session: WriteSession, effect: Effect, form: Form, occasion: Occasion
) -> Mapping[str, Any] | None:
    match effect:
        case effects.RecordPromise():
            return await _promise(session, form, occasion)
        case effects.Hold():
            return await _hold(session, effect, form, occasion)
        case effects.OfferCallback():
            if form.promise is None or not form.promise.call_back:
                return None
            due_morning = _at_place(form.promise.due_on, time(MORNING), occasion.zone)
            soonest = occasion.clock.now() + DUE_TODAY_AFTER
            return await _callback(session, max(due_morning, soonest), form, occasion)
        case effects.CreateCallback():
            return await _agreed_call(session, form, occasion)
        case (
            effects.FlagHardship()
            | effects.OpenDispute()
            | effects.SetStatus()
            | effects.NoteWishes()
        ):
            customer = occasion.call.customer_id
            if customer is None:
                return None
            return await caring.carry(session, effect, _told(customer, form, occasion))
        case effects.MarkNumber():
            return await _mark(session, effect, occasion)
        case (
            effects.RetryAfter()
            | effects.RetryNextDay()
            | effects.RetryByPolicy()
            | effects.RetryInBand()
            | effects.TryNextNumber()
            | effects.RemoveFromCampaign()
            | effects.NoRedial()
        ):
            return await _settle_lead(session, form, occasion)
        case _:
            return _tell(session, effect, occasion)


async def _promise(session: WriteSession, form: Form, occasion: Occasion) -> Mapping[str, Any]:
    call, terms = occasion.call, form.promise
    if terms is None or call.customer_id is None or call.loan_id is None:
        raise Refused("There is no loan to promise on: the customer is not known.", field="promise")
    made = await promises.make_promise(
        session,
        promises.Terms(
            customer_id=call.customer_id,
            loan_id=call.loan_id,
            case_id=occasion.case_id,
            amount_minor=terms.amount_minor,
            currency=terms.currency,
            due_on=terms.due_on,
            method=terms.method,
        ),
        actor=occasion.actor,
        clock=occasion.clock,
        action_id=occasion.action_id,
    )
    return {"promise": str(made.id)}


async def _hold(
    session: WriteSession, effect: effects.Hold, form: Form, occasion: Occasion
) -> Mapping[str, Any] | None:
    call = occasion.call
    if call.customer_id is None:
        return None
    until: datetime | None = None
    if effect.days is not None:
        today = occasion.clock.today(occasion.zone)
        until = _at_place(today + timedelta(days=effect.days + 1), time.min, occasion.zone)
    elif effect.until is effects.HoldUntil.PROMISE_GRACE and form.promise is not None:
        grace = promise_rules.DEFAULT_TERMS.grace_days
        until = promise_rules.window_end(form.promise.due_on, grace, ZoneInfo(occasion.zone))
    hold = await accounts.place_hold(
        session,
        call.customer_id,
        kind=effect.kind,
        source="disposition",
        clock=occasion.clock,
        until=until,
        loan_id=call.loan_id,
        action_id=occasion.action_id,
    )
    return {"hold": str(hold)}


async def _callback(
    session: WriteSession, at: datetime | None, form: Form, occasion: Occasion
) -> Mapping[str, Any] | None:
    if at is None or occasion.call.customer_id is None:
        return None
    if at <= occasion.clock.now():
        raise Invalid("A call back lies in the future.", code="CALLBACK_PAST", field="callback")
    terms = history.CallbackTerms(
        customer_id=occasion.call.customer_id,
        at=at,
        user_id=occasion.actor.id,
        campaign_id=occasion.call.campaign_id,
        phone_id=occasion.call.phone_id,
        action_id=occasion.action_id,
        reason=form.note[:FIELD_LIMIT],
    )
    return {"callback": str(await history.create_callback(session, terms, clock=occasion.clock))}


async def _agreed_call(
    session: WriteSession, form: Form, occasion: Occasion
) -> Mapping[str, Any] | None:
    """A call at the form's instant: the lead is not called before, and then ahead of all others."""
    agreed = datetime.fromtimestamp(form.callback.at / 1000, UTC) if form.callback else None
    record = await _callback(session, agreed, form, occasion)
    if record is not None and occasion.call.lead_id is not None:
        await campaigns.settle_lead(
            session,
            occasion.call.lead_id,
            retry_at=agreed,
            result=form.leaf,
            promised_to=occasion.actor.id,
        )
    return record


def _told(customer: UUID, form: Form, occasion: Occasion) -> caring.Told:
    return caring.Told(
        customer, occasion.call.loan_id, form.fields, _origin(occasion), occasion.zone
    )


def _origin(occasion: Occasion) -> care.Origin:
    return care.Origin(
        actor=occasion.actor,
        clock=occasion.clock,
        today=occasion.clock.today(occasion.zone),
        source=Source.OUTCOME,
        call_id=occasion.call.id,
        action_id=occasion.action_id,
    )


async def _mark(
    session: WriteSession, effect: effects.MarkNumber, occasion: Occasion
) -> Mapping[str, Any] | None:
    phone = occasion.call.phone_id
    if phone is None:
        return None
    before = await customers.mark_number(
        session, phone, effect.state, occasion.actor, occasion.clock.now()
    )
    return {"phone": str(phone), "before": before}


async def _settle_lead(
    session: WriteSession, form: Form, occasion: Occasion
) -> Mapping[str, Any] | None:
    """When the lead is tried again; the last word counts, so that a correction just says it anew."""
    lead = occasion.call.lead_id
    if lead is None:
        return None
    said = re.search(r"\d+", form.fields.get(Need.TIME_BAND, ""))
    band = min(int(said.group()), 23) if said else None
    now = occasion.clock.now()
    retry_at = await campaigns.retry_lead(session, lead, form.leaf, now, band)
    return {"lead": str(lead), "retry_at": retry_at}


def _tell(session: WriteSession, effect: Effect, occasion: Occasion) -> Mapping[str, Any]:
    """What other people take up is a fact: whoever owns that work listens."""
    clock = occasion.clock
    fact = outbox.Fact(
        id=new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
        kind=f"outcome.{type(effect).__name__}",
        body={
            **effects.effect_record(effect),
            "action": str(occasion.action_id),
            "customer": str(occasion.call.customer_id),
            "call": str(occasion.call.id),
        },
        recorded_at=clock.now(),
    )
    outbox.record(session, fact)
    return {"fact": str(fact.id)}


async def count_contact(
    session: WriteSession, occasion: Occasion, leaf: Leaf, wrong: history.Action | None
) -> None:
    """Count a call that an agent heard for its number, or put right what a wrong outcome counted."""
    call = occasion.call
    if call.phone_id is None:
        return
    answered_at = call.answered_at or call.created_at
    hour, rpc = answered_at.astimezone(ZoneInfo(occasion.zone)).hour, bool(leaf.rpc)
    if wrong is None:
        await customers.count_attempt(session, call.phone_id, hour, rpc=rpc)
    else:
        await customers.recount_attempt(session, call.phone_id, hour, was=wrong.rpc, rpc=rpc)


async def acted_on(session: WriteSession, wrong: history.Action) -> set[str]:
    """Names of an action's effects that others have taken up meanwhile, and so cannot be undone."""
    taken = set()
    if await history.count_begun_callbacks(session, wrong.id):
        taken |= {"CreateCallback", "OfferCallback"}
    for record in wrong.effects:
        if "promise" in record and await promises.has_money(session, UUID(record["promise"])):
            taken |= {"RecordPromise", "Hold"}
        if stands := await caring.acted_on(session, record):
            taken.add(stands)
    return taken


async def take_back(
    session: WriteSession, wrong: history.Action, undo: tuple[Effect, ...], occasion: Occasion
) -> None:
    """Undo those effects of an action that may be undone; what they did stands in its records."""
    names = {type(effect).__name__ for effect in undo}
    now = occasion.clock.now()
    for record in wrong.effects:
        if record["do"] not in names:
            continue
        if "promise" in record:
            await promises.cancel(
                session, UUID(record["promise"]), reason="corrected", actor=occasion.actor, now=now
            )
        if "hold" in record:
            await accounts.release_holds(
                session, hold_id=UUID(record["hold"]), reason="corrected", now=now
            )
        if "callback" in record:
            await history.cancel_callback(session, UUID(record["callback"]))
        await _leave_lead(session, record, wrong, occasion)
        await caring.take_back(session, record, _origin(occasion))
        if "phone" in record:
            await customers.mark_number(
                session, UUID(record["phone"]), record["before"], occasion.actor, now
            )
        elif "before" in record and occasion.call.customer_id is not None:
            await customers.change(
                session,
                occasion.call.customer_id,
                record["before"],
                occasion.actor,
                now,
                reason="corrected",
            )


async def _leave_lead(
    session: WriteSession, record: Mapping[str, Any], wrong: history.Action, occasion: Occasion
) -> None:
    """The lead is not tried again for what was not so; what is right may say so anew."""
    lead = occasion.call.lead_id
    if lead is not None and ("lead" in record or record["do"] == effects.CreateCallback.__name__):
        await campaigns.settle_lead(session, lead, retry_at=None, result=wrong.leaf)


def _at_place(day: date, at: time, zone: str) -> datetime:
    """A local day and time as an instant in UTC."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
