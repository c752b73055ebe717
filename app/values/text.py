"""Vietnamese text: the key people are found by, and the order in which names are listed.

No personal data is kept here, and no translation: sentences live with the slice that says them.
"""

import unicodedata
from typing import Final

_LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK: Final = {letter: rank for rank, letter in enumerate(_LETTERS, start=1)}
# Dictionary order of the tones: level, hook of "huyền", "hỏi", "ngã", "sắc", "nặng".
_TONE_RANK: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}

SortKey = tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]


def normalise(text: str) -> str:
    """NFC, with runs of white space as one space and none at the ends: how text is stored."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def search_key(text: str) -> str:
    """Lower case without marks, `đ` as `d`: `Nguyễn Thị Thu Hà` is found by `nguyen thi thu ha`."""
    bare = "".join(
        char
        for char in unicodedata.normalize("NFD", text.lower())
        if not unicodedata.combining(char)
    )
    return normalise(bare.replace("đ", "d"))


def _word_key(word: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Letters first, tones second: `ha < hà < hạ < hai`."""
    letters: list[int] = []
    tones: list[int] = []
    for char in unicodedata.normalize("NFC", word.lower()):
        tone = 0
        kept = []
        for part in unicodedata.normalize("NFD", char):
            if part in _TONE_RANK:
                tone = _TONE_RANK[part]
            else:
                kept.append(part)
        letter = unicodedata.normalize("NFC", "".join(kept))
        letters.append(_LETTER_RANK.get(letter, len(_LETTERS) + ord(letter[0]) if letter else 0))
        tones.append(tone)
    return tuple(letters), tuple(tones)


def name_sort_key(name: str) -> SortKey:
    """The order of a Vietnamese list of people: by given name (the last word), then from the front.

    Letters follow the Vietnamese alphabet (`a ă â … d đ …`); tones decide only between equal letters.
    """
    words = normalise(name).split(" ")
    return tuple(_word_key(word) for word in [words[-1], *words[:-1]])
