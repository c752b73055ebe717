"""Doors: every address of the site, what it needs, and the one way in.

A `Door` shows something; a `Deed` does something by POST: once per idempotency key, in one transaction
with its stored answer, told to the floor after the commit. `Gate` turns both into routes and lets nobody
through who was not named. How a refusal becomes an answer is in `answers.py`.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from sqlalchemy.exc import DBAPIError
from starlette.routing import Route

from app.errors import Forbidden, Invalid, NotFound, SignInNeeded
from app.people import sessions, store
from app.people.answers import (
    Answers,
    NotPermitted,
    engine_is_away,
    json_answer,
    language_of,
    theme_of,
)
from app.people.matrix import Matrix
from app.people.remembered import Remembered
from app.people.rules import Permission, Scope
from app.people.service import Floor, Identity, identify, renew

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from app.clock import Clock
    from app.db import Database, ReadSession, WriteSession

SESSION_COOKIE: Final = "paceline_session"
VISIT_COOKIE: Final = "paceline_visit"
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf_token"
KEY_HEADER: Final = "Idempotency-Key"
BODY: Final = "body"  # the field at fault when it is the whole of it
BODY_LIMIT_BYTES: Final = 64 * 1024
KEY_LENGTH: Final = range(8, 101)
TRIES: Final = 3
BOOKS_SECONDS: Final = 1.5  # a database that takes longer to say who asks counts as away
CLASHES: Final = frozenset({"40P01", "40001"})  # deadlock detected, serialization failure
SAFE: Final = frozenset({"GET", "HEAD"})
_ZERO: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # as JSON escapes it
_LACKING: Final = re.compile(r"missing required field `(\w+)`")


class Whom(StrEnum):
    """Whom a door's permission is about, and so who looks at its scope."""

    NOBODY = "nobody"  # nobody in particular: the permission is not divided by teams
    LISTED = "listed"  # the handler shows or does what lies within the scope, and nothing else
    USER = "user"  # `{user}` of the path, or `user` of the body: the gate looks at his team


class Needs(StrEnum):
    """What a door asks of somebody beside a permission of the table."""

    NOTHING = "nothing"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Visit:
    """One request at a door: who asks (None where nothing is needed), when, in which language."""

    request: Request
    now: datetime
    now_ms: int
    language: str
    who: Identity | None
    replayed: bool = False

    @property
    def theme(self) -> str:
        """The theme of the page: the browser's choice, else the user's."""
        return theme_of(self.request, self.who.person.theme if self.who else None)

    @property
    def user(self) -> Identity:
        """Who asks, at a door that needs somebody."""
        if self.who is None:
            raise SignInNeeded("Sign in first.")
        return self.who

    def id_in(self, place: str, missing: str, code: str = "") -> UUID:
        """The id at that place of the path. Raises NotFound, which says what is `missing`, for no id."""
        try:
            return UUID(self.request.path_params[place])
        except ValueError:
            raise NotFound(missing, code=code) from None


@dataclass(frozen=True, slots=True)
class Door:
    """An address that shows something, or a form that its handler checks itself."""

    method: str
    path: str
    needs: Permission | Needs
    show: Callable[[Visit], Awaitable[Response]]
    whom: Whom = Whom.NOBODY


@dataclass(frozen=True, slots=True)
class Deed:
    """An address that does something. `act` runs in the transaction; its answer is stored with it.

    One that is `spoken` writes nothing: `act` is given no session, and the deed is done each time it is
    sent, also while the database is away, for whoever this process recognised a short while ago.

    `tell` runs after the commit and again when a repeated key is answered from the store (then
    `visit.replayed`): what it tells must bear being told twice.
    """

    path: str
    needs: Permission | Needs
    act: Callable[[Visit, Any, Any], Awaitable[dict[str, Any]]]
    body: type = dict
    tell: Callable[[Visit, dict[str, Any]], Awaitable[None]] | None = None
    method: str = "POST"
    whom: Whom = Whom.NOBODY
    spoken: bool = False


