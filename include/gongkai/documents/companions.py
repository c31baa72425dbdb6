"""Files that a document names and that came with it: pictures beside a saved page, in its archive, in its MHTML."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from gongkai.settings import Limits

Companions = Callable[[str], bytes | None]
"""Gives the bytes of a file by the address that the document names it with; None for what did not come with it."""

_LONGEST = 1000


def none(_address: str) -> bytes | None:
    """Nothing came with the document."""
    return None


def beside(file: Path, limits: Limits) -> Companions:
    """Give the files in the folder of a page, and below it, that the page names by a relative address.

    A page is not trusted: absolute addresses, those that lead up and out of the folder, links of the file system that
    do, and what is no plain file or larger than the limits are not read.
    """
    folder = file.parent
    left = limits.part_bytes

    def find(address: str) -> bytes | None:
        nonlocal left
        below = _below(address)
        if below is None:
            return None
        try:
            root = folder.resolve()
            path = (root / below).resolve()
            if not path.is_relative_to(root) or not path.is_file():
                return None
            with path.open("rb") as opened:
                data = opened.read(left + 1)
        except (OSError, ValueError):
            return None
        if len(data) > left:
            return None
        left -= len(data)
        return data

    return find


def among(members: Mapping[str, bytes], page: str) -> Companions:
    """Give the members of an archive that a page in it names by a relative address."""
    folder = posixpath.dirname(page)

    def find(address: str) -> bytes | None:
        below = _below(address)
        return None if below is None else members.get(posixpath.join(folder, below))

    return find


def _below(address: str) -> str | None:
    """Return a relative address as a path that leads no folder up; None for every other address."""
    if len(address) > _LONGEST:
        return None
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return None
    path = unquote(parts.path).replace("\\", "/")
    if parts.scheme or parts.netloc or not path or path.startswith("/") or "\0" in path or ":" in path:
        return None
    path = posixpath.normpath(path)
    return None if ".." in PurePosixPath(path).parts or path == "." else path
