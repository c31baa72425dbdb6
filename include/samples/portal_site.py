"""The pages of the sample portal: two columns of reports, made of include/samples/documents/catalog.yml."""

from __future__ import annotations

import html
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

from ruamel.yaml import YAML

DOCUMENTS = Path(__file__).resolve().parent / "documents"
PAGE = 12
COLUMNS = {"county": "云岭县人民政府", "city": "霞江市人民政府"}
TYPES = {
    ".html": "text/html",  # without charset, as most portals: what the page declares, or not, has to do
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".txt": "text/plain",
    ".md": "text/markdown",
}
DECOYS = (
    ("政府信息公开指南", date(2024, 5, 6)),
    ("2023年法治政府建设情况年度报告", date(2024, 3, 28)),
    ("一图读懂2023年政府信息公开工作年度报告", date(2024, 3, 27)),
    ("关于2023年政府信息公开工作年度报告的解读", date(2024, 3, 27)),
)
ROBOTS = "User-agent: *\nDisallow: /private/\n"


@dataclass(frozen=True)
class Item:
    """One listed report.

    Attributes:
        file: File name of what is served.
        title: Title as listed.
        agency: Who publishes it.
        published: Day of publication.
        column: "county" or "city".
        address: File name that its addresses are made of: that of the original, so that a correction keeps them.
        changed: Day of the last change.
    """

    file: str
    title: str
    agency: str
    published: date
    column: str
    address: str
    changed: date


@dataclass(frozen=True)
class Resource:
    """What an address serves."""

    body: bytes
    content_type: str
    changed: date


class Portal:
    """The site: addresses and what they serve.

    Args:
        documents: Folder with catalog.yml and the files it names.
        revision: None lists originals and corrections side by side; 1 serves originals, 2 corrections in their place.

    Raises:
        ValueError: catalog.yml names a file outside the folder or an unknown column.
    """

    def __init__(self, documents: Path = DOCUMENTS, revision: int | None = None) -> None:
        self.documents, self.revision = documents, revision
        self._catalog = YAML(typ="safe").load((documents / "catalog.yml").read_text(encoding="utf-8"))
        for entry in self._catalog:
            names = [entry["file"], *([entry["corrected_by"]] if "corrected_by" in entry else [])]
            if entry["column"] not in COLUMNS or any(Path(name).name != name for name in names):
                raise ValueError(f"catalog.yml: {entry['file']}: not a file of the folder, or an unknown column")
        self._resources: dict[str, Resource] = {}
        self._build()

    def get(self, path: str) -> Resource | None:
        """Return what an address serves; only addresses made of catalog.yml exist."""
        return self._resources.get(path)

    def revise(self) -> None:
        """Replace originals by their corrections, at the same addresses.

        Raises:
            ValueError: The portal lists both and has nothing to replace.
        """
        if self.revision != 1:
            raise ValueError("only a portal of revision 1 can be revised")
        self.revision = 2
        self._build()

    def items(self, column: str) -> list[Item]:
        """Return what a column lists, latest first."""
        found = [item for entry in self._catalog if entry["column"] == column for item in self._of(entry)]
        return sorted(found, key=lambda item: (item.published, item.file), reverse=True)

    def _of(self, entry: dict[str, object]) -> Iterator[Item]:
        file, published = str(entry["file"]), _day(entry["published"])
        column, title, agency = str(entry["column"]), str(entry["title"]), str(entry["agency"])
        original = Item(file, title, agency, published, column, file, published)
        if "corrected_by" not in entry:
            yield original
            return
        corrected, day = str(entry["corrected_by"]), _day(entry["corrected_on"])
        if self.revision == 2:
            yield replace(original, file=corrected, changed=day)
            return
        yield original
        if self.revision is None:
            yield Item(corrected, f"{title}（更正）", agency, day, column, corrected, day)

    def _build(self) -> None:
        pages: dict[str, Resource] = {"/robots.txt": Resource(ROBOTS.encode(), "text/plain", date(2019, 1, 1))}
        home = "".join(f'<p><a href="/{column}/zfxxgknb/">{name}</a></p>' for column, name in COLUMNS.items())
        pages["/"] = pages["/index.html"] = _page("政府信息公开年报", home, date(2019, 1, 1))
        for column in COLUMNS:
            items = self.items(column)
            for item in items:
                pages |= self._report(item)
            pages |= _decoys(column)
            pages |= _lists(column, items)
        self._resources = pages

    def _report(self, item: Item) -> dict[str, Resource]:
        path = self.documents / item.file
        file = Resource(path.read_bytes(), TYPES.get(path.suffix, "application/octet-stream"), item.changed)
        if path.suffix == ".html":
            return {_address(item): file}
        name = f"/{item.column}/zfxxgknb/files/{item.address}"
        return {_address(item): _detail(item, name), name: file}


