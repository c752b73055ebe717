"""The ticket book on Redis: each question is one script on the keys of one user, one round trip.

All instants are passed in; the engine's own expiry only sweeps up what could no longer be used.
"""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from redis.exceptions import RedisError

from realtime.broker import RISE, BrokerLost, out_key, standing_key, tag
from realtime.closing import Close
from realtime.redis_scripts import Call, Script, run
from realtime.ticket import (
    RESUME_WITHIN_MS,
    Grant,
    Opening,
    TicketRefused,
    read_token,
    token_digest,
)

if TYPE_CHECKING:
    from redis.asyncio import Redis

SWEEP_MS = 24 * 3600 * 1000  # an untouched user's sessions are swept up after a day
T = TypeVar("T")

# A session is seven fields: t(oken), n(umber), a(live), c(hannels), (e)x(clusive), s(tanding), i(ssue).
# Who was sent away since `standing`, alone or with everything of his `issue`.
_AWAY = """
local function away(standing, issue)
  local out = redis.call('HGET', KEYS[5], issue)
  if out then
    local gap = string.find(out, ' ', 1, true)
    return {'AWAY', string.sub(out, 1, gap - 1), string.sub(out, gap + 1)}
  end
  local bar = redis.call('HMGET', KEYS[4], 'b', 'code', 'reason')
  if bar[1] and tonumber(standing) < tonumber(bar[1]) then return {'AWAY', bar[2], bar[3]} end
end
"""

# KEYS: used ticket, sessions, holder, standing, issues that are over.
# ARGV: session, token digest, now, resume within, ticket's life, sweep, channels, exclusive (''),
# issue, the ticket's standing
_ADMIT = Script(
    RISE
    + _AWAY
    + """
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[5]) then return {'USED'} end
local gone = away(ARGV[10], ARGV[9])
if gone then return gone end
local s = ARGV[1]
for _, field in ipairs(redis.call('HKEYS', KEYS[2])) do
  if string.sub(field, -2) == ':a' then
    local heard = tonumber(redis.call('HGET', KEYS[2], field))
    if heard + tonumber(ARGV[4]) < tonumber(ARGV[3]) then
      local old = string.sub(field, 1, -3)
      redis.call('HDEL', KEYS[2], old..':t', old..':n', old..':a', old..':c', old..':x',
        old..':s', old..':i')
    end
  end
end
local former, standing = '', nil
if ARGV[8] == '' then
  standing = redis.call('HGET', KEYS[4], 'n') or '0'
else
  standing = rise(KEYS[4])
  former = redis.call('SET', KEYS[3], s, 'PX', ARGV[6], 'GET') or ''
end
redis.call('HSET', KEYS[2], s..':t', ARGV[2], s..':n', '1', s..':a', ARGV[3], s..':c', ARGV[7],
  s..':x', ARGV[8], s..':s', standing, s..':i', ARGV[9])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return {'OK', former, standing}
"""
)

# KEYS as above. ARGV: session, token digest, new digest, now, resume within
_RESUME = Script(
    _AWAY
    + """
local s = ARGV[1]
local r = redis.call('HMGET', KEYS[2], s..':t', s..':n', s..':a', s..':c', s..':x', s..':s', s..':i')
if not r[1] or r[1] ~= ARGV[2] then return {'UNKNOWN'} end
if tonumber(ARGV[4]) > tonumber(r[3]) + tonumber(ARGV[5]) then
  redis.call('HDEL', KEYS[2], s..':t', s..':n', s..':a', s..':c', s..':x', s..':s', s..':i')
  return {'EXPIRED'}
end
local gone = away(r[6], r[7] or '')
if gone then return gone end
if r[5] ~= '' and redis.call('GET', KEYS[3]) ~= s then return {'TAKEN'} end
redis.call('HSET', KEYS[2], s..':t', ARGV[3], s..':a', ARGV[4])
return {'OK', redis.call('HINCRBY', KEYS[2], s..':n', 1), r[4], r[5], r[6], r[7] or ''}
"""
)

