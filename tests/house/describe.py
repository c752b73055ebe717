"""Writes docs/asyncapi.yaml and docs/openapi.yaml: what the socket and the pages say of themselves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.house import describe_http, describe_socket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

PAGES: Final[Mapping[Path, Callable[[], dict[str, Any]]]] = {
    describe_socket.PAGE: describe_socket.describe,
    describe_http.PAGE: describe_http.describe,
}


def write(page: Mapping[str, Any]) -> str:
    """A page as text; equal parts are written out, because anchors please nobody."""
    return yaml.dump(page, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


def main() -> None:
    """Write both."""
    for path, describe in PAGES.items():
        path.write_text(write(describe()), encoding="utf-8")
        sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
