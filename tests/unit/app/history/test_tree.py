"""A tree of outcomes has exactly three layers, and no code or key twice."""

from dataclasses import replace

import pytest

from app.history.tree import BrokenTreeError, Chooser, Leaf, Node, Tree

ONE, TWO = Node("A", "a", "a"), Node("B", "b", "b", "A")
THREE = Leaf("X", "B", "x", "x", rpc=None)


@pytest.mark.parametrize(
    ("first", "second", "third", "why"),
    [
        ((ONE, ONE), (TWO,), (THREE,), "code A stands twice"),
        ((ONE,), (TWO,), (THREE, THREE), "leaf X stands twice"),
        ((ONE,), (TWO,), (replace(THREE, parent="A"),), "X of layer 3 hangs under A"),
        ((ONE,), (replace(TWO, parent="Z"),), (THREE,), "B of layer 2 hangs under Z"),
        ((replace(ONE, parent="Z"),), (TWO,), (THREE,), "A of layer 1 hangs under Z"),
        ((ONE,), (TWO,), (), "B leads to no outcome"),
        ((ONE, Node("C", "c", "c")), (TWO,), (THREE,), "C leads to no outcome"),
        (
            (ONE,),
            (TWO,),
            (replace(THREE, key_auto="1"), replace(THREE, code="Y", key_auto="1")),
            "key 1 stands twice",
        ),
    ],
)
def test_a_tree_of_another_shape_is_refused(
    first: tuple[Node, ...], second: tuple[Node, ...], third: tuple[Leaf, ...], why: str
) -> None:
    with pytest.raises(BrokenTreeError, match=why):
        Tree(9, first, second, third)


def test_a_good_tree_finds_its_leaves_and_tells_their_paths() -> None:
    tree = Tree(9, (ONE,), (TWO,), (THREE,))

    assert tree.leaf("X") is THREE
    assert tree.leaf("Y") is None
    assert tree.path(THREE, "vi") == ("a", "b", "x")
    assert tree.path_codes(THREE) == ("A", "B", "X")


def test_a_leaf_has_two_languages_and_a_short_word_when_it_needs_one() -> None:
    short = replace(THREE, label_vi="dài", label_en="long", quick_vi="ngắn", quick_en="short")

    assert (short.label("vi"), short.label("en")) == ("dài", "long")
    assert (short.quick("vi"), short.quick("en")) == ("ngắn", "short")
    assert THREE.quick("vi") == "x"


def test_only_the_chooser_makes_a_leaf_the_systems() -> None:
    assert replace(THREE, chooser=Chooser.SYSTEM).system_only
    assert not THREE.system_only
