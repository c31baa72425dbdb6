"""What tests of the shared test portal have in common: its sites, and what of its corpus must be in an archive."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gongkai.archive.answers import AnswerKind
from gongkai.archive.catalog import Catalog
from gongkai.archive.log import ListingRow, read_listings, read_requests
from gongkai.archive.store import Archive
from gongkai.settings import ROOT

SHARED = ROOT.parent / "shared"
HAS_PORTAL = (SHARED / "tools" / "portal.py").is_file()
LISTS = {
    "site1": {"html_list": "/site1/zwgk/gknb/index.html"},
    "site2": {"html_list": "/site2/zwgk/gknb/index.html"},
    "site3": {"json_list": "/site3/api/list?page=1&size=15"},
}
"""Each site's adapter and first page: a list, a table, an API."""


_BOMBS: list[bytes] = []
"""Made once: it takes seconds."""


@dataclass
class SharedPortal:
    """The portal as it runs in this process.

    Attributes:
        site: Its own object.
        url: Its address.
        log: The file of its log.
    """

    site: Any
    url: str
    log: Path
    read: int = field(default=0)

    def prepare_bomb(self) -> bytes:
        """Return the packed document; made before a run, for the portal answers nobody while it packs."""
        if not _BOMBS:
            _BOMBS.append(self.site.bomb())
        self.site._bomb = _BOMBS[0]
        return _BOMBS[0]

    def source(self, site: str, **more: Any) -> dict[str, Any]:
        """A source of one site, as a file would say it."""
        ((adapter, path),) = LISTS[site].items()
        return {
            "name": site,
            "title": "政府信息公开年报",
            "publisher": "云岭县人民政府",
            "region": {"code": "900121", "name": "云岭县"},
            adapter: {"list_urls": [self.url + path]},
            "allow_private": True,
            **more,
        }

    def asked(self) -> list[dict[str, Any]]:
        """What the portal was asked since the last call, by its own log."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        found, self.read = lines[self.read :], len(lines)
        return [json.loads(line) for line in found]

    def documents(self, site: str) -> list[dict[str, Any]]:
        return list(self.site.sites[site])

    def is_struck(self, document: dict[str, Any]) -> bool:
        """Faults of single documents strike this one."""
        return zlib.crc32(document["file"].encode()) % 3 == 0

    def files(self, document: dict[str, Any]) -> set[str]:
        """Digests of a document's files, as they lie in the corpus."""
        names = (document["file"], *document.get("attachments", []))
        return {_sha256((self.site.dir / name).read_bytes()) for name in names}

    def contents(self, document: dict[str, Any]) -> set[str]:
        """Digests of all that the portal gives of a document: its page, its files."""
        return {_sha256(self.site.detail(document)[0])} | self.files(document)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def kept(archive: Archive) -> set[str]:
    """Digests of all that the catalog names."""
    return {entry.sha256 for entry in Catalog.load(archive).entries()}


def kinds(archive: Archive, run_id: str = "r1") -> set[AnswerKind]:
    """Kinds of what went wrong with single requests."""
    return {row.answer for row in read_requests(archive, run_id) if row.error and row.answer is not None}


def listed(archive: Archive, run_id: str = "r1") -> list[ListingRow]:
    return [row for row in read_listings(archive, run_id) if row.parent_url is None]
