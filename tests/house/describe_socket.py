"""`docs/asyncapi.yaml`: the socket's protocol in a form that programs read, generated from its own types.

Frames come from `realtime/frames.py`, close codes from `realtime/closing.py`, the cards' values from the
browser's own types (`SHAPES`). `make describe` writes the page; a test holds it against the types, another
holds what really travels against the page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from realtime import frames
from realtime.closing import ADVICE
from tests.house.typescript import Schema, read_types

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "asyncapi.yaml"
_WEB: Final = ROOT / "web" / "src"
SHAPES: Final = (_WEB / "cards.ts", _WEB / "wall" / "thresholds.ts", _WEB / "wall" / "cards.ts")
MEDIA: Final = "application/vnd.msgpack"
REF: Final = "#/components/schemas/"
UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

# Which cards a channel holds, by the pattern of its name: each key's pattern and the type of its value in
# `SHAPES`. A card that travels and stands nowhere here fails the test of live traffic.
_CAMPAIGNS: Final = {
    "campaign:{campaign}": "WallCampaign",
    "hour:{campaign}": "HourCard",
    "floor": "WallFloor",
    "settings": "SettingsCard",
    "alert:{alert}": "AlertCard",
}
_LEADS: Final = {"request:{request}": "RequestCard", "sent:{user}": "SentCard"}
_MONITORS: Final = {"monitor:{call}": "WatchersCard", "left:{user}": "LeftCard"}
FAMILIES: Final[dict[str, dict[str, str]]] = {
    "agent:{user}": {
        "agent": "AgentCard",
        "call": "CallCard",
        "screen:{call}": "ScreenPop",
        "stats": "StatsCard",
        "day": "DayCard",
        "reminder:{callback}": "ReminderCard",
        "training": "TrainingCard",
        "voice": "VoiceCard",
        "announcement:{id}": "AnnouncementCard",
        "help": "AskedCard",
        "break": "AskedCard",
        "coach:{message}": "CoachCard",
        "monitor": "MonitorCard",
    },
    "floor": {"dialer": "DialerCard"},
    "lead:all": _LEADS,
    "lead:{team}": _LEADS,
    "monitor:all": _MONITORS,
    "monitor:{team}": _MONITORS,
    "wall:campaigns": _CAMPAIGNS,
    "wall:campaigns:{team}": {**_CAMPAIGNS, "team:{team}": "TeamCard"},
    "wall:all": {"team:{team}": "TeamCard"},
    "wall:agents": {"agent:{user}": "WallAgent"},
    "wall:team:{team}": {"agent:{user}": "WallAgent"},
}


def describe() -> dict[str, Any]:
    """The whole page."""
    up, down = (list(map(_tag, get_args(side))) for side in (frames.Inbound, frames.Outbound))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Paceline, the socket",
            "version": str(frames.VERSION),
            "description": (
                "Written by `make describe` from the types of the frames; do not edit. How it is used,"
                " its limits and the resume algorithm: docs/protocol.md."
            ),
        },
        "defaultContentType": MEDIA,
        "channels": {
            "socket": {
                "address": "/ws",
                "description": "One RFC 6455 connection; each binary message is one MessagePack map.",
                "messages": {tag: {"$ref": f"#/components/messages/{tag}"} for tag in up + down},
            }
        },
        "operations": {
            "hear": _operation("receive", up, "What a browser says."),
            "tell": _operation("send", down, "What a browser is told."),
        },
        "components": {"messages": _messages(), "schemas": schemas()},
        "x-cards": {
            channel: {key: {"$ref": REF + name} for key, name in keys.items()}
            for channel, keys in FAMILIES.items()
        },
        "x-close-codes": {
            int(code): {
                "name": code.name,
                "sentence": advice.sentence,
                "returns": advice.returns,
                "fresh_ticket": advice.fresh_ticket,
                "first_wait_ms": [advice.least_ms, advice.most_ms],
            }
            for code, advice in ADVICE.items()
        },
        "x-limits": {
            "frame_up_bytes": frames.FRAME_LIMIT_BYTES,
            "frame_down_bytes": frames.PIECE_LIMIT_BYTES,
            "card_bytes": frames.CARD_LIMIT_BYTES,
            "channels": frames.CHANNEL_LIMIT,
            "name_characters": frames.NAME_LIMIT,
        },
    }


def schemas() -> dict[str, Schema]:
    """Frames of both directions, then the values of cards with the types they name."""
    types = [*get_args(frames.Inbound), *get_args(frames.Outbound)]
    _, found = msgspec.json.schema_components(types, ref_template=REF + "{name}")
    cards = read_types(*(path.read_text(encoding="utf-8") for path in SHAPES))
    wanted = [name for keys in FAMILIES.values() for name in keys.values()]
    return {**found, **{name: _placed(cards[name]) for name in _reached(cards, wanted)}}


def card_type(channel: str, key: str) -> str | None:
    """The type of a card's value; None for a card that the page does not know."""
    for names, keys in FAMILIES.items():
        if _fits(names, channel):
            for pattern, name in keys.items():
                if _fits(pattern, key):
                    return name
    return None


def _fits(pattern: str, name: str) -> bool:
    expression = re.sub(r"\\\{\w+\\\}", UUID, re.escape(pattern))
    return re.fullmatch(expression, name) is not None


def _tag(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)


def _operation(action: str, tags: list[str], summary: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/socket"},
        "summary": summary,
        "messages": [{"$ref": f"#/channels/socket/messages/{tag}"} for tag in tags],
    }


def _messages() -> dict[str, Any]:
    return {
        _tag(frame): {
            "name": _tag(frame),
            "summary": " ".join((frame.__doc__ or "").split()),
            "contentType": MEDIA,
            "payload": {"$ref": REF + frame.__name__},
        }
        for frame in (*get_args(frames.Inbound), *get_args(frames.Outbound))
    }


def _reached(types: dict[str, Schema], wanted: list[str]) -> list[str]:
    """These types and all that they name, each once."""
    found: list[str] = []
    waiting = list(wanted)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += re.findall(r"'#/(\w+)'", str(types[name]))
    return found


def _placed(value: Any) -> Any:
    """References of a module's own types as references of the page."""
    if isinstance(value, dict):
        return {
            key: REF + inner[2:] if key == "$ref" else _placed(inner)
            for key, inner in value.items()
        }
    return [_placed(inner) for inner in value] if isinstance(value, list) else value
