"""Addresses of signing in and out, of one's own preferences, and of the socket's ticket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

import msgspec
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.errors import Forbidden, Invalid, PacelineError, Refused, SignInNeeded, TooMany
from app.people import doors, sessions, store
from app.people.answers import NO_STORE, Answers, json_answer, wants_json
from app.people.doors import Deed, Door, Needs, Visit
from app.people.matrix import Matrix
from app.people.rules import Permission, check_keys, landing, roles_of
from app.people.service import (
    Browser,
    Floor,
    Occupied,
    Person,
    admit,
    channels_of,
    clean_username,
    count_try,
    sign_out,
    tell_ended,
    works_at_desk,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from app.clock import Clock
    from app.db import Database, WriteSession
    from app.observe import Metrics
    from app.people.admission import Admission, Turn
    from app.people.passwords import Passwords
    from app.render import Pages

LIVE_MS: Final = 15_000  # a desk heard within this is live, and taking it over is asked about
SOCKET: Final = "/ws"
FIELDS: Final = ("username", "password", "next", "csrf_token", "turn")
QUEUED: Final = 202  # taken note of, and to be sent again


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form, or a program's JSON, says. `take_over` is yes, or the proof of a moment ago.

    `turn` is what somebody was given who was told to come back.
    """

    username: str = ""
    password: str = ""
    next: str = ""
    csrf_token: str = ""
    take_over: str | bool = False
    turn: str = ""


class Tickets(Protocol):
    """Who seals the tickets of sockets; fulfilled by `app.main`."""

    async def standing(self, user: str) -> int:
        """Where the user stands now: a change of his rights from here on makes the ticket worthless."""
        ...

    def seal(self, user: str, channels: tuple[str, ...], issue: str, standing: int) -> str:
        """A ticket for these channels, issued under the name of a sign-in."""
        ...


class Preferences(msgspec.Struct):
    """What a person sets for himself; what is left out stays."""

    language: Literal["vi", "en"] | None = None
    theme: Literal["system", "light", "dark"] | None = None
    single_keys: bool | None = None
    keys: dict[str, str] | None = None  # what it does to a key code, all that were moved


