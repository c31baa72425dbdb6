"""Tells an error or block page that stands in place of a list."""

from __future__ import annotations

from gongkai.archive.log import Fate
from gongkai.errors import BlockedError, GongkaiError
from gongkai.settings import Limits
from gongkai.sources.adapter import Adapter, NotAListError
from gongkai.sources.link_rules import LinkRules
from gongkai.sources.pages import judge


def refuse_error_page(body: bytes, url: str, adapter: Adapter, rules: LinkRules, limits: Limits) -> None:
    """Refuse an error or block page; what lists a report is none, whatever the titles of its links say.

    Raises:
        BlockedError: It is a block page.
        NotAListError: It is another page that lists nothing.
    """
    found = judge(body, url, rules, limits)
    if found.fate is None or _lists_reports(body, url, adapter):
        return
    kind = BlockedError if found.fate is Fate.BLOCKED else NotAListError
    raise kind("not a list page", where=url, found=found.reason)


def _lists_reports(body: bytes, url: str, adapter: Adapter) -> bool:
    try:
        page = adapter.read(body, url)
    except GongkaiError:
        return False
    return any(not link.skip for link in page.links) or any(one.is_column for one in page.further)
