"""What a pacing policy is: the question that it is asked each tick, and its answer."""

from __future__ import annotations

import importlib
import json
import shlex
import subprocess
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadtests.pacing_referee.simulator import Simulator
    from loadtests.pacing_referee.telemetry import Snapshot

ENDING_SECONDS = 10.0
"""How long another process may take to end after its day."""


@dataclass(frozen=True)
class PolicyContext:
    """What a dialer is configured with before the campaign starts (times in seconds)."""

    abandon_limit: float
    max_wait_s: float
    abandon_clock: str
    max_lines: int
    max_cps: float
    tick_s: float
    no_answer_timeout_s: float
    telemetry_delay_s: float
    campaign_end_s: float
    amd_enabled: bool
    segments: tuple[str, ...]
    seed: int  # for the policy's own chance; unrelated to the simulator's streams


@dataclass(frozen=True)
class Decision:
    """``place`` new calls now; hang up on the unanswered calls whose ids are in ``cancel``."""

    place: int = 0
    cancel: Sequence[int] = ()


class Policy:
    """A pacing policy: asked every ``tick_s``, and at each event whose kind is in ``events``.

    Kinds: "agent_idle", "agent_off", "answered", "queued", "connected", "ended". Both questions are
    answered by a number of calls to place, a ``Decision``, or None.
    """

    name = "policy"
    events: frozenset[str] = frozenset()
    ctx: PolicyContext

    def reset(self, ctx: PolicyContext) -> None:
        """A campaign day begins; forget everything."""
        self.ctx = ctx

    def decide(self, snapshot: Snapshot) -> int | Decision | None:
        """How many new calls to place now."""
        raise NotImplementedError

    def on_event(self, kind: str, snapshot: Snapshot) -> int | Decision | None:  # noqa: ARG002 - for subclasses
        """Answer one observed event."""
        return 0

    def close(self) -> None:
        """The campaign day has ended."""


class ClairvoyantPolicy(Policy):
    """A bound, not a policy: it is shown what no dialer can know."""

    def attach(self, sim: Simulator) -> None:
        """Take the simulator's truth."""
        raise NotImplementedError


class GuestPolicy(Policy):
    """A policy written without this package: any object with ``reset(ctx)`` and ``decide(snapshot)``.

    Its answer is a number, None, or anything with ``place`` and ``cancel``.
    """

    def __init__(self, guest: Any, name: str) -> None:
        self.guest = guest
        self.name = name

    def reset(self, ctx: PolicyContext) -> None:
        """Hand the context on."""
        super().reset(ctx)
        self.guest.reset(ctx)

    def decide(self, snapshot: Snapshot) -> int | Decision:
        """Hand the question on."""
        answer = self.guest.decide(snapshot)
        if answer is None or isinstance(answer, int):
            return answer or 0
        return Decision(int(answer.place), answer.cancel)


class ExternalPolicy(Policy):
    """A policy in another process, in any language, by JSON lines on its stdin and stdout.

    One line ``{"type": "reset", "context": {...}}`` a campaign day (no reply), then one line
    ``{"type": "tick", ...}`` a tick, answered by one line ``{"place": n, "cancel": [ids]}``. The
    process is started once a campaign day.
    """

    def __init__(self, command: str) -> None:
        self.command = command
        self.name = "exec:" + command.rsplit("/", maxsplit=1)[-1]
        self._process: subprocess.Popen[str] | None = None

    def reset(self, ctx: PolicyContext) -> None:
        """Start the process and tell it what it is configured with."""
        super().reset(ctx)
        self.close()
        self._process = subprocess.Popen(  # noqa: S603 - the user's own policy
            shlex.split(self.command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._tell({"type": "reset", "context": asdict(ctx)})

    def decide(self, snapshot: Snapshot) -> Decision:
        """One tick's line and its answer.

        Raises:
            RuntimeError: the process ended before its day did.
        """
        self._tell({"type": "tick", **snapshot.to_dict()})
        line = self._running.stdout.readline() if self._running.stdout else ""
        if not line:
            raise RuntimeError(f"{self.command!r} ended before the campaign day did")
        answer = json.loads(line)
        return Decision(int(answer.get("place", 0)), answer.get("cancel", ()))

    def close(self) -> None:
        """End the process by closing its stdin."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            process.communicate(timeout=ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()

    @property
    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            raise RuntimeError(f"{self.command!r} was asked before its day began")
        return self._process

    def _tell(self, message: dict[str, Any]) -> None:
        if self._running.stdin is None:
            return
        try:
            self._running.stdin.write(json.dumps(message, separators=(",", ":")) + "\n")
            self._running.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError(f"{self.command!r} ended before the campaign day did") from None


def load_policy(spec: str) -> Policy:
    """The policy of ``module:Class``, ``module:Class(arg=1.5)`` or ``exec:COMMAND``.

    Raises:
        ValueError: ``spec`` has none of these forms.
    """
    if spec.startswith("exec:"):
        return ExternalPolicy(spec.removeprefix("exec:"))
    module, _, rest = spec.partition(":")
    if not rest:
        raise ValueError(f"policy {spec!r} is neither module:Class, exec:COMMAND nor baseline:NAME")
    name, _, arguments = rest.partition("(")
    made = getattr(importlib.import_module(module), name)(**_keywords(arguments.rstrip(")")))
    return made if isinstance(made, Policy) else GuestPolicy(made, name)


def _keywords(text: str) -> dict[str, Any]:
    """``a=1, b=word`` as keyword arguments: JSON where it is JSON, else the word itself."""
    keywords: dict[str, Any] = {}
    for part in filter(None, text.split(",")):
        key, _, value = part.partition("=")
        try:
            keywords[key.strip()] = json.loads(value)
        except json.JSONDecodeError:
            keywords[key.strip()] = value.strip()
    return keywords
