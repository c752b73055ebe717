"""What an agent does with a call that has an outcome: choose, finish, put right.

Choosing stores a form; finishing makes it an action with effects in one transaction. Finishing is
idempotent: the page, the end of wrap-up and the worker's net may all ask for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app import outbox
from app.accounts import service as accounts
from app.audit import service as audit
from app.calls import service as calls
from app.desk import caring, drafts, outcomes, presets, screenpop, script, store
from app.desk.outcomes import CallbackTerms, Form, Occasion
from app.desk.picture import see
from app.errors import Refused
from app.history import dispositions
from app.history import rules as history_rules
from app.history import service as history
from app.people import service as people
from app.scripts import service as scripts
from app.scripts.pieces import fits, unticked
from app.scripts.rules import EVERYBODY
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from app.audit.service import Actor
    from app.calls.service import Call
    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.desk.models import Draft
    from app.desk.pop import Speaker
    from app.history.effects import Effect
    from app.history.tree import Leaf
    from app.scripts.fields import Situation

PASSED_CALLBACK: Final = timedelta(
    minutes=1
)  # from now: a call back whose hour passed in the queue
LEFT_OVER: Final = "outcome.left_over"


@dataclass(frozen=True, slots=True)
class Finished:
    """An outcome on record. `again` tells that it had been recorded before."""

    call: UUID
    leaf: str
    action: UUID
    again: bool = False


@dataclass(frozen=True, slots=True)
class Instead:
    """A correction: the action that was wrong, and which effects of the right one are still to be done."""

    wrong: history.Action
    do: tuple[Effect, ...]


async def save_outcome(session: WriteSession, form: Form, actor: Actor, clock: Clock) -> Leaf:
    """Choose an outcome, early or in wrap-up; it can be changed until the call is finished.

    What is accepted here can be finished: the whole recording is tried and rolled back. Raises `Invalid`
    for what the outcome still needs, `Refused` when a rule stands against it or it was finished already.
    """
    leaf = outcomes.check_form(form)
    call = await drafts.own_call(session, form.call, actor.id)
    if await history.current_action(session, form.call) is not None:
        raise Refused(
            "This call has its outcome: correct it instead.", code="OUTCOME_RECORDED", field="leaf"
        )
    form = await _heed_in(session, call, form, clock)
    await caring.refuse_barred(session, leaf, call.customer_id, call.loan_id)
    trial = await session.begin_nested()
    try:
        await _record(session, call, form, actor, clock)
    finally:
        await trial.rollback()
    if actor.id is not None:
        held = await store.hold_draft(session, form.call, actor.id, clock.now())
        times = outcomes.tick_times(form.ticked, drafts.ticked_at(held), clock.now())
        body = {
            "note": form.note,
            drafts.OUTCOME: msgspec.to_builtins(form),
            drafts.TICKED_AT: times,
        }
        writer = form.writer or held.writer
        await store.write_draft(
            session, held, user=actor.id, body=body, writer=writer, now=clock.now()
        )
    await calls.note_leaf(session, form.call, leaf.code)
    return leaf


async def note_templates(
    session: ReadSession, call_id: UUID, speaker: Speaker, now: datetime
) -> list[dict[str, str]]:
    """Note templates filled for a call at the speaker's own desk; none while the books do not know it."""
    call = await calls.find_call(session, call_id)
    if call is None or call.agent_id != speaker.id:
        return []
    found = await screenpop.read_again(session, call, now)
    book = await scripts.published(session)
    return script.templates(found.facts, see(found.facts), found.campaign, book, speaker)


async def finish_call(session: WriteSession, call_id: UUID, actor: Actor, clock: Clock) -> Finished:
    """Record the chosen outcome with all that it sets in motion, in this transaction.

    Raises `Refused` (NO_OUTCOME) when nothing was chosen, `NotFound` for a call of somebody else.
    """
    call = await drafts.own_call(session, call_id, actor.id)
    recorded = await history.current_action(session, call_id)
    if recorded is not None:
        return Finished(call_id, recorded.leaf, recorded.id, again=True)
    draft = await store.lock_draft(session, call_id)
    form = _chosen(draft)
    if form is None:
        raise Refused("Choose an outcome first.", code="NO_OUTCOME", field="leaf")
    action = await _record(session, call, form, actor, clock, said=drafts.ticked_at(draft))
    await store.drop_draft(session, call_id)
    return Finished(call_id, form.leaf, action)


