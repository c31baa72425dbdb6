"""Collects one source: lists, fetches, archives, and gives every listed link a fate."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from zoneinfo import ZoneInfo

import structlog

from gongkai.archive.catalog import CatalogWriter
from gongkai.archive.lines import LineWriter
from gongkai.archive.log import NOT_ASKED, Fate, RequestRow, listing_log, now, request_log
from gongkai.archive.store import Archive
from gongkai.errors import BlockedError, GongkaiError, SourceError
from gongkai.settings import TIMEZONE, Settings
from gongkai.sources.assess import Assessment, assess
from gongkai.sources.folder import list_folder
from gongkai.sources.http import Fetcher, Retry
from gongkai.sources.lanes import in_lanes
from gongkai.sources.link_rules import LinkRules, load_link_rules
from gongkai.sources.links import Link
from gongkai.sources.model import Source
from gongkai.sources.pace import host_of
from gongkai.sources.recording import Progress, recorded
from gongkai.sources.take import FolderTaker, Outcome
from gongkai.sources.take_portal import PortalTaker
from gongkai.sources.walk import walk

_TROUBLE = frozenset({Fate.BLOCKED, Fate.FAILED, Fate.NOT_A_REPORT})
_MOST_ERRORS = 1000
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class CollectSummary:
    """What one run made of one source.

    Each listed link counts once: listed = new + unchanged + revised + blocked + failed + not_a_report. The files that a
    page links count with their page: it is revised if one of them is, and failed if one of them failed.

    Attributes:
        source: Name of the source.
        listed: Links taken for annual reports (of the years asked for).
        new: Never seen before.
        unchanged: Seen before, the same.
        revised: Seen before, another content now.
        skipped: Listed links that are no annual reports, or of other years.
        blocked: The portal refuses us.
        failed: Anything else that went wrong.
        not_a_report: An error page, an empty page.
        years_touched: Report years (or guesses) of what is new or revised, in order.
        errors: What went wrong, in words: "address: code: message"; the first thousand.
        warnings: What looks odd.
    """

    source: str
    listed: int = 0
    new: int = 0
    unchanged: int = 0
    revised: int = 0
    skipped: int = 0
    blocked: int = 0
    failed: int = 0
    not_a_report: int = 0
    years_touched: tuple[int, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class ShortListError(SourceError):
    """Fewer reports are listed than the source asserts; `summary` says what was collected all the same."""

    code = "short_list"
    summary: CollectSummary | None = None


@dataclass
class _Tally(Progress):
    """What is counted while a run goes on."""

    years: set[int] = field(default_factory=set)

    def add(self, outcome: Outcome, link: Link) -> None:
        row = outcome.row
        self.fates[row.fate] += 1
        self.warnings += outcome.warnings
        if row.fate in _TROUBLE and len(self.errors) < _MOST_ERRORS:  # the listings have all
            self.errors.append(f"{row.url}: {row.reason}")
        year = _year(link)
        if outcome.has_news and year is not None:
            self.years.add(year)

    def summary(self, source: str) -> CollectSummary:
        return CollectSummary(
            source=source,
            listed=self.listed,
            **{fate.value: self.fates[fate] for fate in Fate},
            years_touched=tuple(sorted(self.years)),
            errors=tuple(self.errors),
            warnings=tuple(self.warnings),
        )


def collect(
    source: Source,
    archive: Archive,
    *,
    years: Collection[int] | None,
    settings: Settings,
    run_id: str,
    retry: Retry | None = None,
) -> CollectSummary:
    """Ask a source what it lists, and archive what is new or changed.

    One broken link never stops the others; running again with nothing changed archives nothing.

    Args:
        source: The source.
        archive: Where documents, logs and the catalog are kept.
        years: Report years to fetch, by the years that titles name (or, where they name none, guesses from dates;
            links without either are always fetched); None for all.
        settings: User agent, limits, folder of the contracts.
        run_id: Names the run in the logs.
        retry: How often and long failing requests are tried.

    Raises:
        SourceError: No list page could be read.
        ShortListError: Fewer reports are listed than the source asserts; what was found is archived all the same.
        ContractError: The link rules are broken.
    """
    rules = load_link_rules(settings.contracts)
    tally = _Tally()
    with recorded(tally, archive, source, run_id, years):
        return _collect(source, archive, rules, years, tally, settings, run_id, retry)


def _collect(
    source: Source,
    archive: Archive,
    rules: LinkRules,
    years: Collection[int] | None,
    tally: _Tally,
    settings: Settings,
    run_id: str,
    retry: Retry | None,
) -> CollectSummary:
    catalog = CatalogWriter(archive, run_id=run_id, source=source.name)
    # The logs are closed last: making Parquet of them takes memory that the links and the catalog hold until then.
    with (
        request_log(archive, run_id, source.name) as log,
        listing_log(archive, run_id, source.name) as listings,
        closing(catalog),
    ):
        tally.log = log
        collected = (
            _from_folder(source, archive, catalog, rules, years, tally, settings, run_id)
            if source.folder is not None
            else _from_portal(source, archive, catalog, rules, years, tally, settings, run_id, retry, log)
        )
        with closing(collected):
            for link, outcome in collected:
                tally.add(outcome, link)
                for row in (outcome.row, *outcome.attachments):
                    listings.add(row)
    found = assess(source, tally.reports, now().astimezone(ZoneInfo(TIMEZONE)).date())
    tally.warnings += found.warnings
    tally.is_short = bool(found.short)
    summary = tally.summary(source.name)
    _log.info("collected", **{name: value for name, value in asdict(summary).items() if isinstance(value, int | str)})
    if found.short:
        raise _too_few(source, found, summary)
    return summary


def _from_portal(
    source: Source,
    archive: Archive,
    catalog: CatalogWriter,
    rules: LinkRules,
    years: Collection[int] | None,
    tally: _Tally,
    settings: Settings,
    run_id: str,
    retry: Retry | None,
    log: LineWriter[RequestRow],
) -> Generator[tuple[Link, Outcome], None, None]:
    with Fetcher(source, settings=settings, log=log, run_id=run_id, retry=retry) as fetcher:
        limits = settings.limits
        taker = PortalTaker(source, archive, catalog, fetcher, rules=rules, limits=limits, run_id=run_id)
        wanted: list[Link] = []
        for link in _listed_links(source, taker, tally):
            reason = _skip(link, years, tally)
            if reason:
                yield link, taker.skip(link, reason)
            else:
                wanted.append(link)
        taker.reserve(link.url for link in wanted)
        width = source.politeness.concurrency
        yield from in_lanes(wanted, lambda link: host_of(link.url), taker.take, width=width)


def _listed_links(source: Source, taker: PortalTaker, tally: _Tally) -> Iterator[Link]:
    """Yield what all columns list, each address once (twice if it was skipped under its first title).

    Raises:
        SourceError: No column gave its first page.
    """
    columns = {url for url, _ in taker.adapter.columns}
    seen: dict[str, bool] = {}
    refused: list[GongkaiError] = []
    is_whole = True
    for page in walk(taker.adapter, taker.list_page):
        tally.warnings += page.warnings
        if page.error is not None:
            is_whole = False
            tally.errors.append(f"{page.url}: {page.error.code}: {page.error}")
            refused += [page.error] if page.url in columns else []
        for link in page.links:
            # What one column names like no report, another may name as one.
            if link.url not in seen or (seen[link.url] and not link.skip):
                seen[link.url] = bool(link.skip)
                yield link
    tally.is_walked = is_whole
    if columns and len(refused) >= len(columns):
        kind = BlockedError if all(isinstance(error, BlockedError) for error in refused) else SourceError
        raise kind("no list page could be read", where=source.name, found=str(refused[0])) from refused[0]


def _from_folder(
    source: Source,
    archive: Archive,
    catalog: CatalogWriter,
    rules: LinkRules,
    years: Collection[int] | None,
    tally: _Tally,
    settings: Settings,
    run_id: str,
) -> Generator[tuple[Link, Outcome], None, None]:
    assert source.folder is not None, "called for folders only"
    taker = FolderTaker(source, archive, catalog, rules=rules, limits=settings.limits, run_id=run_id)
    for file in list_folder(source.folder, rules):
        reason = _skip(file.link, years, tally)
        yield file.link, taker.skip(file.link, reason) if reason else taker.take(file)
    tally.is_walked = True


def _skip(link: Link, years: Collection[int] | None, tally: _Tally) -> str:
    """Say why a link is passed over, "" if it is not; count the reports of all years."""
    year = _year(link)
    if not link.skip:
        tally.reports[year] += 1
    if link.skip or years is None or year is None or year in years:
        return link.skip
    return f"of {year}, {NOT_ASKED}"


def _year(link: Link) -> int | None:
    return link.listed_year if link.listed_year is not None else link.hint_year


def _too_few(source: Source, found: Assessment, summary: CollectSummary) -> ShortListError:
    error = ShortListError(
        "fewer reports are listed than the source asserts",
        where=source.name,
        found="; ".join(counts for counts, _ in found.short),
        expected="; ".join(expected for _, expected in found.short),
        do="look at the portal: its lists may have moved or changed their form",
    )
    error.summary = summary
    return error
