"""Reads a list page, and tells an error or block page that stands in its place."""

from __future__ import annotations

from gongkai.archive.answers import AnswerKind
from gongkai.archive.log import Fate
from gongkai.errors import GongkaiError
from gongkai.sources.adapter import Adapter, ListPage, NotAListError
from gongkai.sources.answer import Answer
from gongkai.sources.classify import Classifier
from gongkai.sources.failures import PageError
from gongkai.sources.finding import Finding
from gongkai.sources.pages import is_html

_FOR_THE_ADAPTER = frozenset({AnswerKind.TOO_LARGE, AnswerKind.WRONG_TYPE})
"""What the adapter has found itself, and says better."""


def read_list(answer: Answer, url: str, adapter: Adapter, classifier: Classifier) -> ListPage:
    """Read a list page; what lists a report is no error page, whatever the titles of its links say.

    Raises:
        PageError: It is a block page, a challenge or a login.
        NotAListError: It is another page that lists nothing.
        GongkaiError: The adapter cannot read it.
    """
    body = answer.body  # all of it: lists of JSON and sitemaps are no HTML
    page, failure = None, None
    try:
        page = adapter.read(body, url)
    except GongkaiError as error:
        failure = error
    if page is None or not _lists_reports(page):
        if not body.strip() or is_html(body):
            _refuse(classifier.answer(answer, url), url)
        if page is None:
            assert failure is not None, "what was not read has failed"
            raise failure
    return page


def _lists_reports(page: ListPage) -> bool:
    return any(not link.skip for link in page.links) or any(one.is_column for one in page.further)


def _refuse(found: Finding, url: str) -> None:
    if found.kind is AnswerKind.SHELL:
        led = ", ".join(found.targets)[:300]
        raise _no_list(
            found.kind, url, f"a page without text that leads to {led}", do="look whether the list has moved"
        )
    if found.fate is None or found.kind in _FOR_THE_ADAPTER:
        return
    if found.fate is Fate.BLOCKED:
        raise PageError("not a list page", answer=found.kind, where=url, found=found.reason)
    raise _no_list(found.kind, url, found.reason)


def _no_list(kind: AnswerKind, url: str, found: str, do: str = "") -> NotAListError:
    error = NotAListError("not a list page", where=url, found=found, do=do)
    error.answer = kind
    return error
