"""What uvicorn is told of the environment."""

import pytest

from app.launch.serve import SPARE_SECONDS, configuration


@pytest.mark.parametrize(("said", "grace"), [(None, 10), ("0", 0), ("300", 300)])
def test_uvicorn_waits_as_long_as_the_drain_and_a_little(
    monkeypatch: pytest.MonkeyPatch, said: str | None, grace: int
) -> None:
    monkeypatch.delenv("PACELINE_DRAIN_SECONDS", raising=False)
    if said is not None:
        monkeypatch.setenv("PACELINE_DRAIN_SECONDS", said)

    told = configuration("app.main:create_app")

    assert told.timeout_graceful_shutdown == grace + SPARE_SECONDS
