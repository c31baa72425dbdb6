"""The rules of data_contracts/sources/links.yml: how annual reports, further pages and files are told."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from gongkai.contracts.yaml import load_model
from gongkai.settings import get_settings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TitleRules(_Strict):
    """Which titles are those of annual reports, and where their year stands."""

    year: re.Pattern[str]
    dates: tuple[re.Pattern[str], ...]
    ranges: tuple[re.Pattern[str], ...]
    require: tuple[tuple[str, ...], ...]
    refuse: tuple[re.Pattern[str], ...]
    listed: tuple[str, ...]
    prefix: re.Pattern[str]


class DateRules(_Strict):
    """How dates stand beside links and in addresses."""

    printed: re.Pattern[str]
    url: tuple[re.Pattern[str], ...]


class PaginationRules(_Strict):
    """How a list page names its further pages.

    Attributes:
        count: Number of pages as scripts state it, in group `n`; `name` and `extension` where they name the files.
        next: Texts of links to the next page.
        last: Texts of links to the last page.
        number: Texts of links to a page by its number.
        parameters: Query parameters that number pages.
        address: An address within a script ("window.open('1.html')").
    """

    count: tuple[re.Pattern[str], ...]
    next: frozenset[str]
    last: frozenset[str]
    number: re.Pattern[str]
    parameters: tuple[str, ...]
    address: re.Pattern[str]


class ColumnRules(_Strict):
    """Which links lead to sub-columns: the texts of years."""

    year: re.Pattern[str]


class JsonRules(_Strict):
    """Names under which list APIs keep titles, addresses and dates."""

    title: tuple[str, ...]
    url: tuple[str, ...]
    date: tuple[str, ...]


class SitemapRules(_Strict):
    """Addresses of reports in sitemaps."""

    report: re.Pattern[str]


class AttachmentRules(_Strict):
    """Which links of a report's page are files of the report."""

    extensions: frozenset[str]
    containers: tuple[str, ...]
    parameters: tuple[str, ...]
    at_most: int = Field(ge=1)


class PictureRules(_Strict):
    """Which pictures of a report's page are taken.

    Attributes:
        at_most: Most of one page.
        smallest: Those whose markup states a side of fewer pixels are icons.
        most_bytes: Most bytes of one.
    """

    at_most: int = Field(ge=0)
    smallest: int = Field(ge=0)
    most_bytes: int = Field(ge=1)


class FolderRules(_Strict):
    """Which files of a folder are taken for documents."""

    extensions: frozenset[str]


class LinkRules(_Strict):
    """All rules of links.yml."""

    titles: TitleRules
    dates: DateRules
    pagination: PaginationRules
    columns: ColumnRules
    json_lists: JsonRules
    sitemaps: SitemapRules
    attachments: AttachmentRules
    pictures: PictureRules
    folder: FolderRules


def load_link_rules(folder: Path | None = None) -> LinkRules:
    """Read the rules of a folder of data contracts (default: that of the settings).

    Raises:
        ContractError: With file, line and reason.
    """
    return _load((folder or get_settings().contracts) / "sources" / "links.yml")


@cache
def _load(path: Path) -> LinkRules:
    return load_model(path, LinkRules)