# KEYS: sessions, holder. ARGV: session, now, sweep
_KEEP = Script(
    """
local heard = redis.call('HGET', KEYS[1], ARGV[1]..':a')
if heard and tonumber(heard) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1]..':a', ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  redis.call('PEXPIRE', KEYS[2], ARGV[3])
end
"""
)

_REFUSALS = {
    b"USED": ("the ticket was used before", Close.TICKET_REFUSED),
    b"UNKNOWN": ("the token is unknown or was used before", Close.TICKET_REFUSED),
    b"EXPIRED": ("the token has expired", Close.TICKET_REFUSED),
    b"TAKEN": ("this desk was opened elsewhere", Close.TAKEN_OVER),
}


class RedisTicketBook:
    """The contract of ticket.py on scripts; a user's keys share the hash tag `{u:user}`."""

    def __init__(self, client: "Redis", *, prefix: str = "rt:") -> None:
        self._client: Any = client
        self._prefix = prefix

    async def standing(self, user: str) -> int:
        """Read it."""
        number: bytes | None = await _reach(
            self._client.hget(standing_key(self._prefix, user), "n")
        )
        return int(number or 0)

    async def admit(self, opening: Opening, now_ms: int) -> Grant:
        """Use the ticket up."""
        ticket = opening.ticket
        reply = await self._ask(
            _ADMIT,
            self._keys(ticket.user, ticket.nonce),
            ticket.nonce,
            token_digest(opening.token),
            now_ms,
            RESUME_WITHIN_MS,
            # A minute more than it can be valid, whatever the engine's clock does.
            max(1, ticket.expires_at_ms - now_ms) + 60_000,
            SWEEP_MS,
            msgspec.msgpack.encode(opening.channels),
            opening.exclusive or "",
            ticket.issue,
            ticket.standing,
        )
        return Grant(
            user=ticket.user,
            session=ticket.nonce,
            number=1,
            channels=opening.channels,
            token=opening.token,
            exclusive=opening.exclusive,
            standing=int(reply[2]),
            taken_over=bool(reply[1]),
            issue=ticket.issue,
        )

    async def resume(self, token: str, new_token: str, now_ms: int) -> Grant:
        """Exchange the token."""
        user, session, digest = read_token(token)
        _, number, channels, exclusive, standing, issue = await self._ask(
            _RESUME,
            self._keys(user, session),
            *(session, digest, token_digest(new_token), now_ms, RESUME_WITHIN_MS),
        )
        return Grant(
            user=user,
            session=session,
            number=int(number),
            channels=msgspec.msgpack.decode(channels, type=tuple[str, ...]),
            token=new_token,
            exclusive=exclusive.decode() or None,
            standing=int(standing),
            issue=issue.decode(),
        )

    async def keep(self, links: Sequence[Grant], now_ms: int) -> None:
        """Note the instant for all of them in one round trip."""
        calls = []
        for link in links:
            _, sessions, holder, *_ = self._keys(link.user, link.session)
            calls.append(Call((sessions, holder), (link.session, now_ms, SWEEP_MS)))
        await _reach(run(self._client, _KEEP, calls))

    async def _ask(
        self, script: Script, keys: Sequence[str], *words: str | bytes | int
    ) -> list[Any]:
        """Run a script on one user's keys; raises the refusal in its answer, if it is one."""
        reply: list[Any]
        (reply,) = await _reach(run(self._client, script, [Call(keys, words)]))
        _refuse(reply)
        return reply

    def _keys(self, user: str, nonce: str) -> list[str]:
        his = tag(self._prefix, f"u:{user}")
        return [
            f"{his}:used:{nonce}",
            his + ":sessions",
            his + ":holder",
            standing_key(self._prefix, user),
            out_key(self._prefix, user),
        ]


def _refuse(reply: list[Any]) -> None:
    """Raise the refusal in a script's answer, if it is one."""
    if reply[0] == b"AWAY":
        raise TicketRefused(reply[2].decode(), Close(int(reply[1])))
    refusal = _REFUSALS.get(reply[0])
    if refusal is not None:
        raise TicketRefused(*refusal)


async def _reach(answer: Awaitable[T]) -> T:
    """Await Redis; its silence is BrokerLost."""
    try:
        return await answer
    except (RedisError, OSError) as error:
        raise BrokerLost(str(error)) from error
