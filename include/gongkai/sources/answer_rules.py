"""The rules of data_contracts/sources/answers.yml: how block pages, challenges, logins and missing pages are told."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gongkai.archive.answers import AnswerKind
from gongkai.contracts.yaml import load_model
from gongkai.reports.labels import squeeze
from gongkai.settings import get_settings

Phrase = Annotated[str, Field(min_length=2), AfterValidator(squeeze)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PhraseRules(_Strict):
    """Phrases of one kind of page, and what such a page is called in a reason."""

    kind: AnswerKind
    what: str
    words: tuple[Phrase, ...]


class AddressRules(_Strict):
    """Paths that portals redirect to in place of an answer."""

    home: re.Pattern[str]
    soft_404: re.Pattern[str]
    login: re.Pattern[str]


class AnswerRules(_Strict):
    """All rules of answers.yml.

    Attributes:
        short_chars: Longest page, in visible characters, that phrases and titles can tell.
        empty_chars: Fewer visible characters make a page without text.
        shell_chars: Most visible characters outside links of a page that leads on, or only links files.
        list_links: Least links to reports of a list.
        list_chars: Characters outside links for each of them.
        signatures: Patterns of a page's source, by kind.
        phrases: What pages say, in the order in which they count.
        titles: Patterns of whole titles, by kind.
        addresses: Where portals redirect to.
        not_documents: First bytes of files that are no documents.
    """

    short_chars: int = Field(ge=1)
    empty_chars: int = Field(ge=0)
    shell_chars: int = Field(ge=0)
    list_links: int = Field(ge=2)
    list_chars: int = Field(ge=0)
    signatures: dict[AnswerKind, tuple[re.Pattern[str], ...]]
    phrases: tuple[PhraseRules, ...]
    titles: dict[AnswerKind, re.Pattern[str]]
    addresses: AddressRules
    not_documents: tuple[re.Pattern[str], ...]


def load_answer_rules(folder: Path | None = None) -> AnswerRules:
    """Read the rules of a folder of data contracts (default: that of the settings).

    Raises:
        ContractError: With file, line and reason.
    """
    return _load((folder or get_settings().contracts) / "sources" / "answers.yml")


@cache
def _load(path: Path) -> AnswerRules:
    return load_model(path, AnswerRules)
