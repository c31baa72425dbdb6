"""What list APIs are sent by POST: forms and JSON objects with places for page, size and year."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import JsonValue

PLACEHOLDERS = frozenset({"page", "size", "year", "next_year"})
_PLACE = re.compile(r"\{(\w{1,20})\}")


@dataclass(frozen=True)
class Post:
    """What a POST sends."""

    body: bytes
    content_type: str


def placeholders(sent: Mapping[str, JsonValue]) -> set[str]:
    """Return the names in braces that the values hold."""
    return {match[1] for text in _texts(dict(sent)) for match in _PLACE.finditer(text)}


def filled(sent: Mapping[str, JsonValue], url: str, size: int, *, is_form: bool) -> Post:
    """Return what is sent for one page.

    Args:
        sent: Fields with their placeholders.
        url: Address of the page; year and page stand behind its #.
        size: Rows of one page.
        is_form: A form, else JSON.
    """
    marks = dict(parse_qsl(urlsplit(url).fragment))
    values = {"size": size} | {name: int(marks[name]) for name in ("page", "year") if name in marks}
    if "year" in values:
        values["next_year"] = values["year"] + 1
    fields = {name: _filled(value, values) for name, value in sent.items()}
    if is_form:
        return Post(urlencode(fields).encode(), "application/x-www-form-urlencoded; charset=UTF-8")
    return Post(json.dumps(fields, ensure_ascii=False).encode(), "application/json; charset=UTF-8")


def marked(url: str, page: int) -> str:
    """Return the address of another page of the same list."""
    parts = urlsplit(url)
    return parts._replace(fragment=urlencode({**dict(parse_qsl(parts.fragment)), "page": page})).geturl()


def page_of(url: str) -> int | None:
    """Return the number of the page that stands behind an address; None where none does."""
    found = dict(parse_qsl(urlsplit(url).fragment)).get("page", "")
    return int(found) if found.isascii() and found.isdigit() else None


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _filled(value: JsonValue, values: Mapping[str, int]) -> JsonValue:
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if not isinstance(value, str):
        return value
    alone = _PLACE.fullmatch(value)
    if alone and alone[1] in values:
        return values[alone[1]]
    return _PLACE.sub(lambda match: str(values.get(match[1], match[0])), value)
