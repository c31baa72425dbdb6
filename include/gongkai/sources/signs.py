"""What a page says of itself: block pages, challenges, logins and missing pages by their words and signatures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

from gongkai.archive.answers import AnswerKind
from gongkai.documents.encoding import decode
from gongkai.errors import UnsupportedFormatError
from gongkai.reports.labels import squeeze
from gongkai.sources.answer_rules import AnswerRules

_TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,400})", re.IGNORECASE)
_UNSEEN = re.compile(
    r"<(script|style|noscript|template|title)\b[^<>]{0,500}+>[^<]*+(?:<(?!/\1)[^<]*+)*(?:</\1[^<>]{0,20}>|$)",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[^<>]{0,2000}+>")
_SHIELDS = frozenset(
    {AnswerKind.BLOCK_PAGE, AnswerKind.JS_CHALLENGE, AnswerKind.LOGIN, AnswerKind.RATE_LIMITED},
)
"""Pages that protections and logins give with any status."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What a page was told by: its kind, and the words for a reason."""

    kind: AnswerKind
    what: str
    found: str

    def __str__(self) -> str:
        return f"{self.what}: {self.found}"


def told_by_source(source: str, rules: AnswerRules) -> Sign | None:
    """Look for what only protections write into a page with little to see."""
    for kind, patterns in rules.signatures.items():
        for pattern in patterns:
            if found := pattern.search(source):
                what = "a challenge for scripts" if kind is AnswerKind.JS_CHALLENGE else "a block page"
                return Sign(kind, what, found[0][:60])
    return None


def told_by_words(title: str, text: str, rules: AnswerRules) -> Sign | None:
    """Look for what a short page says; title and text without white space."""
    if len(text) > rules.short_chars:
        return None
    said = (title + text).casefold()
    for group in rules.phrases:
        for phrase in group.words:
            if phrase.casefold() in said:
                return Sign(group.kind, group.what, phrase)
    for kind, pattern in rules.titles.items():
        if pattern.search(title):
            what = next((group.what for group in rules.phrases if group.kind is kind), f"a page of kind {kind}")
            return Sign(kind, what, title[:60])
    return None


def told_by_error(head: bytes, rules: AnswerRules) -> Sign | None:
    """Tell a protection or a login by the page that it gives with a status of its own (403, 405, 412, 521 ...)."""
    try:
        source = decode(head).text
    except UnsupportedFormatError:
        return None
    titled = _TITLE.search(source)
    title = squeeze(unescape(titled[1])) if titled else ""
    text = squeeze(unescape(_TAG.sub(" ", _UNSEEN.sub(" ", source))))
    sign = told_by_words(title, text, rules)
    if len(text) <= rules.short_chars and (sign is None or sign.kind not in _SHIELDS):
        sign = told_by_source(source, rules)
    return sign if sign and sign.kind in _SHIELDS else None
