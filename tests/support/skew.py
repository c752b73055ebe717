"""A machine whose date is wrong."""

from __future__ import annotations

from typing import Final

HOUR_MS: Final = 3_600_000

# In everything that reads it, from before the page's own scripts on.
_SKEWED: Final = """
(() => {
  const off = %d, Real = Date;
  globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + off); }
    static now() { return Real.now() + off; }
  };
})();
"""


def skewed(hours: int) -> str:
    """The script that sets a browser's date so many hours wrong."""
    return _SKEWED % (hours * HOUR_MS)
