"""Takes what a listed page links and shows: its files, the pages that it leads to, its pictures."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace

from gongkai.archive.answers import AnswerKind
from gongkai.archive.catalog import ATTACHMENT, PICTURE, Address, CatalogWriter, Observation
from gongkai.archive.log import Fate, ListingRow
from gongkai.archive.store import Archive
from gongkai.errors import GongkaiError, SourceError
from gongkai.settings import Limits
from gongkai.sources.answer import Answer, Validators
from gongkai.sources.classify import Classifier
from gongkai.sources.finding import Finding
from gongkai.sources.guard import RefusedError, check_host
from gongkai.sources.http import Fetcher
from gongkai.sources.keeping import archived_page, keep
from gongkai.sources.links import MAX_TITLE, Link
from gongkai.sources.model import Source
from gongkai.sources.pages import is_html
from gongkai.sources.take import Taker, fate_of
from gongkai.sources.wish import Look

_MOST_DEPTH = 3
"""A listed page may lead to a page that frames a page that links the file; what stands deeper is left."""

BROKEN = frozenset({Fate.BLOCKED, Fate.FAILED, Fate.NOT_A_REPORT})


class FileTaker(Taker):
    """Takes the files of a portal's pages; safe to use from several threads.

    Args:
        source: The source.
        archive: Where contents go.
        catalog: What is known.
        fetcher: Asks the portal.
        classifier: Says what answers are, and which files a page links.
        limits: Bounds of pages and files.
        run_id: The run.
    """

    def __init__(
        self,
        source: Source,
        archive: Archive,
        catalog: CatalogWriter,
        fetcher: Fetcher,
        *,
        classifier: Classifier,
        limits: Limits,
        run_id: str,
    ) -> None:
        super().__init__(source, archive, catalog, classifier=classifier, limits=limits, run_id=run_id)
        self._fetcher = fetcher
        self._claimed: set[str] = set()
        self._lock = threading.Lock()

    def reserve(self, urls: Iterable[str]) -> None:
        """Keep addresses from being taken as attachments: they are listed themselves."""
        self._claimed.update(urls)

    def files(
        self, page: Link, found: dict[str, str], page_sha256: str, keep_page: Callable[[], object]
    ) -> tuple[tuple[ListingRow, ...], tuple[str, ...]]:
        """Take the files that a page links.

        Args:
            page: The page.
            found: Addresses and texts.
            page_sha256: Content of the page.
            keep_page: Called before anything of a file is kept: the record of a page comes before those of its files.
        """
        rows: list[ListingRow] = []
        warnings: list[str] = []
        self._follow(page, found, page_sha256, _MOST_DEPTH, rows, warnings, keep_page)
        return tuple(rows), tuple(warnings)

    def pictures(
        self, page: Link, found: tuple[str, ...], page_sha256: str
    ) -> tuple[tuple[ListingRow, ...], tuple[str, ...]]:
        """Take the pictures that a page shows; one that cannot be had is a warning, for most are only decoration."""
        rules = self.classifier.links.pictures
        warnings = []
        if len(found) > rules.at_most:
            warnings.append(f"{page.url} shows {len(found)} pictures; only the first {rules.at_most} are taken")
        rows = []
        for url in found[: rules.at_most]:
            row = self._picture(replace(page, url=url, title="", list_url=""), page.url, page_sha256)
            rows.append(replace(row, parent_url=page.url))
            if row.fate in BROKEN or row.answer is AnswerKind.REFUSED:
                warnings.append(f"{page.url} shows a picture that is not taken: {url}: {row.reason or row.fate}")
        return tuple(rows), tuple(warnings)

    def ask(self, url: str, before: Address | None, look: Look, most: int | None = None) -> Answer:
        """Ask for an address, conditionally where its content is in the archive."""
        if before is None or not self.archive.has(before.last.sha256):
            return self._fetcher.get(url, most=most, look=look)
        return self._fetcher.get(url, Validators(before.last.etag, before.last.last_modified), most, look=look)

    def take_in(self, seen: Observation, answer: Answer, before: Address | None) -> Fate:
        """Archive an answer, keep what was seen, and say what became of it."""
        if answer.status == 304:  # the list may say another title or date of the same content
            known = last(before, seen.url)
            same = replace(seen, sha256=known.sha256, etag=known.etag, last_modified=known.last_modified)
            self.catalog.observe(replace(same, content_type=known.content_type))
            return Fate.UNCHANGED
        keep(self.archive, self.catalog, seen, answer)
        return fate_of(before, answer.sha256)

    def found(self, answer: Answer, before: Address | None, url: str) -> Finding:
        """What an answer is; of an unchanged one what the archive has."""
        if answer.finding is not None:
            return answer.finding
        return self.classifier.body(archived_page(self.archive, last(before, url).sha256), url)

    def _follow(
        self,
        page: Link,
        found: dict[str, str],
        page_sha256: str,
        depth: int,
        rows: list[ListingRow],
        warnings: list[str],
        keep_page: Callable[[], object],
    ) -> None:
        """Take files, and those that pages among them link, down to `depth`; all belong to the listed page."""
        most = self.classifier.links.attachments.at_most
        if len(found) > most:
            warnings.append(f"{page.url} links {len(found)} files; only the first {most} are taken")
        for url, text in list(found.items())[:most]:
            file = replace(page, url=url, title=text[:MAX_TITLE], list_url="")
            row = self._attachment(file, page.url, page_sha256, keep_page)
            if row.answer is AnswerKind.REFUSED:
                warnings.append(f"{url}: {row.reason}")
            rows.append(replace(row, parent_url=page.url))
            if depth > 1 and row.sha256 and is_html(body := archived_page(self.archive, row.sha256)):
                inner = self.classifier.body(body, url)
                linked = inner.targets or inner.files
                self._follow(page, linked, page_sha256, depth - 1, rows, warnings, keep_page)

    def _attachment(self, file: Link, page_url: str, page_sha256: str, keep_page: Callable[[], object]) -> ListingRow:
        if not self._claim(file.url):
            return self._passed(file, "listed itself, or linked by another page")
        try:
            check_host(file.url, self.source.hosts)
        except RefusedError as error:
            return self.row(file, Fate.SKIPPED, f"{error.code}: {error}", answer=AnswerKind.REFUSED)
        before = self.known(file.url)
        try:
            answer = self.ask(file.url, before, lambda one: self.classifier.answer(one, file.url))
            found = self.found(answer, before, file.url)
            if answer.status != 304 and found.fate is not None:
                return self.row(file, found.fate, found.reason, answer=found.kind)
            keep_page()
            seen = replace(
                self.observation(ATTACHMENT, file, answer.sha256), parent_url=page_url, page_sha256=page_sha256
            )
            fate = self.take_in(seen, answer, before)
        except GongkaiError as error:
            return self.fail(file, error)
        sha256 = answer.sha256 or last(before, file.url).sha256
        return self.row(file, fate, sha256=sha256, answer=found.kind)

    def _picture(self, picture: Link, page_url: str, page_sha256: str) -> ListingRow:
        claimed = not self._claim(picture.url)
        before = self.known(picture.url)
        if claimed or (before is not None and before.last.linked and before.last.parent_url != page_url):
            return self._passed(picture, "shown by another page as well")
        try:
            check_host(picture.url, self.source.hosts)
        except RefusedError as error:
            return self.row(picture, Fate.SKIPPED, f"{error.code}: {error}", answer=AnswerKind.REFUSED)
        try:
            answer = self.ask(picture.url, before, self.classifier.picture, self.classifier.links.pictures.most_bytes)
            found = answer.finding
            if found is not None and found.fate is not None:
                return self.row(picture, found.fate, found.reason, answer=found.kind)
            seen = self.observation(PICTURE, picture, answer.sha256)
            fate = self.take_in(replace(seen, parent_url=page_url, page_sha256=page_sha256), answer, before)
        except GongkaiError as error:
            return self.fail(picture, error)
        sha256 = answer.sha256 or last(before, picture.url).sha256
        return self.row(picture, fate, sha256=sha256, answer=AnswerKind.PICTURE)

    def _claim(self, url: str) -> bool:
        """Take an address for oneself; False where somebody has it."""
        with self._lock:
            is_free = url not in self._claimed
            self._claimed.add(url)
        return is_free

    def _passed(self, link: Link, reason: str) -> ListingRow:
        return self.row(link, Fate.SKIPPED, reason, answer=AnswerKind.NOT_ASKED)


def last(before: Address | None, url: str) -> Observation:
    """What was seen last at an address.

    Raises:
        SourceError: Nothing was.
    """
    if before is None:
        raise SourceError("the portal says unchanged (304) of what was not asked for conditionally", where=url)
    return before.last
