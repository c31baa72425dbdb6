"""What a page says of itself in its property table or list: 索引号, 发布机构, 发布日期, 文号, 标题."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gongkai.documents.page_rules import PageRules

_SPACE = re.compile(r"\s+")
_LONGEST_VALUE = 300
_MOST_CELLS = 60
_FEWEST_LABELS = 2


def read_properties(texts: Iterable[str], rules: PageRules) -> dict[str, str]:
    """Return what labelled texts state, by key of Document.meta.

    The texts are cells of a property table, items of a list or whole lines, in reading order. A label with a colon is
    followed by its value; a text that is nothing but a label is followed by its value in the next text.
    """
    found: dict[str, str] = {}
    pending: str | None = None
    for text in texts:
        marks = list(rules.label_pattern.finditer(text))
        if not marks:
            key = rules.label_keys.get(_bare(text))
            if key is None and pending:
                _keep(found, pending, text)
            pending = key
            continue
        pending = None
        for number, mark in enumerate(marks):
            end = marks[number + 1].start() if number + 1 < len(marks) else len(text)
            key = rules.label_keys[_bare(mark[1])]
            value = text[mark.end() : end].strip(" \t\n\xa0\u3000|｜【[（(")
            if value:
                _keep(found, key, value)
            elif number == len(marks) - 1:
                pending = key
    return found


def is_property_table(cells: list[str], rules: PageRules) -> bool:
    """Tell whether these cells are a property table rather than data."""
    if not 1 < len(cells) <= _MOST_CELLS:
        return False
    keys = [_label_key(cell, rules) for cell in cells]
    named = sum(1 for key in keys if key)
    return named >= _FEWEST_LABELS and 4 * sum(key is not None for key in keys) >= len(cells)


def _label_key(text: str, rules: PageRules) -> str | None:
    mark = rules.label_pattern.match(text.strip())
    return rules.label_keys.get(_bare(mark[1] if mark else text))


def _bare(text: str) -> str:
    return _SPACE.sub("", text).rstrip(":：").strip("【】[]")


def _keep(found: dict[str, str], key: str, value: str) -> None:
    value = _SPACE.sub(" ", value).strip()
    if key and value and len(value) <= _LONGEST_VALUE:
        found.setdefault(key, value)