def _address(item: Item) -> str:
    return f"/{item.column}/zfxxgknb/content/post_{zlib.crc32(item.address.encode()) % 10**7:07d}.html"


def _detail(item: Item, file: str) -> Resource:
    """A detail page with the property table and a link to the file."""
    title, agency = html.escape(item.title), html.escape(item.agency)
    number = f"{zlib.crc32(item.address.encode()) % 10**8:08d}/{item.published:%Y}-{item.published:%m%d}"
    body = f"""<p class="crumb"><a href="/">首页</a> <a href="/{item.column}/zfxxgknb/">政府信息公开年报</a></p>
<table class="xxgk_table"><tr><td>索引号</td><td>{number}</td><td>发布机构</td><td>{agency}</td></tr>
<tr><td>发布日期</td><td>{item.published}</td><td>文号</td><td></td></tr>
<tr><td>标题</td><td colspan="3">{title}</td></tr></table>
<h2>{title}</h2>
<div class="article-content" id="zoom"><p>全文见附件。</p>
<p>附件：<a href="{quote(file)}" target="_blank">{title}{Path(item.file).suffix}</a></p></div>"""
    meta = (
        f'<meta name="SiteName" content="{COLUMNS[item.column]}门户网站"><meta name="ArticleTitle" content="{title}">'
        f'<meta name="PubDate" content="{item.published} 09:00"><meta name="ContentSource" content="{agency}">'
    )
    return _page(item.title, body, item.published, meta)


def _decoys(column: str) -> dict[str, Resource]:
    return {
        f"/{column}/zwgk/decoy_{number}.html": _page(
            title, f"<h2>{title}</h2><p>本页不是年度报告，供演示链接筛选。</p>", day
        )
        for number, (title, day) in enumerate(DECOYS)
    }


def _lists(column: str, items: list[Item]) -> dict[str, Resource]:
    links = [(item.title, item.published, _address(item)) for item in items]
    links += [(title, day, f"/{column}/zwgk/decoy_{number}.html") for number, (title, day) in enumerate(DECOYS)]
    links.sort(key=lambda link: (link[1], link[2]), reverse=True)
    changed = max([item.changed for item in items] + [day for _, day in DECOYS])
    pages = -(-len(links) // PAGE)
    folder, style = f"/{column}/zfxxgknb/", _list_items if column == "county" else _table_rows
    made: dict[str, Resource] = {}
    for number in range(pages):
        part = style(links[number * PAGE : (number + 1) * PAGE])
        body = f"<h1>{COLUMNS[column]}政府信息公开年报</h1>{part}" + _navigation(column, number, pages)
        made[folder + _list_name(number)] = _page("政府信息公开年报", body, changed)
    made[folder] = made[folder + "index.html"]
    return made


def _list_name(number: int) -> str:
    return f"index_{number}.html" if number else "index.html"


def _list_items(links: list[tuple[str, date, str]]) -> str:
    """List items as many systems write them: the text cut, the whole title in the attribute."""
    rows = []
    for title, day, address in links:
        short = title if len(title) <= 24 else f"{title[:22]}..."
        rows.append(
            f'<li><a href="{address}" title="{html.escape(title)}">{html.escape(short)}</a><span>{day}</span></li>'
        )
    return f"<ul class='list'>{''.join(rows)}</ul>"


def _table_rows(links: list[tuple[str, date, str]]) -> str:
    rows = "".join(
        f"<tr><td>{number}</td><td><a href='{address}'>{html.escape(title)}</a></td><td>{day:%Y年%m月%d日}</td></tr>"
        for number, (title, day, address) in enumerate(links, start=1)
    )
    return f"<table class='lb'><tr><th>序号</th><th>标题</th><th>发布日期</th></tr>{rows}</table>"


def _navigation(column: str, number: int, pages: int) -> str:
    if column == "county":
        return f'<script>var countPage = {pages}; createPageHTML({pages}, {number}, "index", "html");</script>'
    if number + 1 == pages:
        return f"<p>第{number + 1}页 共{pages}页</p>"
    return f'<p>第{number + 1}页 共{pages}页 <a href="{_list_name(number + 1)}">下一页</a></p>'


def _page(title: str, body: str, changed: date, meta: str = "") -> Resource:
    text = f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{html.escape(title)}</title>{meta}</head><body>
{body}
<p class="footer">示例门户，非真实网站</p></body></html>
"""
    return Resource(text.encode(), "text/html; charset=utf-8", changed)


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
