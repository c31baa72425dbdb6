"""The adapter for list APIs: JSON or JSONP, with its fields found by their names or as the source maps them."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo

from gongkai.documents.encoding import decode
from gongkai.errors import LimitError, SourceError
from gongkai.settings import TIMEZONE, Limits
from gongkai.sources.adapter import Further, ListPage, NotAListError
from gongkai.sources.anchors import absolute
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import MAX_TITLE, Link, is_listed, make_link, printed_date
from gongkai.sources.list_pages import counted_up, parameter_number, with_parameter
from gongkai.sources.options import JsonListOptions
from gongkai.sources.posting import Post, filled, marked, page_of

MAX_BYTES = 16 * 2**20
_MOST_VALUES = 1_000_000
_MOST_PAGES = 2000
_MOST_NODES = 50_000
_LONGEST_MARKUP = 4000
_WRAPPER = re.compile(
    r"\s*+(?:/\*[^*]{0,100}\*/)?\s*+(?:(?:var\s+)?[\w.$]{1,100}\s*+=\s*+|[\w.$]{1,100}\s*+\()?\s*+(?=[\[{])"
)
_TAG = re.compile(r"<[^<>]{0,1000}>")
_FIELD = re.compile(r"\{([\w.]+)\}")
_COMPACT = re.compile(r"(20\d{2})(\d{2})(\d{2})(?:\d{6})?")
_ZONE = ZoneInfo(TIMEZONE)


class JsonList:
    """Reads the answers of list APIs.

    Args:
        columns: First pages, with the year that a column is of.
        options: Options of the source.
        rules: Which links are listed; well-known names of fields.
        limits: Bounds of a page.
    """

    depth = 0

    def __init__(
        self,
        columns: tuple[tuple[str, int | None], ...],
        options: JsonListOptions,
        rules: LinkRules,
        limits: Limits,
    ) -> None:
        self.columns, self.options = columns, options
        self._rules, self._most = rules, min(MAX_BYTES, limits.file_bytes)

    def post(self, url: str) -> Post | None:
        """What is sent to the address of a page; None where it is asked by GET."""
        how = self.options
        return filled(how.sent, url, how.size, is_form=bool(how.form)) if how.method == "POST" else None

    def read(self, body: bytes, url: str) -> ListPage:
        """Read one answer.

        Raises:
            SourceError: It is no JSON.
            NotAListError: It holds no list of rows.
            LimitError: It is too large or too deep.
        """
        data, encoding = self._parse(body, url)
        rows = self._rows(data, url)
        found: dict[str, Link] = {}
        lost: list[str] = []
        for row in rows:
            title, address, day = self._title(row), self._address(row, url), self._day(row)
            link = make_link(address or "", title, day, url, self._rules, says=self.options.says)
            said = bool(self.options.says) and link.listed_year is not None
            if not title or not (said or is_listed(title, day is not None, self._rules.titles)):
                continue
            if not address:
                lost += [] if link.skip else [f"{url}: no address is told of {title}"]
            elif address not in found or (found[address].skip and not link.skip):
                found[address] = link
        return ListPage(
            url,
            tuple(found.values()),
            tuple(self._further(data, len(rows), url)),
            encoding=encoding,
            warnings=tuple(lost[:5]),
        )

    def _parse(self, body: bytes, url: str) -> tuple[Any, str]:
        # Every value has a comma, a brace or a bracket before it: what they would take of memory is known before.
        values = sum(body.count(sign) for sign in (b",", b"{", b"["))
        if len(body) > self._most or values > _MOST_VALUES:
            raise LimitError(
                "the answer is too large for a list",
                where=url,
                found=f"{len(body)} bytes, {values} values",
                expected=f"at most {self._most} bytes and {_MOST_VALUES} values",
            )
        decoded = decode(body)
        start = _WRAPPER.match(decoded.text)
        try:
            # What follows the first value is the end of a wrapper: callback({...});
            data, _ = json.JSONDecoder().raw_decode(decoded.text, start.end() if start else 0)
        except (ValueError, RecursionError) as error:
            raise SourceError(
                "the answer is no JSON", where=url, found=f"{decoded.text.strip()[:60]!r}: {str(error)[:100]}"
            ) from error
        return data, decoded.encoding

    def _rows(self, data: Any, url: str) -> list[Mapping[str, Any]]:
        """Return the rows: what the source names, else the longest list of objects that have a title."""
        if self.options.rows:
            rows = at_path(data, self.options.rows)
            if not isinstance(rows, list):
                raise NotAListError(
                    "the answer has no such list", where=url, found=type(rows).__name__, expected=self.options.rows
                )
            return [row for row in rows if isinstance(row, Mapping)]
        names = (self.options.title,) if self.options.title else self._rules.json_lists.title
        best: list[Mapping[str, Any]] = []
        has_empty = False
        for found in _lists(data):
            rows = [row for row in found if isinstance(row, Mapping) and _first(row, names) is not None]
            has_empty |= not found
            best = rows if len(rows) > len(best) else best
        if not best and not has_empty:
            raise NotAListError(
                "the answer holds no list of rows with a title",
                where=url,
                expected=" or ".join(names),
                do="name rows and title under json_list in the source file",
            )
        return best

    def _title(self, row: Mapping[str, Any]) -> str:
        value = _chosen(row, self.options.title, self._rules.json_lists.title)
        text = unescape(_TAG.sub("", unescape(str(value)[:_LONGEST_MARKUP]))) if isinstance(value, str | int) else ""
        return re.sub(r"\s+", " ", text).strip()[:MAX_TITLE]

    def _address(self, row: Mapping[str, Any], url: str) -> str | None:
        how = self.options.url
        if "{" in how:
            values = {name: at_path(row, name) for name in _FIELD.findall(how)}
            if any(not isinstance(value, str | int) for value in values.values()):
                return None
            link = _FIELD.sub(lambda match: quote(str(values[match[1]]), safe="/"), how)
        else:
            value = _chosen(row, how, self._rules.json_lists.url)
            link = value.strip() if isinstance(value, str) else ""
        return absolute(str(self.options.base or url), unescape(link)) if link else None

    def _day(self, row: Mapping[str, Any]) -> date | None:
        value = _chosen(row, self.options.date, self._rules.json_lists.date)
        return day_of(value, self._rules) if isinstance(value, str | int | float) else None

    def _further(self, data: Any, count: int, url: str) -> Iterator[Further]:
        """Yield further pages: all at once where the source says what states the number of rows, else the next one.

        A number that is only called "total" may be one of pages: it is not believed, and the end is where nothing new
        is listed.
        """
        how = self.options.pagination
        sent = page_of(url) if self.options.method == "POST" else None
        if sent is not None:
            yield from self._counted(data, count, url, sent, lambda page: marked(url, page))
            return
        query = dict(parse_qsl(urlsplit(url).query))
        name = how.parameter or next((one for one in self._rules.pagination.parameters if one in query), "")
        if not count or not (name or how.template):
            return
        if how.template:
            yield Further(counted_up(url, how), is_probe=True)
            return
        number = parameter_number(url, name, how.start)
        yield from self._counted(data, count, url, number, lambda page: with_parameter(url, name, page))

    def _counted(
        self, data: Any, count: int, url: str, number: int, address: Callable[[int], str]
    ) -> Iterator[Further]:
        total = self._total(data, url)
        if count and total is None:
            yield Further(address(number + 1), is_probe=True)
        elif count and total is not None and url in {column for column, _ in self.columns}:
            for page in range(number + 1, min(number - (-total // count), _MOST_PAGES)):
                yield Further(address(page))

    def _total(self, data: Any, url: str) -> int | None:
        if not self.options.total:
            return None
        text = str(at_path(data, self.options.total))
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise SourceError(
                "the answer states no number of rows", where=url, found=text[:40], expected=self.options.total
            )
        return int(text)


def at_path(data: Any, path: str) -> Any:
    """Return what stands under names joined by dots (numbers count into lists), None where nothing does."""
    for name in path.split(".") if path else []:
        if isinstance(data, Mapping):
            data = data.get(name)
        elif isinstance(data, list) and name.isdigit() and int(name) < len(data):
            data = data[int(name)]
        else:
            return None
    return data


def day_of(value: str | float, rules: LinkRules) -> date | None:
    """Return the day of a date as APIs give it: text, 20240120, epoch seconds or milliseconds, in Chinese time."""
    text = str(value).strip()[:40]
    if compact := _COMPACT.fullmatch(text):
        text = f"{compact[1]}-{compact[2]}-{compact[3]}"
    elif re.fullmatch(r"1\d{9}(?:\d{3})?(?:\.\d{1,9})?", text):
        seconds = float(text) / (1000 if len(text.partition(".")[0]) == 13 else 1)
        return datetime.fromtimestamp(seconds, UTC).astimezone(_ZONE).date()
    return printed_date(text, rules.dates)


def _chosen(row: Mapping[str, Any], path: str, names: tuple[str, ...]) -> Any:
    return at_path(row, path) if path else _first(row, names)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = at_path(row, name)
        if value not in (None, "", [], {}):
            return value
    return None


def _lists(data: Any) -> Iterator[list[Any]]:
    """Yield the lists of an answer, outermost first, without recursion."""
    queue: deque[Any] = deque([data])
    for _ in range(_MOST_NODES):
        if not queue:
            return
        node = queue.popleft()
        if isinstance(node, list):
            yield node
        values = node.values() if isinstance(node, Mapping) else node[:_MOST_NODES]
        queue.extend(one for one in values if isinstance(one, Mapping | list))