class Gate:
    """The one way in: identifies, permits, checks the origin and the token, and translates refusals."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        floor: Floor,
        answers: Answers,
        origins: Collection[str] = (),
    ) -> None:
        self._matrix = Matrix()
        self._remembered = Remembered()
        self._origins = origins
        self._database = database
        self._clock = clock
        self._floor = floor
        self._answers = answers

    def routes(self, doors: Iterable[Door | Deed]) -> list[Route]:
        """Starlette's routes for these doors. Their names are their permissions: see `needs_of`."""
        return [self._route(door) for door in doors]

    def _route(self, door: Door | Deed) -> Route:
        async def endpoint(request: Request) -> Response:
            with self._answers.timed(request, door.path) as timed:
                try:
                    response = await self._enter(door, request)
                except Exception as error:  # noqa: BLE001 - the edge: every error becomes an answer
                    response = self._answers.refuse(request, error, language_of(request))
                timed.status = response.status_code
                return response

        return Route(
            door.path,
            endpoint,
            methods=[door.method],
            name=f"{door.method} {door.path}",
            max_body_size=BODY_LIMIT_BYTES,
        )

    async def _enter(self, door: Door | Deed, request: Request) -> Response:
        if "\0" in request.scope["path"]:  # no text of the database can hold it
            raise NotFound("There is no such page.")
        if isinstance(door, Deed):
            enter = self._enter_spoken if door.spoken else self._enter_deed
            return await enter(door, request)
        return await self._enter_door(door, request)

    async def _enter_door(self, door: Door, request: Request) -> Response:
        now = self._clock.now()
        who = None if door.needs is Needs.NOTHING else await self._identify(request, now)
        visit = self._admit(request, door.needs, who, now)
        if door.method not in SAFE:
            check_origin(request, self._origins)
            if visit.who is not None:
                await _check_form_csrf(request, visit.who)
        if door.whom is Whom.USER:
            async with self._database.reading() as session:
                await check_reach(session, visit, door, None)
        return await door.show(visit)

    async def _enter_deed(self, deed: Deed, request: Request) -> Response:
        check_origin(request, self._origins)
        raw = await request.body()
        for left in reversed(range(TRIES)):
            try:
                visit, answer = await self._try_deed(deed, request, raw)
                break
            except DBAPIError as clash:
                # Two transactions wanted the same rows in another order: the whole deed is done again.
                if left == 0 or getattr(clash.orig, "sqlstate", "") not in CLASHES:
                    raise
        if deed.tell is not None:
            await deed.tell(visit, answer)
        return json_answer(answer)

    async def _enter_spoken(self, deed: Deed, request: Request) -> Response:
        check_origin(request, self._origins)
        _idempotency_key(request)
        raw, now = await request.body(), self._clock.now()
        visit = self._admit(request, deed.needs, await self._know(request, now), now)
        _check_csrf(request, visit)
        done = await deed.act(visit, read_body(raw, deed.body), None)
        answer: dict[str, Any] = msgspec.to_builtins({"ok": True, **done})
        if deed.tell is not None:
            await deed.tell(visit, answer)
        return json_answer(answer)

    async def _know(self, request: Request, now: datetime) -> Identity | None:
        """Who asks; while the database does not answer in time, who that was a short while ago."""
        try:
            async with asyncio.timeout(BOOKS_SECONDS):
                return await self._identify(request, now)
        except Exception as fault:
            digest = sessions.digest_of(request.cookies.get(SESSION_COOKIE, ""))
            known = self._remembered.recall(digest, now)
            if known is None or not engine_is_away(fault):
                raise
            return known

    async def _try_deed(
        self, deed: Deed, request: Request, raw: bytes
    ) -> tuple[Visit, dict[str, Any]]:
        """One transaction holds all of it: who asks, the key, the work, the answer."""
        key, digest = _idempotency_key(request), _request_digest(request, raw)
        now = self._clock.now()
        async with self._database.writing() as session:
            who = await self._recognise(session, request, now)
            visit = self._admit(request, deed.needs, who, now)
            _check_csrf(request, visit)
            if sessions.needs_touch(visit.user.sign_in, now=now):
                await renew(session, visit.user, now=now)
            await check_reach(session, visit, deed, None)
            body = read_body(raw, deed.body)
            await check_reach(session, visit, deed, body)
            claim = store.Claim(visit.user.id, key, deed.path, digest, now)
            stored = await store.claim_key(session, claim)
            if stored is not None:
                return replace(visit, replayed=True), _replay(stored, digest)
            return visit, await self._do(deed, visit, body, session, key)

    async def _do(
        self, deed: Deed, visit: Visit, body: Any, session: WriteSession, key: str
    ) -> dict[str, Any]:
        done = await deed.act(visit, body, session)
        answer: dict[str, Any] = msgspec.to_builtins({"ok": True, **done})
        await store.store_answer(session, user_id=visit.user.id, key=key, status=200, answer=answer)
        return answer

    def _admit(
        self, request: Request, needs: Permission | Needs, who: Identity | None, now: datetime
    ) -> Visit:
        """Let somebody in, or say why not."""
        if needs is not Needs.NOTHING and who is None:
            raise SignInNeeded("Sign in first.")
        if isinstance(needs, Permission) and who is not None and not who.may(needs):
            raise NotPermitted(needs, who.rights.who_may(needs))
        language = language_of(request, who.person.language if who else None)
        return Visit(request, now, self._clock.now_ms(), language, who)

    async def _identify(self, request: Request, now: datetime) -> Identity | None:
        """Who the request's cookie belongs to, noting that the sign-in is in use; None for nobody."""
        async with self._database.reading() as session:
            who = await self._recognise(session, request, now)
        if who is not None and sessions.needs_touch(who.sign_in, now=now):
            async with self._database.writing() as writing:
                await renew(writing, who, now=now)
        return who

    async def _recognise(
        self, session: ReadSession, request: Request, now: datetime
    ) -> Identity | None:
        token = request.cookies.get(SESSION_COOKIE)
        if not token:
            return None
        address = request.client.host if request.client else None
        who = await identify(
            session, token, self._floor, rights=self._matrix, now=now, address=address
        )
        self._remembered.note(sessions.digest_of(token), who, now)
        return who


