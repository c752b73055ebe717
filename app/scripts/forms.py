"""From the fields of the editor's form to a piece, and which outcomes a statement may block. Pure."""

import json
from collections.abc import Mapping
from typing import Any, Final

from app.history import dispositions
from app.scripts.documents import MOST_STEPS, PieceError, read_rule
from app.scripts.pieces import Piece, Sort
from app.scripts.rules import NOBODY, Rule
from app.scripts.texts import Pair
from app.values.text import normalise

LONGEST_RULE: Final = 4_000  # characters


def piece_of(body: Mapping[str, Any]) -> Piece:
    """The piece that a form says. Raises `PieceError` for a field that cannot be read.

    Whether the piece may be saved is judged afterwards, by `documents.check`.
    """
    sort = _sort(body.get("sort"))
    return Piece(
        sort=sort,
        code=_text(body, "code").upper(),
        title=(_text(body, "title_vi"), _text(body, "title_en")),
        lines=_lines(body),
        priority=_number(body, "priority"),
        when=_rule(body, "when"),
        required_when=_rule(body, "required_when") if sort is Sort.STATEMENT else NOBODY,
        blocks=_blocks(body) if sort is Sort.STATEMENT else (),
        active=body.get("active") is True,
    )


def _sort(value: object) -> Sort:
    if isinstance(value, str) and value in set(Sort):
        return Sort(value)
    listed = ", ".join(Sort)
    raise PieceError("sort", f"Chọn một trong {listed}.", f"Choose one of {listed}.")


def _text(body: Mapping[str, Any], field: str) -> str:
    value = body.get(field, "")
    return normalise(value) if isinstance(value, str) else ""


def _number(body: Mapping[str, Any], field: str) -> int:
    value = body.get(field)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise PieceError(field, "Viết một số nguyên.", "Write a whole number.")


def _lines(body: Mapping[str, Any]) -> tuple[Pair, ...]:
    """The texts that were written, without the rows left empty."""
    rows = [(_text(body, f"vi_{n}"), _text(body, f"en_{n}")) for n in range(1, MOST_STEPS + 1)]
    return tuple(row for row in rows if any(row))


def _blocks(body: Mapping[str, Any]) -> tuple[str, ...]:
    """In the order of the tree, whatever order they were ticked in."""
    ticked = body.get("blocks") or []
    known = [leaf.code for leaf in dispositions.LEAVES]
    named = [code for code in ticked if isinstance(code, str)] if isinstance(ticked, list) else []
    odd = [code for code in named if code not in known]
    return tuple([code for code in known if code in named] + odd)


def _rule(body: Mapping[str, Any], field: str) -> Rule:
    text = body.get(field, "")
    if not isinstance(text, str) or len(text) > LONGEST_RULE:
        raise PieceError(
            field,
            f"Viết quy tắc JSON dài tối đa {LONGEST_RULE} ký tự.",
            f"Write a JSON rule of at most {LONGEST_RULE} characters.",
        )
    try:
        document = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as fault:
        at = f"{fault.lineno}:{fault.colno}" if isinstance(fault, json.JSONDecodeError) else "1:1"
        raise PieceError(
            field,
            f"Dòng:cột {at} không phải JSON. Kiểm tra dấu ngoặc, dấu phẩy và dấu nháy kép.",
            f"Line:column {at} is no JSON. Look for brackets, commas and double quotes.",
        ) from fault
    rule: Rule = read_rule(field, document)
    return rule


def rule_text(document: Mapping[str, object]) -> str:
    """A rule as the form shows it: one condition a line, nothing for everybody."""
    if not document:
        return ""
    for key in ("all", "any"):
        parts = document.get(key)
        if isinstance(parts, list) and parts:
            rows = ",\n".join(f"  {json.dumps(part, ensure_ascii=False)}" for part in parts)
            return f'{{"{key}": [\n{rows}\n]}}'
    return json.dumps(document, ensure_ascii=False)


def blockable(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Outcomes that agents may choose, by result: its word, then code and word of each outcome."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for leaf in dispositions.selectable():
        _, result, outcome = dispositions.TREE.path(leaf, language)
        groups.setdefault(result, []).append((leaf.code, outcome))
    return list(groups.items())
