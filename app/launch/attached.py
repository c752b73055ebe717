"""The engines for one command: somebody's own, those of a running launcher, or ours for as long as it runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.launch.engines import running_engines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.launch.state import StateDirectory

ENGINES = ("DATABASE_URL", "REDIS_URL")


@contextmanager
def attached(state: StateDirectory, environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield `environ` with the addresses of engines in it.

    Raises `Conflict` while a launcher is starting or ending, `Unavailable` when none can be started.
    """
    if all(environ.get(name) for name in ENGINES):
        yield dict(environ)
        return
    announced = state.announced()
    if announced is not None:
        yield {**announced, **environ}
        return
    with state.held(purpose="done"), running_engines(state, environ) as engines:
        urls = {"DATABASE_URL": engines.database_url, "REDIS_URL": engines.redis_url}
        yield {**environ, **urls}