def _check_csrf(request: Request, visit: Visit) -> None:
    if not sessions.same(request.headers.get(CSRF_HEADER, ""), visit.user.sign_in.csrf):
        raise Forbidden("This page is too old: reload it.", code="CSRF")


async def check_reach(
    session: ReadSession, visit: Visit, door: Door | Deed, body: object | None
) -> None:
    """Refuse who asks about somebody out of his scope; whether there is such a user is not told then.

    Whom the path names is looked at before the body is read, whom the body names after it.
    """
    in_path = "user" in visit.request.path_params
    if door.whom is not Whom.USER or in_path is not (body is None):
        return
    if not isinstance(door.needs, Permission):
        raise TypeError(f"{door.path} is about a user and names no permission")
    user = _user_in(visit.request, body)
    person = await store.find_person(session, user) if user else None
    scope = visit.user.scope(door.needs)
    if person is None and scope is Scope.ALL:
        raise NotFound("There is no such user.", code="USER_UNKNOWN")
    if person is None or not visit.user.reaches(door.needs, person):
        raise Forbidden("That agent is not in your team.", code="OTHER_TEAM")


def _user_in(request: Request, body: object | None) -> UUID | None:
    told = request.path_params.get("user", getattr(body, "user", None))
    try:
        return UUID(str(told))
    except ValueError:
        return None


def needs_of(doors: Iterable[Door | Deed]) -> dict[tuple[str, str], Permission | Needs]:
    """What each address needs, by method and path: the registry that the house test reads."""
    found: dict[tuple[str, str], Permission | Needs] = {}
    for door in doors:
        if (door.method, door.path) in found:
            raise ValueError(f"two doors at {door.method} {door.path}")
        found[door.method, door.path] = door.needs
    return found


def check_origin(request: Request, origins: Collection[str]) -> None:
    """Refuse a change asked for by another site's page, or by who does not say where he is.

    Browsers send `Origin` with every POST; programs of ours do too. `origins` are ours beside the
    host that was asked: what a proxy in front is called. Where they are named the scheme counts too:
    a host among them is ours as it is written there, another by the scheme of the request. Without
    them nobody has said whether a proxy ends TLS, and the host decides.
    """
    origin, host = request.headers.get("Origin", ""), request.headers.get("Host", "")
    scheme, _, origin_host = origin.partition("://")
    named = {each.partition("://")[2] for each in origins}
    ours = origin_host == host and (not origins or scheme == request.url.scheme)
    if origin not in origins and (not ours or host in named):
        raise Forbidden("This request came from another site.", code="ORIGIN")


async def _check_form_csrf(request: Request, who: Identity) -> None:
    given = request.headers.get(CSRF_HEADER)
    if given is None:
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not sessions.same(given, who.sign_in.csrf):
        raise Forbidden("This page is too old: reload it.", code="CSRF")


def _idempotency_key(request: Request) -> str:
    key = request.headers.get(KEY_HEADER, "")
    if len(key) not in KEY_LENGTH or not key.isascii():
        raise Invalid(
            "The request needs an Idempotency-Key of 8 to 100 characters.", field=KEY_HEADER
        )
    return key


def _request_digest(request: Request, raw: bytes) -> str:
    return hashlib.sha256(request.url.path.encode() + b"\n" + raw).hexdigest()


def _replay(stored: store.StoredAnswer, digest: str) -> dict[str, Any]:
    if stored.request_digest != digest:
        raise Invalid("This Idempotency-Key belongs to another request.", field=KEY_HEADER)
    if stored.answer is None:
        raise Invalid("This Idempotency-Key was never answered.", field=KEY_HEADER)
    return stored.answer


def read_body(raw: bytes, shape: type) -> Any:
    """The JSON body as `shape`; an empty body is an empty object. Raises `Invalid` naming the field.

    The character zero is refused wherever it stands: no text of the database can hold it.
    """
    if _ZERO.search(raw):
        raise Invalid("The request holds a character that no text can hold.", field=BODY)
    try:
        return msgspec.json.decode(raw or b"{}", type=shape)
    except msgspec.ValidationError as fault:
        raise Invalid(
            f"The request is not as expected: {fault}.", field=_field_in(str(fault))
        ) from fault
    except (msgspec.DecodeError, RecursionError) as fault:
        raise Invalid("The request is not JSON.", field=BODY) from fault


def _field_in(fault: str) -> str:
    """The field at fault: `Expected str - at `$.promise.due_on``, or one that an object lacks."""
    _, _, place = fault.rpartition("`$.")
    named = [place.rstrip("`")] if place and place != fault else []
    return ".".join(named + _LACKING.findall(fault)) or BODY
