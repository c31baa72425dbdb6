"""Takes one listed link: archives what is there, keeps the catalog, and says what became of the link."""

from __future__ import annotations

from dataclasses import dataclass

from gongkai.archive.answers import AnswerKind
from gongkai.archive.catalog import PAGE, Address, CatalogWriter, Observation
from gongkai.archive.log import Fate, ListingRow, now
from gongkai.archive.provenance import Provenance, keep_provenance
from gongkai.archive.store import Archive
from gongkai.errors import BlockedError, GongkaiError
from gongkai.settings import Limits
from gongkai.sources.classify import Classifier
from gongkai.sources.failures import kind_of
from gongkai.sources.folder import FolderFile, read_file
from gongkai.sources.links import Link
from gongkai.sources.model import Source

NEWS = frozenset({Fate.NEW, Fate.REVISED})


@dataclass(frozen=True)
class Outcome:
    """What became of a listed link: its row, those of its attachments, and what looked odd."""

    row: ListingRow
    attachments: tuple[ListingRow, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def has_news(self) -> bool:
        """Something new was archived."""
        return any(row.fate in NEWS for row in (self.row, *self.attachments))


class Taker:
    """Archives contents and keeps the catalog, for one source in one run.

    Args:
        source: The source.
        archive: Where contents go.
        catalog: What is known.
        classifier: Says what answers are, and which files a page links.
        limits: Bounds of pages and files.
        run_id: The run.
    """

    def __init__(
        self,
        source: Source,
        archive: Archive,
        catalog: CatalogWriter,
        *,
        classifier: Classifier,
        limits: Limits,
        run_id: str,
    ) -> None:
        self.source, self.archive, self.catalog = source, archive, catalog
        self.classifier, self.limits, self.run_id = classifier, limits, run_id

    def row(
        self,
        link: Link,
        fate: Fate,
        reason: str = "",
        sha256: str | None = None,
        answer: AnswerKind | None = None,
    ) -> ListingRow:
        """Make the row of a link."""
        return ListingRow(
            at=now(),
            run_id=self.run_id,
            source=self.source.name,
            url=link.url,
            title=link.title,
            fate=fate,
            reason=reason,
            listed_date=link.listed_date,
            listed_year=link.listed_year,
            list_url=link.list_url,
            sha256=sha256,
            answer=answer,
        )

    def skip(self, link: Link, reason: str) -> Outcome:
        """Pass over a link."""
        return Outcome(self.row(link, Fate.SKIPPED, reason, answer=AnswerKind.NOT_ASKED))

    def fail(self, link: Link, error: GongkaiError) -> ListingRow:
        """Make the row of a link that could not be taken."""
        fate = Fate.BLOCKED if isinstance(error, BlockedError) else Fate.FAILED
        return self.row(link, fate, f"{error.code}: {error}", answer=kind_of(error))

    def observation(self, kind: str, link: Link, sha256: str) -> Observation:
        """Say what was seen at a link's address."""
        return Observation(
            at=now(),
            run_id=self.run_id,
            source=self.source.name,
            kind=kind,
            url=link.url,
            sha256=sha256,
            title=link.title,
            listed_date=link.listed_date,
            listed_year=link.listed_year,
            hint_year=link.hint_year,
        )

    def known(self, url: str) -> Address | None:
        """What is known of an address of this source."""
        return self.catalog.get(self.source.name, url)


class FolderTaker(Taker):
    """Takes the files of a folder."""

    def take(self, file: FolderFile) -> Outcome:
        """Archive a file."""
        try:
            data = read_file(file.path, self.limits.file_bytes)
        except GongkaiError as error:
            return Outcome(self.fail(file.link, error))
        found = self.classifier.body(data, file.link.url)
        before = self.known(file.link.url)
        sha256, moment = self.archive.put(data), now()
        keep_provenance(
            self.archive,
            Provenance(
                sha256=sha256,
                size=len(data),
                source=self.source.name,
                url=file.link.url,
                final_url=file.path.resolve().as_uri(),
                run_id=self.run_id,
                sent=moment,
                received=moment,
                title=file.link.title,
                listed_date=file.link.listed_date,
            ),
        )
        self.catalog.observe(self.observation(PAGE, file.link, sha256))
        return Outcome(self.row(file.link, fate_of(before, sha256), sha256=sha256, answer=found.kind))


def fate_of(before: Address | None, sha256: str) -> Fate:
    """Compare a content with what its address gave last."""
    if before is None:
        return Fate.NEW
    return Fate.UNCHANGED if before.last.sha256 == sha256 else Fate.REVISED
