"""What is known of every address now, replayed from the observations that runs appended.

One row is written only when something about an address changed, in a file of the run's own: runs of other years may
collect the same source at the same time, also on an object store, without overwriting each other.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from gongkai.archive.lines import LineWriter, read_lines
from gongkai.archive.store import Archive

LIST, PAGE, ATTACHMENT, PICTURE = "list", "page", "attachment", "picture"
"""Kinds of address: a list page, a listed report (page or file), a file that such a page links, a picture it shows."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one fetch saw at one address.

    Attributes:
        at: When, UTC.
        run_id: The run that saw it.
        source: Its source.
        kind: "list", "page", "attachment" or "picture".
        url: The address as linked.
        sha256: Content, in the archive.
        title: Title as listed; for an attachment the text of its link.
        listed_date: Date printed beside the link.
        listed_year: Report year named by the title.
        hint_year: Guess where no title names a year: the year before the listed date.
        parent_url: Page that links an attachment or shows a picture.
        page_sha256: Content of that page.
        etag: Validator of the content.
        last_modified: Validator of the content.
        content_type: As the server said.
        linked: False when a page no longer links this attachment.
    """

    at: datetime
    run_id: str
    source: str
    kind: str
    url: str
    sha256: str
    title: str = ""
    listed_date: date | None = None
    listed_year: int | None = None
    hint_year: int | None = None
    parent_url: str | None = None
    page_sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    content_type: str = ""
    linked: bool = True

    def says(self) -> tuple[object, ...]:
        """What makes it differ from another observation: all but when and by whom it was seen."""
        return (
            *(self.kind, self.sha256, self.title, self.listed_date, self.listed_year, self.hint_year),
            *(self.parent_url, self.etag, self.last_modified, self.content_type, self.linked),
        )

    def pack(self) -> bytes:
        """Write it as short as may be, without source and address."""
        return json.dumps(
            [
                *(self.at.isoformat(), self.run_id, self.kind, self.sha256, self.title),
                *(self.listed_date and self.listed_date.isoformat(), self.listed_year, self.hint_year),
                *(self.parent_url, self.page_sha256, self.etag, self.last_modified, self.content_type, self.linked),
            ],
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode()

    @classmethod
    def unpack(cls, source: str, url: str, data: bytes) -> Observation:
        """Read what `pack` wrote."""
        at, run_id, kind, sha256, title, day, *more = json.loads(data)
        listed = date.fromisoformat(day) if day else None
        return cls(datetime.fromisoformat(at), run_id, source, kind, url, sha256, title, listed, *more)


@dataclass(frozen=True, slots=True)
class Content:
    """One content seen at an address, and when it was first seen there; neither changes afterwards."""

    sha256: str
    first_seen: datetime
    content_type: str
    page_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """All that is known of one address: its contents in order of first sight, and the last observation."""

    contents: tuple[Content, ...]
    last: Observation


@dataclass(frozen=True, slots=True)
class Entry:
    """One content at one address: what the extract stage asks for.

    Attributes:
        source: Name of the source.
        url: Address as linked ("folder:<path>" for a local folder).
        title: Title as listed last; for an attachment the text of its link.
        listed_date: Date printed beside the link.
        listed_year: Report year that the title names; None where it names none.
        hint_year: A guess for those: the year before the listed date.
        sha256: The content.
        first_seen: When it was first seen at this address, UTC; never changes.
        content_type: As the server said then.
        parent_url: Page that links this attachment; None for listed links.
        page_sha256: Content of that page then.
        revision_no: 1 for the first content of the address, counted up.
        is_current: It is what the address gave last (and the page still links the attachment).
        is_picture: It is a picture that the page shows: part of the page, no document of its own.
        unlinked: When its page was first seen without it, for an attachment or picture that it has no longer.
    """

    source: str
    url: str
    title: str
    listed_date: date | None
    listed_year: int | None
    hint_year: int | None
    sha256: str
    first_seen: datetime
    content_type: str
    parent_url: str | None
    page_sha256: str | None
    revision_no: int
    is_current: bool
    is_picture: bool = False
    unlinked: datetime | None = None


class Catalog:
    """What is known of every address of one or all sources; observations may come in any order."""

    def __init__(self, observations: Iterable[Observation] = ()) -> None:
        # Packed: portals list a hundred thousand addresses, and of most only one content was ever seen.
        self._addresses: dict[str, dict[str, bytes | tuple[tuple[Content, ...], bytes]]] = {}
        self._linked: dict[tuple[str, str], set[str]] = {}
        for observation in observations:
            self.observe(observation)

    @classmethod
    def load(cls, archive: Archive, source: str = "") -> Catalog:
        """Replay the observations of one source, or of all."""
        return cls(read_lines(archive, "catalog", Observation, source=source))

    def observe(self, seen: Observation) -> bool:
        """Take in an observation; return whether it says anything new."""
        known = self.get(seen.source, seen.url)
        if known and known.last.says() == seen.says() and seen.at >= known.contents[0].first_seen:
            return False
        content = Content(seen.sha256, seen.at, seen.content_type, seen.page_sha256)
        contents = known.contents if known else ()
        before = next((one for one in contents if one.sha256 == seen.sha256), None)
        if before is None or content.first_seen < before.first_seen:
            others = (one for one in contents if one is not before)
            contents = tuple(sorted((*others, content), key=lambda one: one.first_seen))
        last = known.last if known and (known.last.at, known.last.run_id) > (seen.at, seen.run_id) else seen
        packed = last.pack()
        self._addresses.setdefault(seen.source, {})[seen.url] = (
            packed if contents == (content,) and last is seen else (contents, packed)
        )
        if seen.parent_url is not None:
            self._linked.setdefault((seen.source, seen.parent_url), set()).add(seen.url)
        return True

    def get(self, source: str, url: str) -> Address | None:
        """Return what is known of an address."""
        kept = self._addresses.get(source, {}).get(url)
        if kept is None:
            return None
        contents, packed = kept if isinstance(kept, tuple) else ((), kept)
        last = Observation.unpack(source, url, packed)
        if not contents:
            contents = (Content(last.sha256, last.at, last.content_type, last.page_sha256),)
        return Address(contents, last)

    def attachments(self, source: str, parent_url: str) -> list[Observation]:
        """Return the last observation of each attachment and picture that a page has now, by address."""
        known = (self.get(source, url) for url in sorted(self._linked.get((source, parent_url), ())))
        last = [address.last for address in known if address]
        return [seen for seen in last if seen.parent_url == parent_url and seen.linked]

    def entries(self, year: int | None = None) -> list[Entry]:
        """Return every content of every report page and attachment, by source, address and revision.

        Args:
            year: Only those that may be reports of this year: listed under it, guessed to be of it, or without any
                year. What a document says of its year is for the extract stage to find out.
        """
        return [entry for entry in self._entries() if year is None or _may_be_of(entry, year)]

    def _entries(self) -> Iterator[Entry]:
        for source, url in sorted((source, url) for source, urls in self._addresses.items() for url in urls):
            address = self.get(source, url)
            if address is None or address.last.kind == LIST:
                continue
            last = address.last
            for number, content in enumerate(address.contents, start=1):
                yield Entry(
                    source=source,
                    url=url,
                    title=last.title,
                    listed_date=last.listed_date,
                    listed_year=last.listed_year,
                    hint_year=last.hint_year,
                    sha256=content.sha256,
                    first_seen=content.first_seen,
                    content_type=content.content_type,
                    parent_url=last.parent_url,
                    page_sha256=content.page_sha256,
                    revision_no=number,
                    is_current=last.linked and content.sha256 == last.sha256,
                    is_picture=last.kind == PICTURE,
                    unlinked=None if last.linked else last.at,
                )


def _may_be_of(entry: Entry, year: int) -> bool:
    return year == entry.listed_year or (entry.listed_year is None and entry.hint_year in {None, year})


class CatalogWriter:
    """A catalog that appends what it learns to catalog/<run_id>/<source>.jsonl; safe to use from several threads."""

    def __init__(self, archive: Archive, *, run_id: str, source: str) -> None:
        self._catalog = Catalog.load(archive, source)
        self._writer = LineWriter(archive, "catalog", Observation, run_id=run_id, source=source, precious=True)
        self._lock = threading.Lock()

    def get(self, source: str, url: str) -> Address | None:
        """Return what is known of an address."""
        with self._lock:
            return self._catalog.get(source, url)

    def attachments(self, source: str, parent_url: str) -> list[Observation]:
        """Return the last observation of each attachment that a page links now, by address."""
        with self._lock:
            return self._catalog.attachments(source, parent_url)

    def observe(self, seen: Observation) -> bool:
        """Take in an observation, keep it where it says anything new, and return whether it does."""
        with self._lock:
            news = self._catalog.observe(seen)
        if news:
            self._writer.add(seen)
        return news

    def close(self) -> None:
        """Write what waits, and forget the rest."""
        self._writer.close()
        self._catalog = Catalog()
