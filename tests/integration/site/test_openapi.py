"""docs/openapi.yaml is what the doors say, and the running site keeps to it, whatever it is sent.

Schemathesis draws requests from the page, good ones and spoiled ones, for each address; a person who may do
everything sends them to a real web process. What no generator of JSON draws stands below it by hand.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx2
import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.people.rules import Role
from tests.house import describe
from tests.house.describe_http import PAGE
from tests.support.clock import SetClock
from tests.support.house import House
from tests.support.people import PASSWORD, a_team, a_user, an_organisation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.db import Database

EXAMPLES = 5  # of each kind for each address
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# These end or replace the sign-in that the others need; they are tried by a stranger.
DOORS = ("POST /login", "POST /logout")
DOCUMENT = yaml.safe_load(PAGE.read_text(encoding="utf-8"))
OPERATIONS: list[Any] = [
    found.ok()  # type: ignore[union-attr]  # an address that cannot be read fails the collection
    for found in schemathesis.openapi.from_dict(DOCUMENT).get_all_operations()
]
ATTACKS = [
    (operation, mode)
    for operation in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE
    or {"parameters", "requestBody"} & DOCUMENT["paths"][operation.path][operation.method].keys()
]
DEEDS = [
    (path, told["post"])
    for path, told in DOCUMENT["paths"].items()
    if "post" in told and f"POST {path}" not in DOORS
]


class Visitor:
    """A browser of somebody with every role, and a stranger's."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = httpx2.Client(
            base_url=address, headers={"Accept": "application/json", "Origin": address}, timeout=60
        )
        self.session = requests.Session()  # what schemathesis sends with
        self.csrf = ""

    def close(self) -> None:
        self.client.close()
        self.session.close()

    def sign_in(self) -> None:
        csrf = self.client.get("/login").json()["csrf"]
        answer = self.client.post(
            "/login",
            json={"username": "all", "password": PASSWORD, "take_over": True},
            headers={"X-CSRF-Token": csrf},
        )
        assert answer.status_code == 200, answer.text
        self.csrf = answer.json()["csrf"]

    @property
    def headers(self) -> dict[str, str]:
        """What the page's scripts send."""
        return {
            "Accept": "application/json",
            "Origin": self.address,
            "X-CSRF-Token": self.csrf,
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.client.cookies.items()),
        }

    def post(self, path: str, body: bytes, **headers: str) -> httpx2.Response:
        sent = {**self.headers, "Idempotency-Key": uuid4().hex, "Content-Type": "application/json"}
        return self.client.post(path, content=body, headers={**sent, **headers})


@pytest.fixture(scope="module")
def house(
    database_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    with House(database_url, redis_url, tmp_path_factory.mktemp("fuzzed")) as house:
        yield house


@pytest.fixture(scope="module")
async def people(database: Database) -> None:
    clock = SetClock(seed=5)
    await an_organisation(database, clock)
    team = await a_team(database, clock)
    await a_user(database, clock, "all", *(role.value for role in Role), team_id=team)


@pytest.fixture(scope="module")
def visitor(house: House, people: None) -> Iterator[Visitor]:
    house.start("web")
    visitor = Visitor(house.address)
    visitor.sign_in()
    yield visitor
    visitor.close()


def test_the_page_is_what_the_doors_say() -> None:
    for path, told in describe.PAGES.items():
        assert path.read_text(encoding="utf-8") == describe.write(told()), (
            f"{path.name} is not of today: run `make describe`"
        )


def names_the_field(answer: Any) -> None:
    """A program is told which field is wrong; a form's page shows it at the field."""
    told = str(answer.headers.get("content-type"))  # a list of them, where schemathesis asked
    if answer.status_code == 422 and "application/json" in told:
        assert answer.json()["error"]["field"], answer.text


def label(part: Any) -> str:
    return str(part.value if isinstance(part, GenerationMode) else part.label)


@pytest.mark.parametrize(("operation", "mode"), ATTACKS, ids=label)
def test_the_site_keeps_to_the_page(visitor: Visitor, operation: Any, mode: GenerationMode) -> None:
    strange = operation.label in DOORS

    @settings(
        max_examples=3 if strange else EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def attack(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(mode))
        headers = {"Accept": "application/json", "Origin": visitor.address}
        if not strange:
            headers = visitor.headers
        answer = case.call(
            base_url=visitor.address,
            session=visitor.session,
            headers=headers,
            allow_redirects=False,
        )
        case.validate_response(answer, checks=CHECKS)
        names_the_field(answer)

    attack()


HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "not even text": b"\xff\xfe\x00",
    "a list": b"[]",
    "a number": b"7",
    "nothing, said": b"null",
    "too deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a lone surrogate": b'{"call":"\\ud800","reason":"\\ud800","leaf":"\\ud800"}',
    "the character zero": b'{"call":"%s","note":"a\\u0000b","reason":"a\\u0000b","leaf":"\\u0000"}'
    % str(uuid4()).encode(),
    "a number beyond a bigint": json.dumps(
        {
            "call": str(uuid4()),
            "leaf": "PTP_SCHEDULED",
            "at": 10**40,
            "callback": {"at": 10**40},
            "promise": {"amount_minor": 10**40, "currency": "VND", "due_on": "9999-12-31"},
        }
    ).encode(),
    "a day that is none": b'{"promise":{"amount_minor":1,"currency":"VND","due_on":"2026-02-30"}}',
    "twice the same": b'{"call":1,"call":2,"reason":{},"reason":[]}',
}


PLACES = ("x" * 300, "..%2F..", "%00", "%FF")


@pytest.mark.parametrize("path", [path for path, _ in DEEDS])
def test_nothing_that_is_sent_brings_a_deed_down(visitor: Visitor, path: str) -> None:
    some_id = re.sub(r"{\w+}", str(uuid4()), path)
    for name, body in HOSTILE.items():
        answer = visitor.post(some_id, body)
        assert answer.status_code < 500, f"{path}, {name}: {answer.text}"
        names_the_field(answer)


@pytest.mark.parametrize("path", [path for path in DOCUMENT["paths"] if "{" in path])
@pytest.mark.parametrize("place", PLACES)
def test_no_address_brings_a_door_down(visitor: Visitor, path: str, place: str) -> None:
    address = re.sub(r"{\w+}", place, path)
    for method in DOCUMENT["paths"][path]:
        answer = (
            visitor.post(address, b"{}")
            if method == "post"
            else visitor.client.get(address, headers=visitor.headers)
        )
        assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.text}"


@pytest.mark.parametrize("key", ["", "short", "x" * 101])
def test_a_key_that_is_none_is_named(visitor: Visitor, key: str) -> None:
    answer = visitor.post("/me/preferences", b"{}", **{"Idempotency-Key": key})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "query", ["lang=%00", "lang=" + "x" * 5_000, "next=//evil.example", "next=%ff", "a[]=1&a[]=2"]
)
def test_no_query_brings_a_page_down(visitor: Visitor, query: str) -> None:
    for path in DOCUMENT["paths"]:
        if "get" in DOCUMENT["paths"][path] and "{" not in path:
            answer = visitor.client.get(f"{path}?{query}", headers=visitor.headers)
            assert answer.status_code < 500, f"{path}: {answer.text}"
