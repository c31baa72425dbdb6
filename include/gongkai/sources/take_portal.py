"""Takes what a portal lists: pages, the files they link, and the list pages themselves."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace

from gongkai.archive.catalog import ATTACHMENT, LIST, PAGE, PICTURE, Address, CatalogWriter, Observation
from gongkai.archive.log import Fate, ListingRow, now
from gongkai.archive.store import Archive
from gongkai.errors import GongkaiError, SourceError
from gongkai.settings import Limits
from gongkai.sources.adapter import adapter_of
from gongkai.sources.answer import Answer, Validators
from gongkai.sources.guard import RefusedError, check_host
from gongkai.sources.http import Fetcher
from gongkai.sources.keeping import archived_page, keep, page_of
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import MAX_TITLE, Link
from gongkai.sources.list_judge import refuse_error_page
from gongkai.sources.model import Source
from gongkai.sources.pages import (
    NO_TEXT,
    attachment_links,
    is_html,
    is_picture,
    judge,
    parse,
    picture_links,
    shell_targets,
)
from gongkai.sources.take import NEWS, Outcome, Taker, fate_of

_MOST_DEPTH = 3
"""A listed page may lead to a page that frames a page that links the file; what stands deeper is left."""

_BROKEN = frozenset({Fate.BLOCKED, Fate.FAILED, Fate.NOT_A_REPORT})


class PortalTaker(Taker):
    """Takes the pages and files of a portal; safe to use from several threads.

    Args:
        source: The source.
        archive: Where contents go.
        catalog: What is known.
        fetcher: Asks the portal.
        rules: How pages are told from error pages, and attachments from other links.
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
        rules: LinkRules,
        limits: Limits,
        run_id: str,
    ) -> None:
        super().__init__(source, archive, catalog, rules=rules, limits=limits, run_id=run_id)
        self.adapter = adapter_of(source, rules, limits)
        self._fetcher = fetcher
        self._claimed: set[str] = set()
        self._lock = threading.Lock()

    def reserve(self, urls: Iterable[str]) -> None:
        """Keep addresses from being taken as attachments: they are listed themselves."""
        self._claimed.update(urls)

    def list_page(self, url: str) -> bytes:
        """Return the body of a list page, from the archive where the portal says it has not changed.

        Raises:
            GongkaiError: It cannot be had, or it is an error or block page.
        """
        before = self.known(url)
        answer = self._ask(url, before)
        if answer.status == 304:
            return self.archive.get(_last(before, url).sha256)
        body = answer.body  # all of it: lists of JSON and sitemaps are no HTML
        refuse_error_page(body, url, self.adapter, self.rules, self.limits)
        if answer.validators.headers():  # without validators it will never be asked for conditionally
            page = Link(url, "", None, None, None, "")
            keep(self.archive, self.catalog, self.observation(LIST, page, answer.sha256), answer)
        return body

    def take(self, link: Link) -> Outcome:
        """Fetch a listed link and the files it links; a page that only leads to another is followed."""
        before = self.known(link.url)
        try:
            answer = self._ask(link.url, before)
            seen = self.observation(PAGE, link, answer.sha256)
            sha256 = answer.sha256 or _last(before, link.url).sha256
            body = page_of(answer) if answer.status == 200 else archived_page(self.archive, sha256)
            targets = self._targets(body, link.url)
            if targets:
                rows, warnings = self._attachments(link, targets, sha256)
                self._forget(link, {*targets, *(row.url for row in rows)}, rows)
                if not any(row.sha256 for row in rows):
                    return Outcome(self.row(link, *_lost(rows)), rows, warnings)
                fate, reason = self._archive(seen, answer, before)
            else:
                fate, reason = self._take_in(seen, answer, before)
                if fate in _BROKEN:
                    return Outcome(self.row(link, fate, reason))
                targets = self._linked(body, link.url)
                rows, warnings = self._attachments(link, targets, sha256)
        except GongkaiError as error:
            return Outcome(self.fail(link, error))
        pictures, unseen = self._pictures(link, body, sha256)
        fate, reason = _joined(fate, rows)
        if fate is Fate.UNCHANGED and any(row.fate in NEWS for row in pictures):
            fate, reason = Fate.REVISED, "a picture that it shows is new or changed"
        self._forget(link, {*targets, *(row.url for row in (*rows, *pictures))}, rows)
        return Outcome(self.row(link, fate, reason, sha256), (*rows, *pictures), (*warnings, *unseen))

    def _targets(self, body: bytes, url: str) -> dict[str, str]:
        """Where a page without text of its own leads; what a page that cannot be parsed is, is judged later."""
        found = judge(body, url, self.rules, self.limits)
        if found.fate is not None and found.reason != NO_TEXT:
            return {}
        try:
            return shell_targets(body, url, self.rules, self.limits)
        except GongkaiError:
            return {}

    def _linked(self, body: bytes, url: str) -> dict[str, str]:
        return dict(attachment_links(parse(body, url, self.limits), url, self.rules)) if is_html(body) else {}

    def _attachments(
        self, page: Link, found: dict[str, str], page_sha256: str
    ) -> tuple[tuple[ListingRow, ...], tuple[str, ...]]:
        """Take the files that a page links."""
        rows: list[ListingRow] = []
        warnings: list[str] = []
        self._follow(page, found, page_sha256, _MOST_DEPTH, rows, warnings)
        return tuple(rows), tuple(warnings)

    def _forget(self, page: Link, linked: set[str], files: Iterable[ListingRow]) -> None:
        """Note which of the files and pictures known a page has no longer."""
        if not any(row.fate in _BROKEN for row in files):  # a page that failed does not say what it links
            for gone in self.catalog.attachments(self.source.name, page.url):
                if gone.url not in linked:
                    self.catalog.observe(replace(gone, at=now(), run_id=self.run_id, linked=False))

    def _pictures(self, page: Link, body: bytes, page_sha256: str) -> tuple[tuple[ListingRow, ...], tuple[str, ...]]:
        """Take the pictures that a page shows; one that cannot be had is a warning, for most are only decoration."""
        if not is_html(body):
            return (), ()
        rules = self.rules.pictures
        found = list(picture_links(parse(body, page.url, self.limits), page.url, self.rules))
        warnings = []
        if len(found) > rules.at_most:
            warnings.append(f"{page.url} shows {len(found)} pictures; only the first {rules.at_most} are taken")
        rows = []
        for url in found[: rules.at_most]:
            row = self._picture(replace(page, url=url, title="", list_url=""), page.url, page_sha256)
            rows.append(replace(row, parent_url=page.url))
            if row.fate in _BROKEN or (row.fate is Fate.SKIPPED and row.reason.startswith(RefusedError.code)):
                warnings.append(f"{page.url} shows a picture that is not taken: {url}: {row.reason or row.fate}")
        return tuple(rows), tuple(warnings)

    def _picture(self, picture: Link, page_url: str, page_sha256: str) -> ListingRow:
        with self._lock:
            claimed = picture.url in self._claimed
            self._claimed.add(picture.url)
        before = self.known(picture.url)
        if claimed or (before is not None and before.last.linked and before.last.parent_url != page_url):
            return self.row(picture, Fate.SKIPPED, "shown by another page as well")
        try:
            check_host(picture.url, self.source.hosts)
        except RefusedError as error:
            return self.row(picture, Fate.SKIPPED, f"{error.code}: {error}")
        try:
            answer = self._ask(picture.url, before, self.rules.pictures.most_bytes)
            if answer.status != 304 and not is_picture(answer.body):
                return self.row(picture, Fate.NOT_A_REPORT, "no picture")
            seen = self.observation(PICTURE, picture, answer.sha256)
            fate, reason = self._archive(replace(seen, parent_url=page_url, page_sha256=page_sha256), answer, before)
        except GongkaiError as error:
            return self.fail(picture, error)
        return self.row(picture, fate, reason, answer.sha256 or _last(before, picture.url).sha256)

    def _follow(
        self,
        page: Link,
        found: dict[str, str],
        page_sha256: str,
        depth: int,
        rows: list[ListingRow],
        warnings: list[str],
    ) -> None:
        """Take files, and those that pages among them link, down to `depth`; all belong to the listed page."""
        most = self.rules.attachments.at_most
        if len(found) > most:
            warnings.append(f"{page.url} links {len(found)} files; only the first {most} are taken")
        for url, text in list(found.items())[:most]:
            file = replace(page, url=url, title=text[:MAX_TITLE], list_url="")
            row = self._attachment(file, page.url, page_sha256)
            if row.fate is Fate.SKIPPED and row.reason.startswith(RefusedError.code):
                warnings.append(f"{url}: {row.reason}")
            rows.append(replace(row, parent_url=page.url))
            if depth > 1 and row.sha256 and is_html(body := archived_page(self.archive, row.sha256)):
                inner = self._targets(body, url) or self._linked(body, url)
                self._follow(page, inner, page_sha256, depth - 1, rows, warnings)

    def _attachment(self, file: Link, page_url: str, page_sha256: str) -> ListingRow:
        with self._lock:
            claimed = file.url in self._claimed
            self._claimed.add(file.url)
        if claimed:
            return self.row(file, Fate.SKIPPED, "listed itself, or linked by another page")
        try:
            check_host(file.url, self.source.hosts)
        except RefusedError as error:
            return self.row(file, Fate.SKIPPED, f"{error.code}: {error}")
        before = self.known(file.url)
        try:
            answer = self._ask(file.url, before)
            seen = self.observation(ATTACHMENT, file, answer.sha256)
            seen = replace(seen, parent_url=page_url, page_sha256=page_sha256)
            is_shell = answer.status == 200 and bool(self._targets(page_of(answer), file.url))
            fate, reason = (self._archive if is_shell else self._take_in)(seen, answer, before)
        except GongkaiError as error:
            return self.fail(file, error)
        return self.row(
            file, fate, reason, None if fate in _BROKEN else answer.sha256 or _last(before, file.url).sha256
        )

    def _ask(self, url: str, before: Address | None, most: int | None = None) -> Answer:
        """Ask for an address, conditionally where its content is in the archive."""
        if before is None or not self.archive.has(before.last.sha256):
            return self._fetcher.get(url, most=most)
        return self._fetcher.get(url, Validators(before.last.etag, before.last.last_modified), most)

    def _take_in(self, seen: Observation, answer: Answer, before: Address | None) -> tuple[Fate, str]:
        """Archive an answer unless it is an error or block page, keep what was seen, and say what became of it."""
        if answer.status != 304:
            found = judge(page_of(answer), seen.url, self.rules, self.limits)
            if found.fate is not None:
                return found.fate, found.reason
        return self._archive(seen, answer, before)

    def _archive(self, seen: Observation, answer: Answer, before: Address | None) -> tuple[Fate, str]:
        """Archive an answer, keep what was seen, and say what became of it."""
        if answer.status == 304:  # the list may say another title or date of the same content
            last = _last(before, seen.url)
            same = replace(seen, sha256=last.sha256, etag=last.etag, last_modified=last.last_modified)
            self.catalog.observe(replace(same, content_type=last.content_type))
            return Fate.UNCHANGED, ""
        keep(self.archive, self.catalog, seen, answer)
        return fate_of(before, answer.sha256), ""


