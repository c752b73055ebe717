"""Seconds of plain data, folded: what did not change since the second before is not said again. Pure.

A page is a mapping of names to plain values; a value that is itself a mapping is a table, of which only the
changed rows are said. A second that is like the one before costs nothing at all. What results is packed and
deflated. `unfold(fold(pages)) == pages`, for whatever msgpack can carry.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgpack

Page = Mapping[str, Any]
"""One second: names to plain values (None, bool, int, float, str, lists) or to tables of them."""

VERSION: Final = 1
LEVEL: Final = 6  # of zlib: 9 takes twice as long for 1 % less
MOST_BYTES: Final = 32_000_000  # unpacked; more is no block of ours


class Damaged(ValueError):
    """A block that this version cannot read."""


class Fold:
    """Takes pages second by second and packs them; `second` counts from the block's beginning."""

    def __init__(self) -> None:
        self._last: Page = {}
        self._frames: list[
            list[Any]
        ] = []  # second, how many more are the same, changed, rows, gone

    def __len__(self) -> int:
        """How many seconds were taken."""
        return sum(1 + frame[1] for frame in self._frames)

    def add(self, second: int, page: Page) -> None:
        """Take the page of one second; seconds only grow, and may have gaps."""
        frame = self._frames[-1] if self._frames else None
        if frame is not None and second == frame[0] + frame[1] + 1 and page == self._last:
            frame[1] += 1
            return
        self._frames.append([second, 0, *_difference(self._last, page)])
        self._last = page

    def pack(self) -> bytes:
        """Everything that was taken, packed and deflated."""
        return zlib.compress(msgpack.packb([VERSION, self._frames]), LEVEL)


def fold(pages: Sequence[tuple[int, Page]]) -> bytes:
    """Pages with their seconds, as one block."""
    folded = Fold()
    for second, page in pages:
        folded.add(second, page)
    return folded.pack()


def unfold(block: bytes) -> Iterator[tuple[int, Page]]:
    """The seconds of a block with their pages, in order. Raises Damaged."""
    page: Page = {}
    for second, more, changed, rows, gone in _frames(block):
        page = _renewed(page, changed, rows, gone)
        for later in range(more + 1):
            yield second + later, page


def _frames(block: bytes) -> list[list[Any]]:
    try:
        plain = zlib.decompressobj().decompress(block, MOST_BYTES)
        version, frames = msgpack.unpackb(plain, strict_map_key=False)
    except (zlib.error, ValueError, TypeError, msgpack.UnpackException) as fault:
        raise Damaged(f"no block of paces: {fault}") from None
    if version != VERSION:
        raise Damaged(f"a block of version {version}; this program reads {VERSION}")
    return list(frames)


def _difference(old: Page, new: Page) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """Values that are new, changed rows of tables (with the keys that are gone), and names that are gone."""
    changed: dict[str, Any] = {}
    rows: dict[str, Any] = {}
    for name, value in new.items():
        before = old.get(name)
        if name in old and before == value:
            continue
        if isinstance(value, Mapping) and isinstance(before, Mapping):
            fresh = {
                key: row
                for key, row in value.items()
                if before.get(key) != row or key not in before
            }
            rows[name] = [fresh, [key for key in before if key not in value]]
        else:
            changed[name] = value
    return changed, rows, [name for name in old if name not in new]


def _renewed(
    page: Page, changed: Mapping[str, Any], rows: Mapping[str, Any], gone: Sequence[str]
) -> Page:
    left: dict[str, Any] = {name: value for name, value in page.items() if name not in gone}
    for name, (fresh, dropped) in rows.items():
        kept = {key: row for key, row in left[name].items() if key not in dropped}
        left[name] = kept | fresh
    return {**left, **changed}
