"""The little of TypeScript that the pages of the protocol are made from."""

from __future__ import annotations

import pytest

from tests.house.typescript import NotUnderstood, read_types

SOURCE = """
/** The module. */
import type { Other } from "./other";

export type Word = "a" | "b";
/** Something
 *  with a name. */
export interface Named {
  id: string;
  /** How often. */
  count?: number | null; // not always
}
const LIMIT = { of: 3 };
export interface More extends Omit<Named, "id">, Partial<Named> {
  count: number;
  pair: [string, number[]];
  by: Record<string, Word>;
  some: null | (Named & { extra: boolean })[];
}
export type Keys = Omit<More, keyof Named>;
export interface Beyond { map: ReadonlyMap<string, string>; }
"""


def test_an_object_says_all_of_itself() -> None:
    types = read_types(SOURCE)
    assert types["Word"] == {"enum": ["a", "b"]}
    named = types["Named"]
    assert named["description"] == "Something with a name."
    assert named["required"] == ["id"]
    assert named["properties"]["count"] == {
        "description": "How often.",
        "anyOf": [{"type": "number"}, {"type": "null"}],
    }
    assert named["additionalProperties"] is False


def test_what_is_inherited_is_said_again_and_the_later_word_holds() -> None:
    more = read_types(SOURCE)["More"]
    assert set(more["properties"]) == {"id", "count", "pair", "by", "some"}
    assert set(more["required"]) == {"count", "pair", "by", "some"}
    assert more["properties"]["count"] == {"type": "number"}
    assert more["properties"]["by"]["additionalProperties"] == {"$ref": "#/Word"}
    (_, many) = more["properties"]["some"]["anyOf"]
    assert set(many["items"]["required"]) == {"id", "extra"}
    assert more["properties"]["pair"]["maxItems"] == 2


def test_keys_of_another_are_left_out() -> None:
    assert set(read_types(SOURCE)["Keys"]["properties"]) == {"pair", "by", "some"}


def test_what_is_not_understood_is_missing_and_never_guessed() -> None:
    assert "Beyond" not in read_types(SOURCE)
    with pytest.raises(NotUnderstood):
        read_types("export interface Half { a: string;")
