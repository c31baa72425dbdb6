"""The options of each adapter, as a source file states them; every one but the addresses has a working default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, JsonValue, model_validator

from gongkai.sources.fields import Folder, Host, Pattern, Selector, Strict, Template, Url
from gongkai.sources.posting import PLACEHOLDERS, placeholders


class Pagination(Strict):
    """How further list pages are found; what a page itself says is used by default.

    Attributes:
        count: Make index_1.html ... of a number of pages that a script states (countPage, totalPage, createPageHTML).
        links: Follow 下一页, 尾页 and page numbers.
        parameter: Count up this query parameter, e.g. "page", until nothing new is listed; "" for none.
        template: Name of a page by its number, e.g. "index_{n}.html", counted up in the same way; "" for none.
        first: Number of the first page, the one under the list address; by default 1 with `parameter` and 0 with
            `template`.
    """

    count: bool = True
    links: bool = True
    parameter: str = Field("", pattern=r"^[\w.-]*$")
    template: Template = ""
    first: int | None = Field(None, ge=0, le=1000)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.parameter and self.template:
            raise ValueError("give parameter or template, not both")
        return self

    @property
    def start(self) -> int:
        """Number of the first page."""
        return self.first if self.first is not None else int(not self.template)


class ListOptions(Strict):
    """What all adapters of portals share.

    Attributes:
        list_urls: First pages of the columns; {year} and {next_year} stand for each year of expect.years.
        hosts: Further hosts that pages and attachments may be on.
        says: What the column says and its titles leave out, such as 政府信息公开年报: each title that names a year is
            judged as if it said so too.
        max_pages: Most pages of one column, its sub-columns included.
        max_links: Most links of the source.
    """

    list_urls: tuple[Url, ...] = Field(min_length=1)
    hosts: tuple[Host, ...] = ()
    says: str = Field("", max_length=40)
    max_pages: int = Field(100, ge=1, le=2000)
    max_links: int = Field(200_000, ge=1, le=1_000_000)

    @property
    def first_pages(self) -> tuple[str, ...]:
        """Addresses of the first pages, {year} and {next_year} still in them."""
        return self.list_urls


class HtmlListOptions(ListOptions):
    """Options of the adapter html_list.

    Attributes:
        selector: CSS selector of the part that holds the links; the whole page where absent.
        row: CSS selector of one row; without it rows are found by themselves.
        link: CSS selector, within a row, of what carries the address.
        title: CSS selector, within a row, of the title.
        date: CSS selector, within a row, of the date.
        columns: Regular expression of the texts of links that lead to sub-columns; bare years (2023年) by default.
        depth: How deep sub-columns are followed; 0 for not at all.
        pagination: How further pages are found.
    """

    selector: Selector = ""
    row: Selector = ""
    link: Selector = ""
    title: Selector = ""
    date: Selector = ""
    columns: Pattern = ""
    depth: int = Field(2, ge=0, le=4)
    pagination: Pagination = Pagination()

    @model_validator(mode="after")
    def _in_rows(self) -> Self:
        if not self.row and (self.link or self.title or self.date):
            raise ValueError("link, title and date are looked for within a row: give row too")
        return self


class JsonListOptions(ListOptions):
    """Options of the adapter json_list; paths are names joined by dots, as "data.list".

    Attributes:
        rows: Path of the list of rows; by default the largest list of objects that have a title.
        title: Path of the title within a row; by default the first well-known name (links.yml).
        url: Path of the address within a row, or a template such as "/art/{id}.html" of its values.
        date: Path of the date.
        total: Path of the number of rows of all pages; without it the end is where nothing new is listed.
        base: What relative addresses stand under; by default the list address.
        pagination: The parameter of the page; by default a well-known name that the list address holds.
        method: GET, or POST for APIs that want one; then `form` or `body` is what is sent.
        form: Fields of a form. Values may hold {page}, {size}, {year} and {next_year}; {page} is counted up from
            pagination.first, and with {year} each of expect.years is asked.
        body: The same as a JSON object; a value that is nothing but {page}, {size} or a year becomes a number.
        size: What {size} stands for.
    """

    rows: str = ""
    title: str = ""
    url: str = ""
    date: str = ""
    total: str = ""
    base: Url | None = None
    pagination: Pagination = Pagination()
    method: Literal["GET", "POST"] = "GET"
    form: dict[str, str] = Field(default_factory=dict, max_length=50)
    body: dict[str, JsonValue] = Field(default_factory=dict, max_length=50)
    size: int = Field(15, ge=1, le=1000)

    @model_validator(mode="after")
    def _sent(self) -> Self:
        given = [name for name in ("form", "body") if getattr(self, name)]
        if len(given) != (self.method == "POST"):
            raise ValueError(
                "method POST needs either form or body, GET none of them; given: " + (", ".join(given) or "none")
            )
        found = placeholders(self.sent)
        if unknown := found - PLACEHOLDERS:
            raise ValueError(f"unknown placeholder {{{min(unknown)}}}: known are {', '.join(sorted(PLACEHOLDERS))}")
        if "page" in found and (self.pagination.parameter or self.pagination.template):
            raise ValueError("the page is counted in what is sent: give {page} there or pagination, not both")
        if self.method == "POST" and any("#" in url for url in self.list_urls):
            raise ValueError("list addresses of POST have no #")
        return self

    @property
    def sent(self) -> Mapping[str, JsonValue]:
        """What is sent, its placeholders still in it; empty for GET."""
        return self.form or self.body

    @property
    def first_pages(self) -> tuple[str, ...]:
        """Addresses of the first pages; what a POST says of page and year stands behind #, to tell its pages apart."""
        found = placeholders(self.sent)
        marks = ["year={year}"] if found & {"year", "next_year"} else []
        marks += [f"page={self.pagination.start}"] if "page" in found else []
        return tuple(f"{url}#{'&'.join(marks)}" if marks else url for url in self.list_urls)


class SitemapOptions(ListOptions):
    """Options of the adapter sitemap.

    Attributes:
        pattern: Regular expression that the address of a report fits; by default the usual names of such columns.
    """

    pattern: Pattern = ""
    max_pages: int = Field(200, ge=1, le=2000)


class FolderOptions(Strict):
    """Options of the adapter folder.

    Attributes:
        path: The folder; a relative one stands beside the source file.
        glob: Which files below it.
    """

    path: Folder
    glob: str = "**/*"
