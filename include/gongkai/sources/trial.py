"""Tries a source: fetches a list page or a few as a run would, and says what it would take; archives nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from uuid import uuid4

from gongkai.archive.log import request_log
from gongkai.archive.store import Archive
from gongkai.errors import SourceError
from gongkai.settings import Settings
from gongkai.sources.adapter import ListPage, adapter_of
from gongkai.sources.answer_rules import load_answer_rules
from gongkai.sources.attempts import Retry
from gongkai.sources.classify import Classifier
from gongkai.sources.folder import list_folder
from gongkai.sources.http import Fetcher
from gongkai.sources.link_rules import load_link_rules
from gongkai.sources.links import Link
from gongkai.sources.list_judge import read_list
from gongkai.sources.model import Source
from gongkai.sources.walk import walk

_RUN = "try"


@dataclass(frozen=True)
class Trial:
    """What a few list pages of a source gave.

    Attributes:
        pages: As read, those that failed with their error.
        links: All listed links, each address once.
    """

    pages: tuple[ListPage, ...]
    links: tuple[Link, ...]

    @property
    def taken(self) -> int:
        """How many links a run would take."""
        return sum(not link.skip for link in self.links)

    @property
    def has_trouble(self) -> bool:
        """True where a page could not be read, or lists what has no address."""
        return any(page.error is not None or page.warnings for page in self.pages)

    def lines(self) -> Iterator[str]:
        """What a run would do with each link, and why; then what else there is to know of the pages."""
        for link in self.links:
            year = str(link.listed_year or "") or (f"{link.hint_year}?" if link.hint_year else "")
            title = link.title or "(no title: judged by its content)"
            yield (
                f"{'skip' if link.skip else 'take'}  {year:5}  {link.listed_date or ''!s:10}  {title}"
                + (f"  [{link.skip}]" if link.skip else "")
                + f"\n      {link.url}"
            )
        yield from self._remarks()
        yield f"{self.taken} would be taken, {len(self.links) - self.taken} skipped; nothing was archived"

    def _remarks(self) -> Iterator[str]:
        for page in self.pages:
            if page.error is not None:
                yield f"{page.url}: {page.error.code}: {page.error}"
                continue
            dated = sum(link.listed_date is not None for link in page.links)
            yield (
                f"{page.url}: {len(page.links)} links, {dated} with a date"
                + (f", read as {page.encoding}" if page.encoding else "")
                + (f", {page.passed_over} other addresses passed over" if page.passed_over else "")
            )
            yield from page.warnings
            columns = [one.url for one in page.further if one.is_column]
            pages = [one.url for one in page.further if not one.is_column]
            if columns:
                yield f"  sub-columns: {_shown(columns)}"
            yield f"  further pages: {_shown(pages)}"


def _shown(addresses: list[str]) -> str:
    some = ", ".join(addresses[:3])
    return f"{len(addresses)}, {some}{', ...' if len(addresses) > 3 else ''}" if addresses else "none"


def try_source(source: Source, *, pages: int, settings: Settings, retry: Retry | None = None) -> Trial:
    """Fetch the first list pages of a source and read them.

    Args:
        source: The source.
        pages: How many.
        settings: User agent, limits, folder of the contracts.
        retry: How often and long failing requests are tried.

    Raises:
        BlockedError: The portal or its robots.txt refuses us, or gives a block page.
        SourceError: No page could be read.
    """
    rules = load_link_rules(settings.contracts)
    if source.folder is not None:
        links = tuple(file.link for file in list_folder(source.folder, rules))
        return Trial((ListPage(str(source.folder.path), links),), links)
    adapter = adapter_of(source, rules, settings.limits)
    classifier = Classifier(rules, load_answer_rules(settings.contracts), settings.limits)
    # The request log is kept in memory: nothing of a trial reaches the archive.
    with (
        closing(request_log(Archive(f"memory://{_RUN}-{uuid4().hex}"), _RUN, source.name)) as log,
        Fetcher(source, settings=settings, log=log, run_id=_RUN, retry=retry) as fetcher,
    ):

        def read_page(url: str) -> ListPage:
            return read_list(fetcher.get(url, post=adapter.post(url)), url, adapter, classifier)

        read = tuple(islice(walk(adapter, read_page), pages))
    if all(page.error is not None for page in read):
        raise read[0].error or SourceError("the source has no list pages", where=source.name)
    found: dict[str, Link] = {}
    for link in (link for page in read for link in page.links):
        if link.url not in found or (found[link.url].skip and not link.skip):
            found[link.url] = link
    return Trial(read, tuple(found.values()))
