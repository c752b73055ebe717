"""The shape of a disposition tree: nodes, leaves, and the check that paths have three layers. Pure.

The tree itself is data in `dispositions.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.history.effects import Effect, Need


class Chooser(StrEnum):
    """Who may set an outcome."""

    AGENT = "AGENT"
    LEAD = "LEAD"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Node:
    """A word of the first or second layer; `parent` is None on the first."""

    code: str
    label_vi: str
    label_en: str
    parent: str | None = None

    def label(self, language: str) -> str:
        """The word in `vi` or `en`."""
        return self.label_vi if language == "vi" else self.label_en


@dataclass(frozen=True, slots=True)
class Leaf:
    """One outcome: the third layer, with everything that follows from it.

    `rpc` tells whether the right person was spoken to, None where nobody was called.
    `needs` must be answered before it is saved, `offers` may be.
    `key_auto` and `key_manual` are the digits of the quick outcomes; `quick` is its short label.
    """

    code: str
    parent: str
    label_vi: str
    label_en: str
    rpc: bool | None
    needs: tuple[Need, ...] = ()
    offers: tuple[Need, ...] = ()
    effects: tuple[Effect, ...] = ()
    chooser: Chooser = Chooser.AGENT
    key_auto: str | None = None
    key_manual: str | None = None
    quick_vi: str = ""
    quick_en: str = ""
    active: bool = True

    @property
    def system_only(self) -> bool:
        """Whether only the system may set it."""
        return self.chooser is Chooser.SYSTEM

    def label(self, language: str) -> str:
        """The third layer's word in `vi` or `en`."""
        return self.label_vi if language == "vi" else self.label_en

    def quick(self, language: str) -> str:
        """The word on the outcome button."""
        short = self.quick_vi if language == "vi" else self.quick_en
        return short or self.label(language)


class BrokenTreeError(ValueError):
    """The tree is not three layers deep everywhere, or a code or key stands twice."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One version of the tree, checked when it is built."""

    version: int
    layer_1: tuple[Node, ...]
    layer_2: tuple[Node, ...]
    leaves: tuple[Leaf, ...]

    def __post_init__(self) -> None:
        _refuse_twice("code", [*(n.code for n in self.layer_1), *(n.code for n in self.layer_2)])
        _refuse_twice("leaf", [leaf.code for leaf in self.leaves])
        active = [leaf for leaf in self.leaves if leaf.active]
        _refuse_twice("key", [leaf.key_auto for leaf in active if leaf.key_auto])
        _refuse_twice("key", [leaf.key_manual for leaf in active if leaf.key_manual])
        _refuse_orphans("layer 1", self.layer_1, [None])
        _refuse_orphans("layer 2", self.layer_2, [node.code for node in self.layer_1])
        _refuse_orphans("layer 3", self.leaves, [node.code for node in self.layer_2])
        _refuse_childless(self.layer_1, self.layer_2)
        _refuse_childless(self.layer_2, self.leaves)

    def leaf(self, code: str) -> Leaf | None:
        """The leaf with this code, in use or not; None for another word."""
        return next((leaf for leaf in self.leaves if leaf.code == code), None)

    def path(self, leaf: Leaf, language: str) -> tuple[str, str, str]:
        """The three words from contact to reason."""
        second = next(node for node in self.layer_2 if node.code == leaf.parent)
        first = next(node for node in self.layer_1 if node.code == second.parent)
        return first.label(language), second.label(language), leaf.label(language)

    def path_codes(self, leaf: Leaf) -> tuple[str, str, str]:
        """The three codes from contact to reason."""
        second = next(node for node in self.layer_2 if node.code == leaf.parent)
        return str(second.parent), second.code, leaf.code


def _refuse_twice(what: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise BrokenTreeError(f"the {what} {code} stands twice")
        seen.add(code)


def _refuse_orphans(
    where: str, nodes: Iterable[Node | Leaf], parents: Iterable[str | None]
) -> None:
    known = set(parents)
    for node in nodes:
        if node.parent not in known:
            raise BrokenTreeError(f"{node.code} of {where} hangs under {node.parent}")


def _refuse_childless(nodes: Iterable[Node], children: Iterable[Node | Leaf]) -> None:
    parents = {child.parent for child in children}
    for node in nodes:
        if node.code not in parents:
            raise BrokenTreeError(f"{node.code} leads to no outcome: paths have three layers")
