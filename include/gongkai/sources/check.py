"""Lints source files without asking any portal: every file, every reason, with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gongkai.contracts.regions import Regions, holds, level_of, load_regions
from gongkai.contracts.yaml import find_errors, line_of, load_tree
from gongkai.errors import ContractError
from gongkai.sources.guard import RefusedError, check_host
from gongkai.sources.model import Agency, Region, Source
from gongkai.sources.registry import load_source

FRESH = timedelta(days=365)
"""So long a person's look at the portal is good for."""
INVENTED = "90"
"""Codes of invented regions begin with it; no table has them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a source file that needs a look."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(frozen=True)
class _File:
    """A source file that could be read; `line` finds its places again."""

    path: Path
    source: Source
    tree: Any

    def finding(self, reason: str, *place: str | int) -> Finding:
        return Finding(self.path, line_of(self.tree, place), reason)


def check_sources(folder: Path, names: Sequence[str] = (), *, today: date) -> list[Finding]:
    """Return what is wrong or odd in the source files of a folder, by file and line.

    Args:
        folder: The folder.
        names: Only findings of these sources; all are compared with each other all the same.
        today: For the age of a person's look.

    Raises:
        ContractError: A name that no file has, or no files.
    """
    paths = sorted(folder.glob("*.yml"))
    unknown = sorted(set(names) - {path.stem for path in paths})
    if unknown or not paths:
        raise ContractError(
            "no such source" if unknown else "no sources",
            where=str(folder),
            found=", ".join(unknown) or None,
            expected=", ".join(path.stem for path in paths) or "*.yml",
            do="check GONGKAI_SOURCES",
        )
    found: list[Finding] = []
    files: list[_File] = []
    for path in paths:
        errors = [_broken(path, error) for error in find_errors(path, Source)]
        if not errors:
            try:
                files.append(_File(path, load_source(path), load_tree(path)))
            except ContractError as error:
                errors = [_broken(path, error)]
        found += errors
    regions = load_regions()
    for file in files:
        found += [*_regions(file, regions), *_agencies(file), *_addresses(file), *_age(file, today)]
    found += _shared(files)
    wanted = set(names) or {path.stem for path in paths}
    return sorted((one for one in found if one.file.stem in wanted), key=lambda one: (one.file, one.line))


def _broken(path: Path, error: ContractError) -> Finding:
    line = error.where.removeprefix(f"{path}:") if error.where != str(path) else ""
    said = error.what if error.found is None or "Field required" in error.what else f"{error.what}; found {error.found}"
    return Finding(path, int(line) if line.isdigit() else 1, said)


def _regions(file: _File, regions: Regions) -> Iterator[Finding]:
    source = file.source
    yield from _region(file, regions, source.region, "region")
    for number, agency in enumerate(source.expect.agencies):
        place = ("expect", "agencies", number)
        yield from _region(file, regions, agency.region, *place)
        code = agency.region.code
        if agency.level in {"province", "city", "county"} and level_of(code) != agency.level:
            yield file.finding(f"{agency.name} is said to be of level {agency.level}, but {code} is not", *place)
        if not source.region.code.startswith(INVENTED) and not holds(source.region.code, code):
            yield file.finding(f"{agency.name} ({code}) is not within {source.region.name}", *place)


def _region(file: _File, regions: Regions, region: Region, *place: str | int) -> Iterator[Finding]:
    """What the table says of a code; invented ones are in no table."""
    known = regions.by_code.get(region.code)
    if known is None and not region.code.startswith(INVENTED):
        yield file.finding(f"no region has the code {region.code} ({region.name})", *place)
    elif known and not region.name.endswith(known.name):
        yield file.finding(f"{region.code} is the code of {known.name}, not of {region.name}", *place)


def _agencies(file: _File) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    for number, agency in enumerate(file.source.expect.agencies):
        for name in (agency.name, *agency.aliases):
            other = seen.setdefault((agency.region.code, name), agency.name)
            if other != agency.name or (name == agency.name and list(_names(file, agency)).count(name) > 1):
                yield file.finding(f"{name} stands for two agencies", "expect", "agencies", number)
                break


def _names(file: _File, agency: Agency) -> Iterator[str]:
    return (one.name for one in file.source.expect.agencies if one.region.code == agency.region.code)


def _addresses(file: _File) -> Iterator[Finding]:
    source, portal = file.source, file.source.portal
    if portal is None:
        return
    key = source.adapter
    listed = [urlsplit(url).netloc.lower() for url in portal.list_urls]
    for number, url in enumerate(portal.list_urls):
        if url in portal.list_urls[:number]:
            yield file.finding(f"{url} is listed twice", key, "list_urls", number)
        if not source.allow_private and _is_private(urlsplit(url).hostname or ""):
            yield file.finding(f"{url} is not public: it needs allow_private", key, "list_urls", number)
    for number, host in enumerate(portal.hosts):
        if host in listed or host in portal.hosts[:number]:
            yield file.finding(f"{host} is allowed already", key, "hosts", number)
    if source.json_list is not None and source.json_list.base is not None:
        try:
            check_host(source.json_list.base, source.hosts)
        except RefusedError:
            yield file.finding(
                f"{source.json_list.base} is on a host that is not allowed: add it to hosts", key, "base"
            )


def _is_private(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def _age(file: _File, today: date) -> Iterator[Finding]:
    """A person's look at a portal ages; what runs on this machine only is nobody's portal."""
    source = file.source
    if source.portal is None or all(_is_private(urlsplit(url).hostname or "") for url in source.portal.list_urls):
        return
    if source.checked is None:
        yield file.finding("nobody has compared it with the portal: set `checked` to the day of a look", "name")
    elif source.checked > today:
        yield file.finding(f"checked on {source.checked}, which is to come", "checked")
    elif today - source.checked > FRESH:
        yield file.finding(f"last compared with the portal on {source.checked}, more than a year ago", "checked")


def _shared(files: Iterable[_File]) -> Iterator[Finding]:
    """What two sources both claim: a column, an agency."""
    columns: dict[str, str] = {}
    agencies: dict[tuple[str, str], str] = {}
    for file in files:
        name, portal = file.source.name, file.source.portal
        for number, url in enumerate(portal.list_urls if portal else ()):
            if (other := columns.setdefault(url, name)) != name:
                yield file.finding(f"{url} is a column of source {other} too", file.source.adapter, "list_urls", number)
        for number, agency in enumerate(file.source.expect.agencies):
            if (other := agencies.setdefault((agency.region.code, agency.name), name)) != name:
                yield file.finding(f"{agency.name} is expected of source {other} too", "expect", "agencies", number)
