"""Walks the list pages of a source: bounded, without loops, past pages that fail."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from gongkai.errors import GoneError, GongkaiError, SourceError
from gongkai.sources.adapter import Adapter, Further, ListPage, NotAListError, Read
from gongkai.sources.links import NO_YEAR, Link

_FAILURES = 3
"""So many failing pages in a row end a list."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A page to be asked.

    Attributes:
        url: Its address.
        column: The first page of its list.
        depth: Of that list below the column that the source names.
        year: The year that its column is of.
        is_probe: That it is missing only tells where the list ends.
        spare: Further pages of the list, should this one be missing or a repetition.
    """

    url: str
    column: str
    depth: int = 0
    year: int | None = None
    is_probe: bool = False
    spare: tuple[Further, ...] = ()


def walk(adapter: Adapter, read: Read) -> Iterator[ListPage]:
    """Yield the pages of all columns of a source.

    A page that fails is yielded with its error and the others go on; after three failures in a row its list ends. A
    page that lists nothing new leads to no further page: some portals answer any page number with the last page. Every
    page is asked once; other hosts than the column's are never asked.

    Args:
        adapter: Names the columns and the bounds.
        read: Gets a page and reads it.
    """
    total: set[str] = set()
    asked = {url for url, _ in adapter.columns}
    for url, year in adapter.columns:
        for page in _column(_Step(url, url, year=year), adapter, read, asked):
            yield page
            total.update(link.url for link in page.links)
            if len(total) > adapter.options.max_links:
                yield ListPage(page.url, error=_too_many("links", adapter.options.max_links, page.url))
                return


def _column(first: _Step, adapter: Adapter, read: Read, asked: set[str]) -> Iterator[ListPage]:
    queue, host = deque([first]), urlsplit(first.url).netloc
    known: set[str] = set()  # of this column: another one may list the same
    failures: Counter[str] = Counter()
    asked_pages = 0

    def add(pages: Iterable[Further], step: _Step, spare: tuple[Further, ...] = ()) -> None:
        for page in pages:
            depth = step.depth + page.is_column
            if page.url in asked or depth > adapter.depth or urlsplit(page.url).netloc != host:
                continue
            asked.add(page.url)
            column = page.url if page.is_column else step.column
            queue.append(_Step(page.url, column, depth, page.year or step.year, page.is_probe, spare))
            spare = ()

    while queue:
        step = queue.popleft()
        if failures[step.column] == _FAILURES:
            continue
        if asked_pages == adapter.options.max_pages:
            yield ListPage(step.url, error=_too_many("pages", asked_pages, step.url))
            return
        asked_pages += 1
        try:
            page = read(step.url)
        except GongkaiError as error:
            if step.is_probe and isinstance(error, GoneError | NotAListError):
                continue
            failures[step.column] += 1
            add(step.spare, step)
            yield ListPage(step.url, error=error)
            continue
        failures[step.column] = 0
        if step.year is not None:
            page = replace(page, links=tuple(_of_year(link, step.year) for link in page.links))
        fresh = {link.url for link in page.links} - known
        known |= fresh
        yield page
        add((one for one in page.further if one.is_column), step)
        if fresh:
            add((one for one in page.further if not one.is_column), step, page.spare)
        else:
            add(step.spare, step)


def _of_year(link: Link, year: int) -> Link:
    """A link in the column of a year: where its title names none, the column says that it may be a report."""
    if link.listed_year is not None:
        return link
    skip = "" if link.skip == NO_YEAR else link.skip
    return replace(link, skip=skip, hint_year=link.hint_year or year)


def _too_many(what: str, most: int, url: str) -> SourceError:
    return SourceError(
        f"the column has more {what} than are allowed",
        where=url,
        expected=f"at most {most}",
        do=f"raise max_{what} in the source file if the {what} are real",
    )