async def correct(session: WriteSession, form: Form, actor: Actor, clock: Clock) -> Finished:
    """Put an outcome right within five minutes: a new action supersedes, effects are taken back.

    Raises `Refused` with the rule and the reason when it is too late or others have acted on it.
    """
    leaf = outcomes.check_form(form)
    call = await drafts.own_call(session, form.call, actor.id)
    wrong = await history.held_action(session, form.call)
    was = dispositions.leaf(wrong.leaf)
    if was is None:
        raise Refused("That outcome is not in the tree any more.", code="NOT_IN_USE", field="leaf")
    saved = history_rules.Saved(
        leaf=was,
        at=min(action.at for action in await history.list_of_call(session, form.call)),
        acted_on=await outcomes.acted_on(session, wrong),
        superseded=wrong.superseded,
    )
    judged = history_rules.correct(saved, leaf, clock.now())
    if not judged.allowed:
        rule = judged.rule or "REFUSED"
        raise Refused(history_rules.REFUSALS[rule][1], code=f"CORRECTION_{rule}", rule=rule)
    form = await _heed_in(session, call, form, clock)
    occasion = await _occasion(session, call, actor, clock)
    await outcomes.take_back(session, wrong, judged.undo, occasion)
    await caring.refuse_barred(session, leaf, call.customer_id, call.loan_id)
    action = await _record(
        session, call, form, actor, clock, instead=Instead(wrong, judged.do), said=_said(wrong)
    )
    return Finished(form.call, form.leaf, action)


@dataclass(frozen=True, slots=True)
class LastOutcome:
    """The outcome of an agent's last call while it can be put right. `draft` is as a page takes it.

    `statements` are those of its screen, in the language asked for; `filled` is what its forms begin with.
    """

    leaf: Leaf
    at: datetime
    draft: dict[str, Any]
    statements: list[dict[str, Any]]
    filled: dict[str, Any]


async def last_outcome(
    session: ReadSession, user: UUID, clock: Clock, language: str = "vi"
) -> LastOutcome | None:
    """What this agent recorded last, unless it is too late to correct it."""
    since = clock.now() - history_rules.CORRECTION_WINDOW
    wrapped = await store.last_wrapped(session, user, since)
    call = await calls.find_call(session, wrapped) if wrapped is not None else None
    action = await history.current_action(session, call.id) if call is not None else None
    leaf = dispositions.leaf(action.leaf) if action is not None else None
    if (
        call is None
        or action is None
        or leaf is None
        or action.user_id != user
        or action.at < since
    ):
        return None
    draft = {
        "call": str(call.id),
        "note": action.note,
        "ticked": [each["code"] for each in action.ticked],
        "fields": action.details.get("fields", {}),
        "promise": action.details.get("promise"),
        "callback": action.details.get("callback"),
        "leaf": leaf.code,
    }
    found = await screenpop.read_again(session, call, clock.now())
    facts, picture = found.facts, see(found.facts)
    book = await scripts.statements(session, action.script_version, clock.now())
    return LastOutcome(
        leaf=leaf,
        at=action.at,
        draft=draft,
        statements=script.statements(
            script.situation(facts, picture, found.campaign), book, language
        ),
        filled=presets.fill(
            facts, picture, language, tried=await _tried(session, call, facts.today), cap=0
        ),
    )


async def _tried(session: ReadSession, call: Call, day: date) -> int:
    """How often the customer of a call was contacted on a day."""
    if call.customer_id is None:
        return 0
    return (await calls.contacts_on(session, [call.customer_id], day)).get(call.customer_id, 0)


async def finish_left_over(
    session: WriteSession, call_id: UUID, user: UUID, clock: Clock
) -> Finished | None:
    """Record what was chosen when wrap-up ended by itself; None when nothing was chosen.

    The outcome is of who chose it: the floor may have taken the call back from him since. A call back
    whose hour has passed is agreed for a minute from now. Raises what `finish_call` raises.
    """
    call, draft = await calls.find_call(session, call_id), await store.lock_draft(session, call_id)
    form = _chosen(draft)
    if call is None or draft is None or draft.user_id != user or form is None:
        return None
    recorded = await history.current_action(session, call_id)
    if recorded is None:
        actor, form = audit.Actor(user, role="AGENT"), _still_ahead(form, clock)
        action = await _record(session, call, form, actor, clock, said=drafts.ticked_at(draft))
        done = Finished(call_id, form.leaf, action)
    else:
        done = Finished(call_id, recorded.leaf, recorded.id, again=True)
    await store.drop_draft(session, call_id)
    return done


async def set_aside(session: WriteSession, call_id: UUID, reason: str, clock: Clock) -> None:
    """Leave a chosen outcome that cannot be recorded to a person: on the trail, as a fact, tried no more.

    The draft stays, marked with `reason` (a code): nothing of what the agent chose is lost.
    """
    draft = await store.lock_draft(session, call_id)
    if draft is None or store.STUCK in draft.body:
        return
    chosen = draft.body.get(drafts.OUTCOME)
    leaf = chosen.get("leaf") if isinstance(chosen, dict) else None
    told = {"call": str(call_id), "user": str(draft.user_id), "leaf": leaf, "reason": reason}
    now = clock.now()
    await store.mark_stuck(session, call_id, reason)
    audit.record(
        session,
        audit.SYSTEM,
        verb="left_over",
        entity="call",
        entity_id=call_id,
        now=now,
        after=told,
        reason=reason,
    )
    fact_id = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    outbox.record(session, outbox.Fact(fact_id, LEFT_OVER, told, now))


