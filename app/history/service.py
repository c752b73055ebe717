"""What was done, written once and never changed: a correction is a new action that supersedes.

Which effects an outcome has is data in `dispositions.py`; carrying them out over promises, holds and
leads is the desk's business, above this slice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from app import outbox
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotFound
from app.history import facts, store
from app.history.dispositions import TREE
from app.history.facts import CALLBACK_DUE
from app.history.models import Action, Callback
from app.values.ids import RANDOM_BYTES, new_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.clock import Clock
    from app.db import ReadSession, WriteSession
    from app.history.tree import Tree

__all__ = ["CALLBACK_DUE", "Action", "Callback", "CallbackTerms", "Done"]

MOST_NOTE: Final = 4000
DUE_BATCH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One interaction to be written. `details` are the outcome's fields; `effects` what it set in motion.

    `ticked`: the statements said, each {"code", "at"}, in the words of `script_version`. `user_id` None is
    the system.
    """

    id: UUID
    at: datetime
    leaf: str
    user_id: UUID | None
    customer_id: UUID | None = None
    case_id: UUID | None = None
    loan_id: UUID | None = None
    phone_id: UUID | None = None
    call_id: UUID | None = None
    campaign_id: UUID | None = None
    kind: str = "CALL"
    direction: str = "OUT"
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    ticked: Sequence[dict[str, Any]] = ()
    effects: Sequence[dict[str, Any]] = ()
    source_mode: str = "AUTO"
    script_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackTerms:
    """A call that was agreed for an instant: with whom, by whom (else anybody of a team), and why."""

    customer_id: UUID
    at: datetime
    user_id: UUID | None = None
    team_id: UUID | None = None
    campaign_id: UUID | None = None
    phone_id: UUID | None = None
    action_id: UUID | None = None
    window_minutes: int = 15
    reason: str = ""


async def record_action(session: WriteSession, done: Done, *, tree: Tree = TREE) -> None:
    """Write an action. Raises `Invalid` for an outcome that the tree does not have, or too long a note."""
    _write(session, done, tree, supersedes_id=None)


async def correct_action(
    session: WriteSession,
    wrong: Action,
    right: Done,
    actor: audit.Actor,
    *,
    tree: Tree = TREE,
) -> None:
    """Put an action right by another that supersedes it; both stay.

    The caller has judged the correction by `rules.correct` and carries out its effects. Raises `Conflict`
    when somebody superseded it meanwhile.
    """
    if not await store.mark_superseded(session, wrong.id, wrong.at):
        raise Conflict("This outcome has been corrected already.", code="SUPERSEDED")
    _write(session, right, tree, supersedes_id=wrong.id)
    audit.record(
        session,
        actor,
        verb="corrected",
        entity="action",
        entity_id=wrong.id,
        now=right.at,
        before={"leaf": wrong.leaf},
        after={"leaf": right.leaf, "action": str(right.id)},
    )


async def create_callback(session: WriteSession, terms: CallbackTerms, *, clock: Clock) -> UUID:
    """Write down a call that was agreed for later; returns its id."""
    callback_id = new_id(clock.now_ms(), clock.token_bytes(RANDOM_BYTES))
    values = {**asdict(terms), "id": callback_id, "created_at": clock.now()}
    store.add_callback(session, values)
    return callback_id


async def due_callbacks(session: WriteSession, *, now: datetime) -> int:
    """Mark callbacks whose time has come and tell so, one fact each; returns how many."""
    due = await store.take_due_callbacks(session, now, DUE_BATCH)
    for callback in due:
        outbox.record(session, facts.callback_due(callback_fact(callback), now))
    return len(due)


async def missed_callbacks(session: WriteSession, *, now: datetime) -> int:
    """Mark callbacks that nobody began within their window and tell so; returns how many."""
    missed = await store.miss_callbacks(session, now)
    for callback in missed:
        outbox.record(session, facts.callback_missed(callback_fact(callback), now))
    return len(missed)


def callback_fact(callback: Callback) -> facts.Agreed:
    """What a fact tells of a callback: ids only."""
    return facts.Agreed(
        callback=callback.id,
        customer=callback.customer_id,
        campaign=callback.campaign_id,
        user=callback.user_id,
        team=callback.team_id,
        at=callback.at,
    )


async def publish_tree(
    session: WriteSession, *, now: datetime, by: UUID | None = None, tree: Tree = TREE
) -> bool:
    """Store this version of the tree for the reports that join on it; False when it is there already."""
    return await store.publish_tree(
        session, version=tree.version, nodes=tree_nodes(tree), at=now, by=by
    )


def tree_nodes(tree: Tree) -> list[dict[str, Any]]:
    """The tree as plain values: every node of every layer with its labels, parent and flags."""
    nodes: list[dict[str, Any]] = []
    for layer, of_layer in ((1, tree.layer_1), (2, tree.layer_2)):
        nodes += [
            {
                "layer": layer,
                "code": node.code,
                "parent": node.parent,
                "label_vi": node.label_vi,
                "label_en": node.label_en,
            }
            for node in of_layer
        ]
    nodes += [
        {
            "layer": 3,
            "code": leaf.code,
            "parent": leaf.parent,
            "label_vi": leaf.label_vi,
            "label_en": leaf.label_en,
            "rpc": leaf.rpc,
            "needs": [str(need) for need in leaf.needs],
            "effects": [type(effect).__name__ for effect in leaf.effects],
            "chooser": str(leaf.chooser),
            "key_auto": leaf.key_auto,
            "key_manual": leaf.key_manual,
            "active": leaf.active,
        }
        for leaf in tree.leaves
    ]
    return nodes


async def current_action(session: ReadSession, call_id: UUID) -> Action | None:
    """The outcome of a call as corrected last; None while it has none."""
    return await store.find_current(session, call_id)


async def held_action(session: WriteSession, call_id: UUID) -> Action:
    """The outcome of a call, held for a correction. Raises `NotFound`."""
    found = await store.hold_current(session, call_id)
    if found is None:
        raise NotFound("This call has no outcome yet.")
    return found


def _write(session: WriteSession, done: Done, tree: Tree, *, supersedes_id: UUID | None) -> None:
    leaf = tree.leaf(done.leaf)
    if leaf is None:
        raise Invalid("There is no such outcome.", code="UNKNOWN_LEAF", field="leaf")
    if len(done.note) > MOST_NOTE:
        raise Invalid(f"A note has at most {MOST_NOTE} characters.", field="note")
    values = asdict(done)
    values |= {"ticked": list(done.ticked), "effects": list(done.effects)}
    values |= {"rpc": bool(leaf.rpc), "tree_version": tree.version, "supersedes_id": supersedes_id}
    store.add_action(session, values)


cancel_callback = store.cancel_callback
cancel_callbacks = store.cancel_callbacks
count_begun_callbacks = store.count_begun_callbacks
list_callbacks = store.list_callbacks
list_for_customer = store.list_for_customer
list_of_call = store.list_of_call
meet_callbacks = store.meet_callbacks
newest_tree = store.newest_tree
put_away_callback = store.put_away_callback
snooze_callback = store.snooze_callback


async def erase(
    session: WriteSession, customer_id: UUID
) -> tuple[list[UUID], list[tuple[UUID, UUID | None]]]:
    """Take what people wrote out of a customer's actions and callbacks; outcomes stay.

    Returns the ids of the actions, and each callback with the agent whom it was agreed with.
    """
    return await store.erase(session, customer_id)