@dataclass(frozen=True, slots=True)
class SignInDoors:
    """The doors of this slice. `secret` signs what is not kept; `demo` shows the clock's notice."""

    database: Database
    clock: Clock
    pages: Pages
    metrics: Metrics
    answers: Answers
    passwords: Passwords
    floor: Floor
    tickets: Tickets
    secret: bytes
    admission: Admission
    matrix: Matrix = field(default_factory=Matrix)

    def doors(self) -> list[Door | Deed]:
        """Every address of people."""
        return [
            Door("GET", "/", Needs.SIGN_IN, self.show_home),
            Door("GET", "/login", Needs.NOTHING, self.show_form),
            Door("POST", "/login", Needs.NOTHING, self.sign_in),
            Door("POST", "/logout", Needs.SIGN_IN, self.sign_out),
            Door("GET", "/me", Needs.SIGN_IN, self.show_me),
            Door("POST", "/ws/ticket", Needs.SIGN_IN, self.give_ticket),
            Deed("/me/preferences", Needs.SIGN_IN, self.prefer, body=Preferences),
        ]

    async def show_home(self, visit: Visit) -> Response:
        """Lead everybody to the page of his role."""
        who = visit.user
        return RedirectResponse(landing(who.rights, who.roles), 303, NO_STORE)

    async def show_me(self, visit: Visit) -> Response:
        """Who is signed in, for programs and for roles without a page yet."""
        person = visit.user.person
        if wants_json(visit.request):
            return json_answer({"ok": True, "user": _told(person), "csrf": visit.user.sign_in.csrf})
        sentence = self.pages.sentences.say(visit.language, "me.no_page")
        text = self.pages.page(
            "error.html",
            visit.language,
            theme=visit.theme,
            status=200,
            title=person.full_name,
            sentence=sentence,
            csrf=visit.user.sign_in.csrf,
        )
        return HTMLResponse(text, headers=NO_STORE)

    async def show_form(self, visit: Visit) -> Response:
        """The form, with a CSRF token bound to this browser's visit."""
        who = await self._already(visit)
        if who is not None and not wants_json(visit.request):
            return RedirectResponse("/", 303, NO_STORE)
        return self._form(visit, next=visit.request.query_params.get("next", ""))

    async def sign_in(self, visit: Visit) -> Response:
        """Check name and password, or the proof of a moment ago, and open a sign-in."""
        typed = await _read(visit.request)
        try:
            self._check_csrf(visit.request, typed)
            turn = self._turn(visit, typed)
            if turn is not None:
                return self._queued(visit, typed, turn)
            with self.admission.inside():
                person = await self._recognise(visit, typed)
                return await self._admit(visit, person, typed)
        except PacelineError as refusal:
            self.metrics.signins.labels(refusal.code).inc()
            if wants_json(visit.request):
                raise
            return self._refused(visit, typed, refusal)
        finally:
            self.admission.rest(self.clock.now_ms())

    def _turn(self, visit: Visit, typed: Typed) -> Turn | None:
        """When to come back; None: now. A proof of a moment ago has been in the queue already."""
        if isinstance(typed.take_over, str):
            return None
        return self.admission.ask(clean_username(typed.username), typed.turn, visit.now_ms)

    async def sign_out(self, visit: Visit) -> Response:
        """End this sign-in; nobody leaves in the middle of a call.

        Every socket of this sign-in closes: a wall left open in another tab would go on showing the
        floor. A browser of his that is signed in by itself goes on.
        """
        who = visit.user
        at_desk = who.may(Permission.DESK_USE)  # a team lead too, whose first page is the wall
        if at_desk and await self.floor.is_busy(who.id):
            raise Refused("Finish the call and its wrap-up first.", code="BUSY")
        async with self.database.writing() as session:
            ended = await sign_out(session, who, now=visit.now)
        await tell_ended(self.floor, [ended], sessions.LOGOUT, agents=at_desk)
        response = _onward(visit.request, "/login", {"ok": True, "next": "/login"})
        response.delete_cookie(doors.SESSION_COOKIE, path="/")
        return response

    async def give_ticket(self, visit: Visit) -> Response:
        """A ticket for the channels that this user's permissions name.

        They are read behind the standing: who loses them meanwhile holds a ticket that is worthless.
        """
        who = visit.user
        standing = await self.tickets.standing(str(who.id))
        async with self.database.reading() as session:
            person = await store.find_person(session, who.id) or who.person
            rights = await self.matrix.rights(session)
        channels = channels_of(person, rights)
        if not channels:
            raise Forbidden("Your role has no live page.", code="NO_CHANNELS")
        if works_at_desk(person, rights):
            await self.floor.signed_in(person)
        ticket = self.tickets.seal(str(who.id), channels, who.sign_in.issue, standing)
        return json_answer({"ok": True, "ticket": ticket, "url": SOCKET, "channels": channels})

    async def prefer(
        self, visit: Visit, body: Preferences, session: WriteSession
    ) -> dict[str, Any]:
        """Keep language, theme, single keys, and the keys that were moved."""
        chosen = {k: v for k, v in msgspec.structs.asdict(body).items() if v is not None}
        if chosen:
            columns = {"key_map" if name == "keys" else name: v for name, v in chosen.items()}
            _check_keys(body.keys or {})
            await store.set_user(session, visit.user.id, **columns)
        return {"preferences": chosen}

    async def _already(self, visit: Visit) -> Person | None:
        token = visit.request.cookies.get(doors.SESSION_COOKIE)
        if not token:
            return None
        async with self.database.reading() as session:
            found = await store.find_signed_in(session, sessions.digest_of(token))
        if found is None or sessions.has_lapsed(
            found.sign_in, now=visit.now, heard_at=None, busy=False
        ):
            return None
        return found.person if found.person.active else None

    def _check_csrf(self, request: Request, typed: Typed) -> None:
        given = request.headers.get(doors.CSRF_HEADER) or typed.csrf_token
        visit = request.cookies.get(doors.VISIT_COOKIE, "")
        if not visit or not sessions.same(given, sessions.visit_csrf(self.secret, visit)):
            raise Forbidden("This page is too old: reload it.", code="CSRF")

    async def _recognise(self, visit: Visit, typed: Typed) -> Person:
        if isinstance(typed.take_over, str):
            return await self._prove(visit, typed.take_over)
        username = clean_username(typed.username)
        async with self.database.writing() as session:
            await count_try(session, username, visit.now)
        async with self.database.reading() as reading:
            person = await store.find_person_by_username(reading, username)
        stored = person.password_hash if person and person.active else None
        right = await self.passwords.matches(stored, typed.password)
        self.admission.learn(self.passwords.last_check_ms)
        if not right or person is None:
            raise _wrong()
        return person

    async def _prove(self, visit: Visit, proof: str) -> Person:
        user_id = sessions.read_take_over(self.secret, proof, visit.now_ms)
        if user_id is None:
            raise SignInNeeded("That took too long: sign in again.", code="TAKE_OVER_LATE")
        async with self.database.reading() as session:
            person = await store.find_person(session, user_id)
        if person is None or not person.active:
            raise _wrong()
        return person

    async def _admit(self, visit: Visit, person: Person, typed: Typed) -> Response:
        request = visit.request
        token = sessions.make_token(self.clock.token_bytes(sessions.TOKEN_BYTES))
        browser = Browser(
            token=token,
            csrf=sessions.make_token(self.clock.token_bytes(sessions.TOKEN_BYTES)),
            device=request.headers.get("User-Agent", "")[:200] or None,
            address=request.client.host if request.client else None,
        )
        async with self.database.reading() as reading:
            rights = await self.matrix.rights(reading)
        at_desk = works_at_desk(person, rights)
        take_over = bool(typed.take_over) or not (at_desk and await self._is_live(visit, person))
        async with self.database.writing() as session:
            ended = await admit(
                session, person, browser, rights=rights, take_over=take_over, now=visit.now
            )
        if at_desk:
            await self._tell(person, took_over=bool(ended))
        self.metrics.signins.labels("OK").inc()
        onward = sessions.safe_next(typed.next, landing(rights, roles_of(person.roles)))
        told = {"ok": True, "next": onward, "csrf": browser.csrf, "user": _told(person)}
        response = _onward(request, onward, told)
        _set_cookie(request, response, doors.SESSION_COOKIE, token)
        return response

    async def _is_live(self, visit: Visit, person: Person) -> bool:
        """Whether another browser has this person's desk open; one's own reload is not another."""
        heard_at = await self.floor.heard_at(person.id)
        if heard_at is None or (visit.now - heard_at).total_seconds() * 1000 > LIVE_MS:
            return False
        already = await self._already(visit)
        return already is None or already.id != person.id

    async def _tell(self, person: Person, *, took_over: bool) -> None:
        if took_over:
            await self.floor.close_sockets(person.id, sessions.TAKEN_OVER)
        await self.floor.signed_in(person)

    def _refused(self, visit: Visit, typed: Typed, refusal: PacelineError) -> Response:
        sentence = self.answers.sentence(refusal, visit.language)
        wait = refusal.retry_after_seconds if isinstance(refusal, TooMany) else None
        context: dict[str, Any] = {"error": {"sentence": sentence, "wait_seconds": wait}}
        if isinstance(refusal, Occupied):
            proof = sessions.take_over_proof(self.secret, refusal.user_id, visit.now_ms)
            context["take_over"] = {"proof": proof}
        return self._form(
            visit,
            status=refusal.status,
            username=clean_username(typed.username),
            next=typed.next,
            **context,
        )

    def _queued(self, visit: Visit, typed: Typed, turn: Turn) -> Response:
        """The place in the queue: the page waits and comes again with what was typed."""
        self.metrics.signins.labels("QUEUED").inc()
        if wants_json(visit.request):
            told = {"place": turn.place, "wait_ms": turn.wait_ms, "turn": turn.token}
            return json_answer({"ok": True, "queued": told}, QUEUED)
        response = self._form(
            visit,
            status=QUEUED,
            username=clean_username(typed.username),
            next=typed.next,
            queue={"place": turn.place, "seconds": -(-turn.wait_ms // 1000), "turn": turn.token},
        )
        response.headers["Retry-After"] = str(-(-turn.wait_ms // 1000))
        response.headers["Paceline-Place"] = str(turn.place)
        response.headers["Paceline-Wait"] = str(turn.wait_ms)
        response.headers["Paceline-Turn"] = turn.token
        return response

    def _form(self, visit: Visit, *, status: int = 200, **context: Any) -> Response:
        token = visit.request.cookies.get(doors.VISIT_COOKIE)
        fresh = token or sessions.make_token(self.clock.token_bytes(sessions.TOKEN_BYTES))
        csrf = sessions.visit_csrf(self.secret, fresh)
        if wants_json(visit.request):
            response = json_answer({"ok": True, "csrf": csrf}, status)
        else:
            text = self.pages.page(
                "people/login.html", visit.language, theme=visit.theme, csrf=csrf, **context
            )
            response = HTMLResponse(text, status, NO_STORE)
        if token is None:
            _set_cookie(visit.request, response, doors.VISIT_COOKIE, fresh)
        return response


def _check_keys(keys: dict[str, str]) -> None:
    try:
        check_keys(keys)
    except ValueError as fault:
        raise Invalid(f"The keys cannot be kept: {fault}.", field="keys") from fault


def _wrong() -> SignInNeeded:
    return SignInNeeded("User name or password is wrong.", code="WRONG_PASSWORD")


def _told(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.id),
        "name": person.full_name,
        "role": person.roles[0] if person.roles else "",
        "language": person.language,
    }


async def _read(request: Request) -> Typed:
    """The form of the page, or the JSON of a program."""
    if request.headers.get("Content-Type", "").startswith("application/json"):
        typed: Typed = doors.read_body(await request.body(), Typed)
        return typed
    form: Mapping[str, Any] = await request.form()
    fields = {key: str(form[key]) for key in FIELDS if key in form}
    over = str(form.get("take_over") or "")
    return Typed(**fields, take_over=over if "." in over else bool(over))


def _onward(request: Request, path: str, told: dict[str, Any]) -> Response:
    """Send a person on to `path`: by redirect, by htmx's header, or in words for a program."""
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=204, headers={**NO_STORE, "HX-Redirect": path})
    if wants_json(request):
        return json_answer(told)
    return RedirectResponse(path, 303, NO_STORE)


def _set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(sessions.LASTS_FOR.total_seconds()),
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