def _last(before: Address | None, url: str) -> Observation:
    if before is None:
        raise SourceError("the portal says unchanged (304) of what was not asked for conditionally", where=url)
    return before.last


def _lost(rows: Iterable[ListingRow]) -> tuple[Fate, str]:
    """The fate of a page without text that leads to nothing that could be taken."""
    rows = list(rows)
    where = "; ".join(f"{row.url}: {row.reason or row.fate}" for row in rows)
    fates = {row.fate for row in rows}
    worst = next((fate for fate in (Fate.FAILED, Fate.BLOCKED) if fate in fates), Fate.NOT_A_REPORT)
    return worst, f"a page without text: a redirect or a shell, which leads to {where}"


def _joined(fate: Fate, files: Iterable[ListingRow]) -> tuple[Fate, str]:
    """The fate of a page with its files: a file that failed fails the report, one that changed revises it."""
    broken = [row for row in files if row.fate in _BROKEN]
    if broken:
        worst = Fate.BLOCKED if all(row.fate is Fate.BLOCKED for row in broken) else Fate.FAILED
        return worst, "; ".join(f"its file {row.url}: {row.reason}" for row in broken)
    if fate is Fate.UNCHANGED and any(row.fate in NEWS for row in files):
        return Fate.REVISED, "a file that it links is new or changed"
    return fate, ""