async def left_over(
    session: ReadSession, clock: Clock, limit: int = 100
) -> Sequence[store.LeftOver]:
    """Calls whose wrap-up is over while their chosen outcome is still a draft."""
    return await store.left_over(session, clock.now(), limit)


async def _record(
    session: WriteSession,
    call: Call,
    form: Form,
    actor: Actor,
    clock: Clock,
    *,
    instead: Instead | None = None,
    said: Mapping[str, str] | None = None,
) -> UUID:
    """Carry out the effects and write the action that names them; `said` are times of statements ticked."""
    leaf = outcomes.check_form(form)
    # The call's row before the lead's: the order in which the dialer's journal takes them too.
    await calls.note_leaf(session, call.id, leaf.code)
    occasion = await _occasion(session, call, actor, clock)
    effects = leaf.effects if instead is None else instead.do
    times = outcomes.tick_times(form.ticked, said or {}, clock.now())
    done = history.Done(
        id=occasion.action_id,
        at=clock.now(),
        customer_id=call.customer_id,
        case_id=occasion.case_id,
        loan_id=call.loan_id,
        user_id=actor.id,
        phone_id=call.phone_id,
        call_id=call.id,
        campaign_id=call.campaign_id,
        leaf=leaf.code,
        note=form.note,
        details=_details(form),
        ticked=[{"code": code, "at": at} for code, at in times.items()],
        effects=await outcomes.carry_out(session, effects, form, occasion),
        script_version=form.script.version if form.script else None,
    )
    if instead is None:
        await history.record_action(session, done)
        audit.record(
            session,
            actor,
            verb="recorded",
            entity="action",
            entity_id=done.id,
            now=done.at,
            after={"leaf": leaf.code, "call": str(call.id)},
        )
    else:
        await history.correct_action(session, instead.wrong, done, actor)
    if call.customer_id is not None and instead is None:
        await history.meet_callbacks(session, call.customer_id)
    await outcomes.count_contact(session, occasion, leaf, instead.wrong if instead else None)
    return done.id


async def heed_statements(
    session: ReadSession, form: Form, now: datetime, situate: Callable[[], Awaitable[Situation]]
) -> Form:
    """The form with the version that it is judged by. Raises `Unfit` for a statement not ticked (S0b-029).

    What has no rule of its own is known without asking; only the rest costs `situate`, a reading of the facts.
    """
    shown = form.script.version if form.script else None
    book = await scripts.statements(session, shown, now)
    waiting = unticked(book, form.leaf, form.ticked)
    found: Situation | None = None
    for statement in waiting:
        if statement.when != EVERYBODY:
            found = found or await situate()
            if not fits(statement, found):
                continue
        vietnamese, english = statement.title
        raise scripts.Unfit(
            statement.code,
            (
                f"Hãy nói và đánh dấu trước: {vietnamese}.",
                f"Say this first and tick it: {english}.",
            ),
            code="STATEMENT_UNTICKED",
        )
    if form.script is None or form.script.version == book.version:
        return form
    said = msgspec.structs.replace(form.script, version=book.version)
    return msgspec.structs.replace(form, script=said)


async def _heed_in(session: ReadSession, call: Call, form: Form, clock: Clock) -> Form:
    """`heed_statements` for a call that was made."""
    now = clock.now()
    return await heed_statements(
        session, form, now, partial(screenpop.situation, session, call, now)
    )


def _chosen(draft: Draft | None) -> Form | None:
    """The outcome in a draft; None when none was chosen."""
    chosen = draft.body.get(drafts.OUTCOME) if draft else None
    return msgspec.convert(chosen, Form) if chosen else None


def _still_ahead(form: Form, clock: Clock) -> Form:
    """The form with its call back ahead of us: one agreed and passed is due as good as now."""
    soon = clock.now() + PASSED_CALLBACK
    if form.callback is None or datetime.fromtimestamp(form.callback.at / 1000, UTC) >= soon:
        return form
    return msgspec.structs.replace(form, callback=CallbackTerms(at=int(soon.timestamp() * 1000)))


def _said(action: history.Action) -> dict[str, str]:
    """When statements were ticked, by an action."""
    return {each["code"]: each["at"] for each in action.ticked if "at" in each}


def _details(form: Form) -> dict[str, Any]:
    """The form's own answers, without what stands in columns."""
    whole: dict[str, Any] = msgspec.to_builtins(form)
    return {
        name: whole[name] for name in ("fields", "promise", "callback", "script") if whole[name]
    }


async def _occasion(session: ReadSession, call: Call, actor: Actor, clock: Clock) -> Occasion:
    organisation = await people.organisation(session)
    case = await accounts.find_case(session, call.customer_id) if call.customer_id else None
    return Occasion(
        call=call,
        actor=actor,
        clock=clock,
        zone=organisation.timezone,
        case_id=case.id if case else None,
        action_id=new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES)),
    )


async def erase(session: WriteSession, calls_of: Sequence[UUID]) -> None:
    """Forget what was typed about these calls."""
    await store.erase(session, calls_of)


LeftOver = store.LeftOver
