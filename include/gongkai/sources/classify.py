"""Says of each answer of a portal which kind it is: one look, by its bytes, its words and where it was found."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import html

from gongkai.archive.answers import AnswerKind
from gongkai.documents.budget import check_markup
from gongkai.documents.encoding import decode
from gongkai.documents.html_shell import own_text_length, shell_links
from gongkai.documents.sniff import PICTURES, sniff
from gongkai.errors import EmptyDocumentError, GongkaiError, LimitError, SourceError, UnsupportedFormatError
from gongkai.reports.labels import squeeze
from gongkai.settings import Limits
from gongkai.sources.address import clean_url
from gongkai.sources.answer import Answer
from gongkai.sources.answer_rules import AnswerRules
from gongkai.sources.finding import Finding
from gongkai.sources.keeping import page_of
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.links import file_extension, skip_reason, title_year
from gongkai.sources.pages import articles, attachment_links, is_html, links, parse_text, picture_links, text_of
from gongkai.sources.signs import Sign, told_by_source, told_by_words

_DATA = frozenset({"json", "xml", "csv", "gzip"})
"""What `sniff` calls data for programs."""
_UNPACKED_LATER = (b"PK", b"Rar!", b"7z\xbc\xaf")
"""Bundles and Word files: their directories stand at their end, so that readers look into them."""
_ADDRESSED = {AnswerKind.SOFT_404: "an address for missing pages", AnswerKind.LOGIN: "a login"}


class Classifier:
    """Tells what answers are.

    Args:
        links: How reports are titled, and which links of a page are its files.
        answers: Words, signatures and addresses of pages that are no reports.
        limits: Bounds of pages.
    """

    def __init__(self, links: LinkRules, answers: AnswerRules, limits: Limits) -> None:
        self.links, self.answers, self._limits = links, answers, limits

    def answer(self, answer: Answer, url: str) -> Finding:
        """Classify a whole answer of status 200 to a request for `url`."""
        try:
            body = page_of(answer)
        except LimitError as error:
            return Finding(AnswerKind.TOO_LARGE, f"{error.code}: {error}")
        found = self.body(body, answer.url)
        return self._redirected(found, url, answer.url) if answer.asked else found

    def body(self, body: bytes, url: str) -> Finding:
        """Classify a body: a page as a whole, of other files the head."""
        if not body.strip():
            return Finding(AnswerKind.EMPTY, "the body is empty")
        if not is_html(body):
            return self._file(body)
        try:
            check_markup(body, self._limits, url)
            text = decode(body).text
            root = parse_text(text, url)
        except LimitError as error:
            return Finding(AnswerKind.TOO_LARGE, f"{error.code}: {error}")
        except GongkaiError as error:
            return Finding(AnswerKind.WRONG_TYPE, str(error))
        return self._page(root, text, url)

    def picture(self, answer: Answer) -> Finding:
        """Classify the answer to a request for a picture."""
        try:
            if answer.content and sniff(answer.content.head) in PICTURES:
                return Finding(AnswerKind.PICTURE)
        except GongkaiError:
            return Finding(AnswerKind.WRONG_TYPE, "no picture")
        return Finding(AnswerKind.WRONG_TYPE, "no picture")

    def led_to(self, url: str) -> AnswerKind | None:
        """Say what an address is for that portals lead to in place of an answer; None for any other."""
        parts, names = urlsplit(url), self.answers.addresses
        if names.login.search(f"//{parts.netloc}{parts.path}"):
            return AnswerKind.LOGIN
        if names.soft_404.search(parts.path):
            return AnswerKind.SOFT_404
        return AnswerKind.MOVED if names.home.search(parts.path) and not parts.query else None

    def _redirected(self, found: Finding, asked: str, url: str) -> Finding:
        """Look at where redirects ended: the home page, a login or an error page are no answer to what was asked."""
        if found.fate is not None and found.kind not in {AnswerKind.NO_TEXT, AnswerKind.LIST}:
            return found
        kind = self.led_to(url)
        if found.kind is AnswerKind.LIST or (kind and kind is not self.led_to(asked)):
            what = _ADDRESSED.get(kind, "another place") if kind else "another place"
            return Finding(kind or AnswerKind.MOVED, f"redirected to {what}: {url[:300]}")
        return found

    def _file(self, body: bytes) -> Finding:
        head = body[:64].decode("latin-1")
        if any(pattern.search(head) for pattern in self.answers.not_documents):
            return Finding(AnswerKind.WRONG_TYPE, "no document by its first bytes")
        if body.startswith(_UNPACKED_LATER):
            return Finding(AnswerKind.REPORT)
        try:
            return Finding(AnswerKind.PICTURE if sniff(body) in PICTURES else AnswerKind.REPORT)
        except EmptyDocumentError as error:
            return Finding(AnswerKind.EMPTY, str(error))
        except UnsupportedFormatError as error:
            if error.found in _DATA:
                return Finding(AnswerKind.WRONG_TYPE, f"{error.found} is no document")
            return Finding(AnswerKind.OTHER_FORMAT, str(error))
        except GongkaiError:  # damaged: how much of it can be read is for the readers to find out
            return Finding(AnswerKind.REPORT)

    def _page(self, root: html.HtmlElement, source: str, url: str) -> Finding:
        rules = self.answers
        title = squeeze(" ".join(str(found.text or "") for found in root.iter("title")))
        text = squeeze(text_of(root, rules.short_chars))
        parts = articles(root, self.links)
        files = dict(attachment_links(parts or [root], url, self.links.attachments))
        in_article = bool(files) and bool(parts)
        sign = None if in_article else told_by_words(title, text, rules)
        if sign is None and len(text) <= rules.shell_chars:
            sign = told_by_source(source, rules)
        if sign is None and not in_article and len(text) <= rules.short_chars and _asks_for_password(root):
            sign = Sign(AnswerKind.LOGIN, "a login page", "it asks for a password")
        if sign is not None:
            return Finding(sign.kind, f"{sign.what} with status 200: {sign.found}")
        is_bare = own_text_length(root, rules.shell_chars) <= rules.shell_chars and root.find(".//table") is None
        if is_bare and (shell := self._shell(root, source, url)):
            return shell
        pictures = tuple(picture_links(parts, url, self.links.pictures))
        if len(text) < rules.empty_chars and root.find(".//table") is None and not files and not pictures:
            return Finding(AnswerKind.NO_TEXT, "a page without text: a redirect or a shell that scripts fill")
        if self._is_list(root):
            return Finding(AnswerKind.LIST, "a list of reports in place of one")
        kind = AnswerKind.REPORT
        if files and self._only_links(parts or [root]):
            kind = AnswerKind.ATTACHMENT_PAGE
        elif pictures and len(text) < rules.empty_chars:
            kind = AnswerKind.PICTURE
        return Finding(kind, files=files, pictures=pictures)

    def _shell(self, root: html.HtmlElement, source: str, url: str) -> Finding | None:
        """Where a page without text, tables or files of its own leads: by a refresh, a constant location or a frame."""
        found: dict[str, str] = {}
        instead: Finding | None = None
        for target in _absolute(shell_links(root, source), url):
            kind = self.led_to(target)
            if kind is None:
                found.setdefault(target, "")
            elif instead is None:
                what = _ADDRESSED.get(kind, "the home page")
                instead = Finding(kind, f"a page without text that leads to {what}: {target[:300]}")
        return Finding(AnswerKind.SHELL, targets=found) if found else instead

    def _only_links(self, parts: list[html.HtmlElement]) -> bool:
        """Tell a page whose article says nothing beside its links."""
        most = self.answers.shell_chars
        size = sum(own_text_length(part, most) for part in parts)
        return size <= most and not any(part.find(".//table") is not None for part in parts)

    def _is_list(self, root: html.HtmlElement) -> bool:
        """Tell a page that lists reports and says little else: the address of one that is gone often leads there."""
        rules, titles = self.answers, self.links.titles
        reports: set[str] = set()
        for anchor in links(root):
            title = text_of(anchor)[:200]
            year = title_year(title, titles)
            href = str(anchor.get("href"))
            if year and not skip_reason(title, year, titles) and not file_extension(href, self.links.attachments):
                reports.add(href)
        if len(reports) < rules.list_links:
            return False
        most = rules.list_chars * len(reports)
        return own_text_length(root, most) <= most


def _absolute(addresses: list[str], url: str) -> Iterator[str]:
    for address in addresses:
        try:
            target = clean_url(url, address)
        except SourceError:
            continue
        if target != url:
            yield target


def _asks_for_password(root: html.HtmlElement) -> bool:
    return any((field.get("type") or "").strip().lower() == "password" for field in root.iter("input"))
