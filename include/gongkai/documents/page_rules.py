"""The layout rules of web pages, from data_contracts/documents/html.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, field_validator

from gongkai.contracts.yaml import load_model
from gongkai.settings import get_settings

_SELECTOR = re.compile(r"[#.]?[\w-]+|\.[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Selector:
    """One selector: exactly one of a tag, an id, or classes that must all be there (all in lower case)."""

    tag: str = ""
    id: str = ""
    classes: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Parse "#id", ".class", ".class.class" or "tag"."""
        text = text.lower()
        if text.startswith("#"):
            return cls(id=text[1:])
        if text.startswith("."):
            return cls(classes=frozenset(text[1:].split(".")))
        return cls(tag=text)

    def fits(self, tag: str, id_: str, classes: frozenset[str]) -> bool:
        """Tell whether an element with this tag, id and classes (lower case) is selected."""
        if self.classes:
            return self.classes <= classes
        return self.id == id_ if self.id else self.tag == tag


class PageRules(BaseModel):
    """How portals lay out their pages; see the comments in the file.

    Attributes:
        containers: Selectors of the article, best first.
        furniture: Selectors of what is never part of the article.
        properties: For each key of Document.meta the labels that state it.
        other_labels: Labels that state something we do not keep; they end the value before them.
        meta_tags: For each key of Document.meta the names of meta tags, best first.
        attachment_suffixes: File name endings, without dot, of files that may hold a report.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    containers: tuple[str, ...]
    furniture: tuple[str, ...]
    properties: dict[str, tuple[str, ...]]
    other_labels: tuple[str, ...]
    meta_tags: dict[str, tuple[str, ...]]
    attachment_suffixes: tuple[str, ...]

    @field_validator("containers", "furniture")
    @classmethod
    def _are_selectors(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for selector in value:
            if not _SELECTOR.fullmatch(selector):
                raise ValueError(f"{selector!r} is not #id, .class or a tag name")
        return value

    @cached_property
    def container_selectors(self) -> tuple[Selector, ...]:
        """`containers`, parsed."""
        return tuple(map(Selector.parse, self.containers))

    @cached_property
    def furniture_selectors(self) -> tuple[Selector, ...]:
        """`furniture`, parsed."""
        return tuple(map(Selector.parse, self.furniture))

    @cached_property
    def label_keys(self) -> dict[str, str]:
        """Label to key of Document.meta, "" for labels that are not kept."""
        keys = dict.fromkeys(self.other_labels, "")
        return keys | {label: key for key, labels in self.properties.items() for label in labels}

    @cached_property
    def label_pattern(self) -> re.Pattern[str]:
        """Finds a label with its colon; group 1 is the label. Labels may be printed with spaces ("文  号")."""
        spaced = (r"\s*".join(map(re.escape, label)) for label in sorted(self.label_keys, key=len, reverse=True))
        return re.compile(rf"(?:^|(?<=[\s|｜【\[（(]))({'|'.join(spaced)})\s*[:：]")

    @cached_property
    def attachment_pattern(self) -> re.Pattern[str]:
        """Finds the ending of an attachment in an address or a link text."""
        return re.compile(rf"\.(?:{'|'.join(self.attachment_suffixes)})(?=$|[?#&\s）)】])", re.IGNORECASE)


def load_page_rules(folder: Path | None = None) -> PageRules:
    """Read the rules (default: data_contracts/documents/html.yml).

    Raises:
        ContractError: The file is missing or does not fit; names file, line and reason.
    """
    return _load((folder or get_settings().contracts / "documents") / "html.yml")


@cache
def _load(path: Path) -> PageRules:
    return load_model(path, PageRules)
