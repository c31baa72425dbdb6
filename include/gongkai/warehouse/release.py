"""Release files and the pointer to the one in force.

<folder>/releases/gongkai-<release_id>.duckdb    published, read-only, never written again, name never reused
<folder>/releases/gongkai-<release_id>.dictionary.html   its dictionary, where one was written
<folder>/releases/gongkai-<release_id>.parquet/  every table as Parquet
<folder>/releases/gongkai-<release_id>.json      its manifest
<folder>/gongkai.duckdb                          symbolic link to the release in force, replaced atomically
<folder>/parquet                                 symbolic link to its Parquet
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gongkai.errors import RunError
from gongkai.lake.files import sync_folder

POINTER = "gongkai.duckdb"
PARQUET_POINTER = "parquet"
PARQUET = ".parquet"
"""Suffix, in place of .duckdb, of the folder of a release's Parquet."""
RELEASES = "releases"
BUILDING = ".building-"
DICTIONARY = ".dictionary.html"
"""Suffix, in place of .duckdb, of a release's dictionary."""
MANIFEST = ".json"
"""Suffix, in place of .duckdb, of a release's manifest."""
_PREFIX, _SUFFIX = "gongkai-", ".duckdb"
_LINKING = ".link-"
_PRUNED, _GRACE = ".pruned", 24 * 3600.0
"""Mark of the Parquet of a release that is gone, and seconds for which its readers still find it."""


@dataclass(frozen=True, slots=True)
class Release:
    """What publishing did.

    Attributes:
        release_id: The release in force now.
        path: Its file.
        changed: False when the release in force already was what the lake gives, and nothing was built.
        rows: Rows by table.
    """

    release_id: str
    path: Path
    changed: bool
    rows: dict[str, int] = field(default_factory=dict)


def pointer(folder: Path) -> Path:
    """Return the path that readers open."""
    return folder / POINTER


def release_path(folder: Path, release_id: str) -> Path:
    """Return where the file of a release stands, whether or not it exists."""
    return folder / RELEASES / f"{_PREFIX}{release_id}{_SUFFIX}"


def release_ids(folder: Path) -> list[str]:
    """Return the ids of the releases kept, oldest first."""
    found = (folder / RELEASES).glob(f"{_PREFIX}*{_SUFFIX}")
    return sorted((path.name[len(_PREFIX) : -len(_SUFFIX)] for path in found), key=number_of)


def number_of(release_id: str) -> int:
    """Return the running number at the end of a release id.

    Raises:
        RunError: It is no release id.
    """
    _, _, number = release_id.rpartition("-")
    if not number.isdecimal():
        raise RunError("no release id", found=release_id, expected="such as 20250401T030405Z-7")
    return int(number)


def next_id(last_number: int, now: datetime) -> str:
    """Make an id that was never used: the time in UTC, and a number that only grows."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{last_number + 1}"


def current_id(folder: Path) -> str | None:
    """Return the id of the release in force, None where nothing was published yet.

    Raises:
        RunError: The pointer is no link, or leads to a file that is gone.
    """
    link = pointer(folder)
    if not link.is_symlink():
        if link.exists():
            raise RunError(
                "the pointer is a file, not a link", where=str(link), do="move it away; it was not made by publish"
            )
        return None
    target = link.readlink()
    if not link.exists():
        raise RunError(
            "the pointer leads nowhere",
            where=str(link),
            found=str(target),
            do="gongkai releases use <id> of a release that is kept, or remove the link where none is",
        )
    return target.name[len(_PREFIX) : -len(_SUFFIX)]


def point_to(folder: Path, release_id: str) -> None:
    """Flip the pointer at once: a reader that opens it gets the old release or the new, never nothing.

    The pointer to the Parquet follows it.
    """
    target = release_path(folder, release_id).relative_to(folder)
    for link, leads_to in ((pointer(folder), target), (folder / PARQUET_POINTER, target.with_suffix(PARQUET))):
        aside = link.with_name(f"{_LINKING}{link.name}-{os.getpid()}-{secrets.token_hex(4)}")
        aside.symlink_to(leads_to)
        try:
            aside.replace(link)
        finally:
            aside.unlink(missing_ok=True)
    sync_folder(folder)


def seal(building: Path, target: Path) -> None:
    """Give a finished file its name for good: on disk, read-only, and never over another file.

    Raises:
        RunError: A release of that name exists, or DuckDB left a write-ahead log.
    """
    log = building.with_name(f"{building.name}.wal")
    if log.exists():
        raise RunError("the release was closed with a write-ahead log", where=str(log))
    building.chmod(0o444)
    handle = os.open(building, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    if target.exists():  # no race: the caller holds the lock of `publishing`
        raise RunError("a release of that name exists", where=str(target))
    building.rename(target)
    sync_folder(target.parent)


def prune(folder: Path, keep: int) -> list[str]:
    """Remove the oldest releases but the last `keep`, never the one in force; return the ids removed.

    A reader that has one open keeps it: the file lives until it is closed, and the Parquet that it may still ask for is
    left for a day.
    """
    current = current_id(folder)
    gone = [release_id for release_id in release_ids(folder)[: -max(keep, 1)] if release_id != current]
    for release_id in gone:
        path = release_path(folder, release_id)
        path.with_suffix(DICTIONARY).unlink(missing_ok=True)
        path.with_suffix(MANIFEST).unlink(missing_ok=True)
        if path.with_suffix(PARQUET).exists():
            (path.with_suffix(PARQUET) / _PRUNED).touch()
        path.unlink()
    return gone


@contextmanager
def publishing(folder: Path) -> Iterator[None]:
    """Hold the lock of a warehouse, and clear away what a publish that died left half built.

    Raises:
        RunError: Another process publishes.
    """
    (folder / RELEASES).mkdir(parents=True, exist_ok=True)
    with (folder / ".publish.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(
                "another process publishes into this warehouse", where=str(folder), do="wait for it to finish"
            ) from error
        clear(folder)
        yield


def clear(folder: Path) -> None:
    """Remove half-built files, and Parquet of releases pruned a day ago; only under the lock of `publishing`."""
    discard(folder.glob(f"{_LINKING}*"))
    discard((folder / RELEASES).glob(f"{BUILDING}*"))
    for path in (folder / RELEASES).glob(f"{_PREFIX}*{MANIFEST}"):
        if not path.with_suffix(_SUFFIX).exists():
            path.unlink()
    for path in (folder / RELEASES).glob(f"{_PREFIX}*{PARQUET}"):
        pruned = path / _PRUNED
        if path.with_suffix(_SUFFIX).exists() or (pruned.exists() and time.time() - pruned.stat().st_mtime < _GRACE):
            continue
        shutil.rmtree(path)


def discard(paths: Iterable[Path]) -> None:
    """Remove files, links and folders that a build left: the file itself, its write-ahead log, what it spilled."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
