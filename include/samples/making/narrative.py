"""Writes the text of a report from narrative.yml, stating figures as the table prints them."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from gongkai.contracts.load import load_templates
from samples.making.paper import ChapterText, Key, Printed, Stated

TEXTS: Mapping[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("narrative.yml"))
_NUMERALS = "一二三四五六七八"
_DRAWN = re.compile(r"\{n:(\d+)-(\d+)\}")
_CELL = re.compile(r"\{=([^/{}]+)/([^/{}]+)/([^/{}]+)\}")
_SUBTOPICS = {
    "proactive": "主动公开",
    "applications": "依申请公开",
    "management": "政府信息管理",
    "platform": "政府信息公开平台建设",
    "supervision": "监督保障",
}


@dataclass
class Writer:
    """Draws and fills texts for one report.

    Args:
        agency: Name as printed.
        year: Report year.
        site: Name of the portal.
        topic: Key of the texts about what the agency does.
        sheet: The printed cells.
        misstated: Figures to give otherwise than the table.
    """

    agency: str
    year: int
    site: str
    topic: str
    sheet: Mapping[Key, Printed]
    misstated: Mapping[Key, int]
    stated: list[Stated] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rng = random.Random(f"text/{self.agency}/{self.year}")

    def preface(self, template: str, extra: Sequence[str]) -> tuple[str, ...]:
        """The paragraphs before the first chapter, after those of `extra`."""
        texts = TEXTS["legacy"] if template == "legacy" else TEXTS
        return tuple(map(self._fill, [*extra, *self._rng.choice(texts["preface"])]))

    def chapters(self, template: str) -> tuple[ChapterText, ...]:
        """All chapters of a template in order."""
        contract = load_templates()[template]
        tables = set(contract.table_by_code)
        chapters = []
        for numeral, chapter in zip(_NUMERALS, contract.chapters, strict=False):
            if chapter.code == "statistics":
                chapters.append(ChapterText(chapter.label, (f"（{self.year}年度）",), "legacy"))
                continue
            paragraphs = self._legacy(chapter.code) if template == "legacy" else self._paragraphs(chapter.code)
            table = chapter.code if chapter.code in tables else None
            chapters.append(ChapterText(f"{numeral}、{chapter.label}", tuple(paragraphs), table))
        return tuple(chapters)

    def _legacy(self, code: str) -> list[str]:
        return [self._draw(TEXTS["legacy"][code])]

    def _paragraphs(self, code: str) -> list[str]:
        if code == "overview":
            texts = TEXTS["overview"]
            written = [self._draw(texts["opening"])]
            for numeral, (topic, name) in zip(_NUMERALS, _SUBTOPICS.items(), strict=False):
                choices = texts[topic][self.topic] if topic == "proactive" else texts[topic]
                written.append(f"（{numeral}）{name}。{self._draw(choices)}")
            return written
        if code == "problems":
            return [self._fill(text) for text in self._rng.choice(TEXTS["problems"])]
        return [self._draw(TEXTS[code])] if code in TEXTS else []

    def _draw(self, texts: Sequence[str]) -> str:
        return self._fill(self._rng.choice([text for text in texts if self._can_state(text)]))

    def _can_state(self, text: str) -> bool:
        cells: list[Key] = [(match[1], match[2], match[3]) for match in _CELL.finditer(text)]
        misstated = [key for key in self.misstated if key in cells]
        return all(self.sheet[key].value is not None for key in cells) and (
            not self.misstated or bool(misstated) or not any(key[0] == "applications" for key in cells)
        )

    def _fill(self, text: str) -> str:
        text = text.replace("{agency}", self.agency).replace("{site}", self.site)
        text = text.replace("{year}", str(self.year)).replace("{next_year}", str(self.year + 1))
        text = _DRAWN.sub(lambda match: str(self._rng.randint(int(match[1]), int(match[2]))), text)
        return _CELL.sub(self._state, text)

    def _state(self, match: re.Match[str]) -> str:
        key = (match[1], match[2], match[3])
        number = self.sheet[key].value
        if number is None:
            raise ValueError(f"{key} has no number to state")
        number = Decimal(self.misstated.get(key, number))
        self.stated.append(Stated(key, number))
        return str(number)
