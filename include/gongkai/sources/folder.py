"""The adapter for local folders: files as an agency or another collector handed them over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from gongkai.contracts.yaml import load_model
from gongkai.errors import LimitError, SourceError
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import Link, title_year
from gongkai.sources.options import FolderOptions

SCHEME = "folder:"
SIDECAR = ".source.yml"
"""`<file>.source.yml` beside a file says what its name does not."""


class Sidecar(BaseModel):
    """What is known of a file beside it.

    Attributes:
        title: Title of the report.
        published: Day of publication.
        year: Report year, where the title names none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    published: date | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file of the folder and the link it stands for; its address is "folder:<path below the folder>"."""

    path: Path
    link: Link


def list_folder(options: FolderOptions, rules: LinkRules) -> Iterator[FolderFile]:
    """Yield the files of a folder by name; sidecars and hidden files are left out.

    Raises:
        SourceError: There is no such folder.
        ContractError: A sidecar is broken.
    """
    root = options.path.resolve()
    if not root.is_dir():
        raise SourceError("there is no such folder", where=str(root), do="check folder.path in the source file")
    for path in sorted(root.glob(options.glob)):
        below = path.relative_to(root)
        if path.is_dir() or path.name.endswith(SIDECAR) or any(part.startswith(".") for part in below.parts):
            continue
        yield FolderFile(path, _link(path, below, root, rules))


def _link(path: Path, below: Path, root: Path, rules: LinkRules) -> Link:
    beside = path.with_name(path.name + SIDECAR)
    said = load_model(beside, Sidecar) if beside.is_file() else Sidecar()
    title = said.title or path.stem
    year = said.year or title_year(title, rules.titles)
    skip = ""
    if not path.resolve().is_relative_to(root):
        skip = "the link leads out of the folder"
    elif path.suffix.lower().lstrip(".") not in rules.folder.extensions:
        skip = f"files {path.suffix or 'without extension'} are no documents"
    hint = said.published.year - 1 if said.published and year is None else None
    return Link(f"{SCHEME}{below.as_posix()}", title, said.published, year, hint, "", skip)


def read_file(path: Path, limit: int) -> bytes:
    """Read a file of the folder.

    Raises:
        LimitError: It is larger than `limit` bytes.
        SourceError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise SourceError("the file cannot be read", where=str(path), found=str(error)) from error
    if len(data) > limit:
        raise LimitError("the file is too large", where=str(path), expected=f"at most {limit} bytes")
    return data
