"""Takes what a portal lists: pages with the files they link, and the list pages themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from gongkai.archive.answers import AnswerKind
from gongkai.archive.catalog import LIST, PAGE, Address, Observation
from gongkai.archive.log import Fate, ListingRow, now
from gongkai.errors import GongkaiError
from gongkai.sources.adapter import Adapter, ListPage, adapter_of
from gongkai.sources.answer import Answer
from gongkai.sources.failures import kind_of
from gongkai.sources.finding import Finding
from gongkai.sources.guard import RefusedError
from gongkai.sources.keeping import keep
from gongkai.sources.links import Link
from gongkai.sources.list_judge import read_list
from gongkai.sources.take import NEWS, Outcome
from gongkai.sources.take_files import BROKEN, FileTaker, last


class PortalTaker(FileTaker):
    """Takes the pages of a portal; made like a FileTaker, safe to use from several threads."""

    @cached_property
    def adapter(self) -> Adapter:
        """Reads the source's lists."""
        return adapter_of(self.source, self.classifier.links, self.limits)

    def list_page(self, url: str) -> ListPage:
        """Return a list page as read, from the archive where the portal says that it has not changed.

        Raises:
            GongkaiError: It cannot be had, or it is an error or block page.
        """
        read: list[ListPage | GongkaiError] = []

        def look(answer: Answer) -> Finding:
            try:
                read.append(read_list(answer, url, self.adapter, self.classifier))
            except GongkaiError as error:
                read.append(error)
                return Finding(kind_of(error), str(error))
            return Finding(AnswerKind.LIST)

        post = self.adapter.post(url)
        if post is not None:
            self._fetcher.get(url, look=look, post=post)
            return _read(read)
        before = self.known(url)
        answer = self.ask(url, before, look)
        if answer.status == 304:
            return self.adapter.read(self.archive.get(last(before, url).sha256), url)
        page = _read(read)
        if answer.validators.headers():  # without validators it will never be asked for conditionally
            link = Link(url, "", None, None, None, "")
            keep(self.archive, self.catalog, self.observation(LIST, link, answer.sha256), answer)
        return page

    def take(self, link: Link) -> Outcome:
        """Fetch a listed link and the files it links; a page that only leads to another is followed."""
        before = self.known(link.url)
        try:
            answer = self.ask(link.url, before, lambda one: self.classifier.answer(one, link.url))
            found = self.found(answer, before, link.url)
            if answer.status != 304 and found.fate is not None:
                return Outcome(self.row(link, found.fate, found.reason, answer=found.kind))
            page = _Page(self, self.observation(PAGE, link, answer.sha256), answer, before)
            sha256 = answer.sha256 or last(before, link.url).sha256
            linked = found.targets or found.files
            if not found.targets:
                page.keep()
            rows, warnings = self.files(link, linked, sha256, page.keep)
            if found.targets and not any(row.sha256 for row in rows):
                self._forget(link, {*linked, *(row.url for row in rows)}, rows)
                return Outcome(self._lost(link, rows), rows, warnings)
            fate = page.keep()
        except GongkaiError as error:
            return Outcome(self._failed(link, error))
        pictures, unseen = self.pictures(link, found.pictures, sha256)
        fate, reason = _joined(fate, rows)
        if fate is Fate.UNCHANGED and any(row.fate in NEWS for row in pictures):
            fate, reason = Fate.REVISED, "a picture that it shows is new or changed"
        self._forget(link, {*linked, *(row.url for row in (*rows, *pictures))}, rows)
        row = self.row(link, fate, reason, sha256, found.kind)
        return Outcome(row, (*rows, *pictures), (*warnings, *unseen))

    def _failed(self, link: Link, error: GongkaiError) -> ListingRow:
        """The row of a link that failed; what redirects to a login elsewhere says so."""
        row = self.fail(link, error)
        if not isinstance(error, RefusedError) or error.where == link.url:
            return row
        led = self.classifier.led_to(error.where)
        return replace(row, answer=led) if led is AnswerKind.LOGIN else row

    def _forget(self, page: Link, linked: set[str], files: Iterable[ListingRow]) -> None:
        """Note which of the files and pictures known a page has no longer."""
        if not any(row.fate in BROKEN for row in files):  # a page that failed does not say what it links
            for gone in self.catalog.attachments(self.source.name, page.url):
                if gone.url not in linked:
                    self.catalog.observe(replace(gone, at=now(), run_id=self.run_id, linked=False))

    def _lost(self, link: Link, rows: Iterable[ListingRow]) -> ListingRow:
        """The row of a page without text that leads to nothing that could be taken; its class is that of its end."""
        rows = list(rows)
        where = "; ".join(f"{row.url}: {row.reason or row.fate}" for row in rows)
        worst = next((row for fate in (Fate.FAILED, Fate.BLOCKED) for row in rows if row.fate is fate), None)
        end = worst or (rows[0] if rows else None)
        return self.row(
            link,
            worst.fate if worst else Fate.NOT_A_REPORT,
            f"a page without text: a redirect or a shell, which leads to {where}",
            answer=end.answer if end else AnswerKind.SHELL,
        )


class _Page:
    """A listed page that is kept once, when it is known that there is something in it."""

    def __init__(self, taker: FileTaker, seen: Observation, answer: Answer, before: Address | None) -> None:
        self._taker, self._seen, self._answer, self._before = taker, seen, answer, before
        self._fate: Fate | None = None

    def keep(self) -> Fate:
        if self._fate is None:
            self._fate = self._taker.take_in(self._seen, self._answer, self._before)
        return self._fate


def _read(found: list[ListPage | GongkaiError]) -> ListPage:
    (page,) = found
    if isinstance(page, GongkaiError):
        raise page
    return page


def _joined(fate: Fate, files: Iterable[ListingRow]) -> tuple[Fate, str]:
    """The fate of a page with its files: a file that failed fails the report, one that changed revises it."""
    broken = [row for row in files if row.fate in BROKEN]
    if broken:
        worst = Fate.BLOCKED if all(row.fate is Fate.BLOCKED for row in broken) else Fate.FAILED
        return worst, "; ".join(f"its file {row.url}: {row.reason}" for row in broken)
    if fate is Fate.UNCHANGED and any(row.fate in NEWS for row in files):
        return Fate.REVISED, "a file that it links is new or changed"
    return fate, ""
