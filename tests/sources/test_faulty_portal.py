"""Collecting from the shared test portal, each fault alone and all together: nothing lost, nothing false stored."""

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, replace
from itertools import cycle

import pytest

from gongkai.archive.answers import AnswerKind as Kind
from gongkai.archive.log import Fate, read_listings, read_requests
from gongkai.documents.read import read
from gongkai.errors import BlockedError, LimitError, SourceError
from gongkai.settings import Limits, Settings
from gongkai.sources.attempts import Retry
from gongkai.sources.collect import collect
from gongkai.sources.model import Source

from .shared_portal import HAS_PORTAL, LISTS, kept, kinds, listed

QUICK = Retry(attempts=4, wait_initial=0.01, wait_max=0.05, timeout=5.0, total=20.0, leave_after=40)
LONGEST = 60.0
"""Seconds of any run, with reserve for a busy machine."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not HAS_PORTAL, reason="the shared corpus is absent"),
]


@dataclass(frozen=True)
class Fault:
    """What a fault must leave behind.

    Attributes:
        requests: Classes of failing requests in the log.
        trap: Words of the title of the entry that the fault adds, its fate and its class.
        loses: It cuts off the documents that it strikes.
    """

    requests: frozenset[Kind] = frozenset()
    trap: tuple[str, Fate, Kind] | None = None
    loses: bool = False


FAULTS = {
    "flaky:2": Fault(frozenset({Kind.SERVER_ERROR})),
    "slow:0.05": Fault(),
    "truncate": Fault(frozenset({Kind.TRUNCATED}), loses=True),
    "wrongtype": Fault(),
    "loop": Fault(frozenset({Kind.REDIRECT_LOOP}), ("跳转测试", Fate.FAILED, Kind.REDIRECT_LOOP)),
    "noua": Fault(),
    "ratelimit:20": Fault(frozenset({Kind.RATE_LIMITED})),
    "dup": Fault(),
    "huge": Fault(frozenset({Kind.TOO_LARGE}), ("超大附件", Fate.FAILED, Kind.ATTACHMENT_PAGE)),
    "bomb": Fault(trap=("压缩炸弹", Fate.NEW, Kind.ATTACHMENT_PAGE)),
    "soft404": Fault(trap=("页面不存在", Fate.NOT_A_REPORT, Kind.SOFT_404)),
}
EACH_ON_ONE = list(zip(FAULTS, cycle(LISTS), strict=False))
ON_ALL = [(fault, site) for fault in FAULTS for site in LISTS if (fault, site) not in EACH_ON_ONE]


@pytest.fixture
def ask(shared_portal, archive, tmp_path):
    """Collect one site in one run."""

    def once(site, run_id="r1", retry=QUICK, **more):
        politeness = {"concurrency": 4, "requests_per_second": 100, "robots": False}
        source = Source.model_validate(shared_portal.source(site, politeness=politeness))
        settings = Settings(data=tmp_path, limits=Limits(file_bytes=2**21), **more)
        started = time.monotonic()
        found = collect(source, archive, years=None, settings=settings, run_id=run_id, retry=retry)
        assert time.monotonic() - started < LONGEST, "the run ends"
        return found

    return once


def inflict(portal, faults):
    if "bomb" in faults:
        portal.prepare_bomb()
    portal.site.set_faults(faults)


def check_nothing_false(portal, archive, site):
    """What the catalog names is what the portal has, whole; traps may be kept as what they are."""
    genuine = set().union(*(portal.contents(document) for document in portal.documents(site)))
    known = {row.sha256 for row in listed(archive) if any(word in row.title for word in ("压缩炸弹", "超大附件"))}
    known |= {hashlib.sha256(portal.prepare_bomb()).hexdigest()} if "bomb" in portal.site.faults else set()
    assert kept(archive) - genuine <= known
    decoys = [row for row in listed(archive) if "/decoy/" in row.url]
    assert {row.fate for row in decoys} == {Fate.SKIPPED}


def check_one_row_each(portal, archive, site, run_id="r1"):
    rows = Counter(row.url for row in listed(archive, run_id))
    assert rows == dict.fromkeys({portal.url + url for _, _, url in portal.site.entries(site)}, 1)
    assert all(row.answer for row in read_listings(archive, run_id))


def check(portal, archive, site, fault):
    """Check what one run left."""
    for document in portal.documents(site):
        if not (fault.loses and portal.is_struck(document)):
            assert portal.contents(document) <= kept(archive), document["file"]
    check_nothing_false(portal, archive, site)
    check_one_row_each(portal, archive, site)
    assert kinds(archive) == fault.requests
    traps = [row for row in listed(archive) if "/fault/" in row.url]
    expected = fault.trap
    assert [(row.fate, row.answer) for row in traps] == ([expected[1:]] if expected else [])


@pytest.mark.parametrize(("name", "site"), EACH_ON_ONE)
def test_a_fault_loses_nothing_and_stores_nothing_false(shared_portal, ask, archive, name, site):
    inflict(shared_portal, name)
    ask(site)
    check(shared_portal, archive, site, FAULTS[name])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "site"), ON_ALL)
def test_a_fault_on_every_site(shared_portal, ask, archive, name, site):
    inflict(shared_portal, name)
    ask(site)
    check(shared_portal, archive, site, FAULTS[name])


@pytest.mark.parametrize(
    "site", ["site1", *(pytest.param(site, marks=pytest.mark.slow) for site in ("site2", "site3"))]
)
def test_all_faults_together(shared_portal, ask, archive, site):
    inflict(shared_portal, "flaky:2,slow:0.02,truncate,wrongtype,loop,noua,ratelimit:40,dup,huge,bomb,soft404")
    found = ask(site)
    seen = {Kind.SERVER_ERROR, Kind.TRUNCATED, Kind.REDIRECT_LOOP, Kind.TOO_LARGE}
    assert seen <= kinds(archive) <= seen | {Kind.RATE_LIMITED}
    check_nothing_false(shared_portal, archive, site)
    check_one_row_each(shared_portal, archive, site)
    documents = shared_portal.documents(site)
    assert found.new + found.failed + found.not_a_report == len(documents) + 5, "all reports, one twice, four traps"
    for document in documents:
        if not shared_portal.is_struck(document):
            assert shared_portal.contents(document) <= kept(archive), document["file"]
    shared_portal.site.set_faults("")
    again = ask(site, "r2")
    assert again.failed == 0, "what was cut off is had by the next run"
    assert set().union(*map(shared_portal.contents, documents)) <= kept(archive)
    check_one_row_each(shared_portal, archive, site, "r2")


def test_a_portal_that_is_slow_is_told_as_such(shared_portal, ask, archive):
    shared_portal.site.set_faults("slow:3")
    with pytest.raises(SourceError):
        ask("site1", retry=replace(QUICK, timeout=0.2, attempts=2))
    assert [row.answer for row in read_requests(archive)] == [Kind.TIMEOUT] * 2


def test_a_portal_that_refuses_unnamed_clients_is_told_as_such(shared_portal, ask, archive):
    shared_portal.site.set_faults("noua")
    with pytest.raises(BlockedError):
        ask("site1", user_agent="python-httpx/0.28")
    assert [row.answer for row in read_requests(archive)] == [Kind.FORBIDDEN]


def test_the_same_report_under_two_addresses_is_one_document(shared_portal, ask, archive):
    shared_portal.site.set_faults("dup")
    assert ask("site1").new == len(shared_portal.documents("site1")) + 1
    pages = Counter(row.sha256 for row in listed(archive) if row.fate is Fate.NEW)
    assert sorted(pages.values())[-2:] == [1, 2]


def test_a_packed_document_that_unpacks_to_half_a_gigabyte_is_refused_when_read(shared_portal):
    with pytest.raises(LimitError, match="bytes"):
        read(shared_portal.prepare_bomb(), "x.docx", Limits())
