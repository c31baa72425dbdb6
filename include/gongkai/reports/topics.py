"""Passages of a chapter on the topics of the report form: 主动公开, 依申请公开, 信息管理, 平台建设, 监督保障."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from pydantic import field_validator

from gongkai.contracts.template import Strict
from gongkai.contracts.yaml import load_model
from gongkai.reports.model import Topic
from gongkai.settings import get_settings

_NUMBERING = (
    r"(?:(?P<bracket>[（(]\s{0,4}[一二三四五六七八九十\d]{1,3}\s{0,4}[）)][、.．]?)"
    r"|\d{1,2}\s{0,4}[、.．](?!\d)|[一二三四五六七八九十]{1,2}(?:是|、|，))"
)
_BEHIND = r"(?=[ \t　]{0,8}(?:[。：:，,]|$)|[ \t　]{1,8}\S)"
_ANY_BRACKET = re.compile(r"^[ \t　]{0,8}[（(]\s{0,4}[一二三四五六七八九十\d]{1,3}\s{0,4}[）)]", re.MULTILINE)
_MARKS = " \t\n　。：:，,、"


class Unheaded(Strict):
    """A chapter that is told by the beginning of its text where its heading is left out."""

    inside: tuple[str, ...]
    pattern: str


class TopicForms(Strict):
    """data_contracts/reading/topics.yml."""

    chapters: frozenset[str]
    tails: str
    topics: dict[str, str]
    unheaded: dict[str, Unheaded]

    @field_validator("tails", "topics")
    @classmethod
    def _are_patterns(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        for pattern in [value] if isinstance(value, str) else value.values():
            if re.compile(pattern).groups:
                raise ValueError(f"{pattern!r} has a group that captures")
        return value


@dataclass(frozen=True, slots=True)
class CompiledTopics:
    """The forms, ready for use."""

    forms: TopicForms
    headings: re.Pattern[str]
    unheaded: dict[str, tuple[tuple[str, ...], re.Pattern[str]]]


@cache
def compiled_topics() -> CompiledTopics:
    """Read and compile the forms, once a process.

    Raises:
        ContractError: The file is broken.
    """
    forms = load_model(get_settings().contracts / "reading" / "topics.yml", TopicForms)
    names = "|".join(f"(?P<{code}>{pattern})" for code, pattern in forms.topics.items())
    start = r"(?:^[ \t　]{0,8}|(?<=[。；;])[ \t　]{0,8}(?=[（(\d一二三四五六七八九十]))"
    return CompiledTopics(
        forms,
        re.compile(rf"{start}{_NUMBERING}?[ \t　]{{0,8}}(?:{names})(?:{forms.tails}){_BEHIND}", re.MULTILINE),
        {code: (one.inside, re.compile(one.pattern)) for code, one in forms.unheaded.items()},
    )


def find_topics(chapter_code: str, text: str) -> tuple[Topic, ...]:
    """Divide a chapter into its passages.

    A passage begins behind its name and ends before the next passage or, where passages are numbered （一）, before the
    next such number at a line start. Text before the first passage belongs to none. A topic that is named again goes
    on: only the first passage of a topic counts, later ones are of their own.

    Args:
        chapter_code: Code of the chapter; those that the form does not divide have no topics.
        text: The chapter's text.

    Returns:
        The passages in order, empty where the text names no topic.
    """
    compiled = compiled_topics()
    if chapter_code not in compiled.forms.chapters:
        return ()
    found = [
        (match, next(code for code in compiled.forms.topics if match[code]))
        for match in compiled.headings.finditer(text)
    ]
    if not found:
        return ()
    stops = [match.start() for match, _ in found]
    if any(match["bracket"] for match, _ in found):
        stops += [match.start() for match in _ANY_BRACKET.finditer(text)]
    topics = []
    for match, code in found:
        end = min((stop for stop in stops if stop > match.start()), default=len(text))
        start = match.end()
        while start < end and text[start] in _MARKS:
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        topics.append(Topic(code, match[0].strip(), start, end))
    return tuple(topics)
