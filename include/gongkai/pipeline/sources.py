"""What the command line says of sources: lists, lints and tries them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gongkai.settings import TIMEZONE, get_settings
from gongkai.sources.check import Finding, check_sources
from gongkai.sources.model import Source
from gongkai.sources.registry import choose_sources, load_sources
from gongkai.sources.trial import Trial, try_source


def list_rows() -> list[dict[str, Any]]:
    """One row a source.

    Raises:
        ContractError: A source is broken.
    """
    return [_row(source) for source in load_sources(get_settings().sources)]


def _row(source: Source) -> dict[str, Any]:
    expect, portal = source.expect, source.portal
    years = f"{expect.years.first}-{expect.years.last or ''}" if expect.years else ""
    return {
        "source": source.name,
        "adapter": source.adapter,
        "columns": len(portal.list_urls) if portal else 1,
        "agencies": len(expect.agencies),
        "years": years,
        "per_second": source.politeness.requests_per_second,
        "window": source.politeness.window,
        "checked": source.checked or "",
    }


def check(names: Sequence[str] = ()) -> list[Finding]:
    """Lint sources; no portal is asked.

    Raises:
        ContractError: A name that no source has.
    """
    return check_sources(get_settings().sources, names, today=datetime.now(ZoneInfo(TIMEZONE)).date())


def attempt(name: str, pages: int) -> Trial:
    """Fetch the first list pages of a source and read them; nothing is archived.

    Raises:
        ContractError: The source is broken or unknown.
        SourceError: No page could be read.
    """
    settings = get_settings()
    source = choose_sources(load_sources(settings.sources), [name])[0]
    return try_source(source, pages=pages, settings=settings)
