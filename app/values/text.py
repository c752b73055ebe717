"""Vietnamese text: the key people are found by, and the order in which names are listed.

No personal data is kept here, and no translation: sentences live with the slice that says them.
"""

import unicodedata
from typing import Final

_LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK: Final = {letter: rank for rank, letter in enumerate(_LETTERS, start=1)}
# Dictionary order of the tones: level, hook of "huyền", "hỏi", "ngã", "sắc", "nặng".
_TONE_RANK: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


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


def name_sort_key(name: str) -> str:
    """The order of a Vietnamese list of people: by given name (the last word), then from the front.

    A string of digits, so that any collation sorts it. Letters follow the Vietnamese alphabet
    (`a ă â … d đ …`); tones decide only between equal letters.
    """
    words = normalise(name).split(" ")
    return "".join(_word_key(word) for word in [words[-1], *words[:-1]])


def _word_key(word: str) -> str:
    """Two digits a letter, `00` where the letters end, one digit a tone: `ha < hà < hạ < hai`."""
    letters: list[str] = []
    tones: list[str] = []
    for char in word.lower():
        parts = unicodedata.normalize("NFD", char)
        tone = next((_TONE_RANK[part] for part in parts if part in _TONE_RANK), 0)
        letter = unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONE_RANK))
        letters.append(_letter_key(letter))
        tones.append(str(tone))
    return "".join([*letters, "00", *tones])


def _letter_key(letter: str) -> str:
    rank = _LETTER_RANK.get(letter)
    if rank is not None:
        return f"{rank:02d}"
    return "99" + "".join(f"{ord(char):07d}" for char in letter)
