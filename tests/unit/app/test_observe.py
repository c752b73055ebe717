"""Logs hide what they must, figures have one owner."""

from __future__ import annotations

import io
import json
import logging

import pytest

from app.observe import HIDDEN, Metrics, configure_logging


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_line_is_json_with_process_and_stamp(stream: io.StringIO) -> None:
    log = configure_logging("web", now=lambda: "2026-11-23T03:10:00Z", stream=stream)
    log.info("call ended", call="7", cause="COMPLETED")
    (line,) = lines(stream)
    assert line["event"] == "call ended"
    assert line["process"] == "web"
    assert line["at"] == "2026-11-23T03:10:00Z"
    assert line["level"] == "info"


@pytest.mark.parametrize("key", ["password", "token", "phone", "name", "note", "number", "csrf"])
def test_secrets_and_people_are_never_written(stream: io.StringIO, key: str) -> None:
    log = configure_logging("web", stream=stream)
    log.info("x", **{key: "0912345678"}, inner={"deep": {key: "0912345678"}, "id": "7"})
    assert "0912345678" not in stream.getvalue()
    (line,) = lines(stream)
    assert line[key] == HIDDEN
    assert line["inner"] == {"deep": {key: HIDDEN}, "id": "7"}


def test_lines_of_libraries_take_the_same_road(stream: io.StringIO) -> None:
    configure_logging("web", stream=stream)
    logging.getLogger("sqlalchemy").warning("pool is full")
    (line,) = lines(stream)
    assert line["event"] == "pool is full"


def test_trace_of_an_error_is_written(stream: io.StringIO) -> None:
    log = configure_logging("web", stream=stream)
    log.error("failed", exc_info=ValueError("why"))
    assert "ValueError: why" in str(lines(stream)[0]["exception"])


def test_values_in_the_trace_of_a_database_error_are_not_written(stream: io.StringIO) -> None:
    log = configure_logging("web", stream=stream)
    said = (
        "[SQL: UPDATE x SET note=$1]\n[parameters: ('Chị Hà', [1, 2])]\nDETAIL: Key (phone)=(0912)."
    )
    log.error("failed", exc_info=ValueError(said))
    told = str(lines(stream)[0]["exception"])
    assert "UPDATE x" in told
    assert "Hà" not in told
    assert "0912" not in told


def test_figures_of_two_processes_do_not_meet() -> None:
    one, two = Metrics("web"), Metrics("worker")
    one.signins.labels("OK").inc()
    assert b'paceline_signins_total{result="OK"} 1.0' in one.text()
    assert b"paceline_signins_total{" not in two.text()


def test_no_port_means_no_server() -> None:
    Metrics("web").serve(0)()
