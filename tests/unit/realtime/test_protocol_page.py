"""The page for strangers says what the code does: its table of codes, its limits, its bytes."""

import json
import re
from pathlib import Path

import msgpack
import pytest

from realtime import frames, mailbox, protocol, session, ticket
from realtime.closing import LOST, Advice, Close, advise
from realtime.frames import open_seal

PAGE = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text()
BYTES = re.findall(r"^((?:[0-9a-f]{2} )+[0-9a-f]{2})\n(\{.*\})$", PAGE, re.MULTILINE)
ROWS = dict(re.findall(r"^\| (4\d{3}) \| (.*) \|$", PAGE, re.MULTILINE))


def words(advice: Advice) -> str:
    if not advice.returns:
        return ""
    least, most = (f"{ms / 1000:g}" for ms in (advice.least_ms, advice.most_ms))
    return f"{least}-{most} s"


@pytest.mark.parametrize("code", Close)
def test_every_close_code_stands_there_with_its_advice(code: Close) -> None:
    name, returns, wait = (cell.strip() for cell in ROWS[str(int(code))].split("|"))
    advice = advise(code)
    assert name == code.name
    assert returns.startswith("yes" if advice.returns else "no")
    assert ("new ticket" in returns) is advice.fresh_ticket
    assert wait == words(advice)


def test_no_code_stands_there_that_is_not_ours() -> None:
    assert set(ROWS) == {str(int(code)) for code in Close}
    assert f"| any other, or none | the network's | yes, resume | {words(LOST)} |" in PAGE


def test_there_are_examples_in_bytes() -> None:
    assert len(BYTES) == 5


@pytest.mark.parametrize(("octets", "text"), BYTES)
def test_every_example_in_bytes_is_what_it_says(octets: str, text: str) -> None:
    raw = bytes.fromhex(octets)
    payload = open_seal(raw) if raw[0] == 0x82 else raw
    assert msgpack.unpackb(payload) == json.loads(text)


def test_the_limits_are_the_codes() -> None:
    for number, said in (
        (frames.FRAME_LIMIT_BYTES / 1024, "| 16 KB (above 64 KB"),
        (frames.PIECE_LIMIT_BYTES / 1024, "at most 64 KB"),
        (frames.CARD_LIMIT_BYTES / 1024, "value at most 48 KB"),
        (frames.CHANNEL_LIMIT, "| channels of a socket | 64 |"),
        (frames.NAME_LIMIT, "1 to 200 characters"),
        (protocol.FRAMES_PER_SECOND, "| 20 a second"),
        (protocol.FRAMES_AT_ONCE, "60 at once"),
        (protocol.HELLO_WITHIN_S, "within 10 s of the handshake"),
        (protocol.SILENT_AFTER_S, "10 s without any message"),
        (session.HOLD_ABOVE_BYTES / 1024, "above 256 KB the server holds"),
        (session.CUT_ABOVE_BYTES / 1024**2, "above 2 MB unread"),
        (mailbox.LIMIT_BYTES / 1024**2, "or 1 MB held"),
        (ticket.RESUME_WITHIN_MS / 1000, "until 120 s after"),
    ):
        assert said in PAGE
        assert f"{number:g}" in said
