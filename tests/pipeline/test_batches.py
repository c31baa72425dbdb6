"""Lanes of one host, and batches of lanes for mapped tasks."""

import random
from datetime import date

import pytest

from gongkai.pipeline.batches import MOST_BATCHES, batches_of, heaviest_first, lanes_by_host
from gongkai.sources.model import Source

TODAY = date(2025, 6, 1)


def source(name, *urls, rate=1.0, agencies=0, years=None, hosts=(), **more):
    region = {"code": "900121", "name": "云岭县"}
    expected = [
        {"name": f"云岭县第{n}局", "region": region, "level": "county", "kind": "department"} for n in range(agencies)
    ]
    lists = {"html_list": {"list_urls": urls, "hosts": hosts}} if urls else {"folder": {"path": "x"}}
    return Source.model_validate(
        {
            "name": name,
            "title": "年报",
            "publisher": "云岭县人民政府",
            "region": region,
            "politeness": {"requests_per_second": rate},
            "expect": {"agencies": expected, "years": years},
            **lists,
            **more,
        }
    )


def names(lanes):
    return [[one.name for one in lane] for lane in lanes]


def divide(sources, years=(2024,), at_once=4, aim=60.0, **more):
    return batches_of(sources, years, today=TODAY, at_once=at_once, aim=aim, **more)


def test_sources_of_one_host_stand_in_one_lane():
    sources = [
        source("d", "https://www.b.gov.cn/x/"),
        source("a", "https://www.a.gov.cn/x/"),
        source("b", "http://WWW.A.gov.cn:80/y/"),
        source("c", "https://www.a.gov.cn:8443/x/"),
        source("e"),
        source("f"),
    ]
    assert names(lanes_by_host(sources)) == [["a", "b"], ["c"], ["d"], ["e"], ["f"]]


def test_a_source_on_two_hosts_joins_their_lanes():
    sources = [
        source("a", "https://a/"),
        source("b", "https://b/"),
        source("c", "https://c/", "https://d/"),
        source("d", "https://d/"),
        source("e", "https://b/", "https://a/"),
        source("f", "https://a/"),
    ]
    assert names(lanes_by_host(sources)) == [["a", "b", "e", "f"], ["c", "d"]]


def test_a_file_server_that_many_share_joins_nothing():
    sources = [source(name, f"https://{name}/", hosts=["files.gov.cn"]) for name in "ab"]
    assert names(lanes_by_host(sources)) == [["a"], ["b"]]


@pytest.mark.parametrize("years", [None, (2024,), (2018, 2019)])
def test_three_thousand_sources_make_a_bounded_number_of_batches(years):
    sources = [source(f"s{n}", f"https://h{n % 2500}/{n}/", rate=1 + n % 7) for n in range(3000)]
    batches = divide(sources, years, at_once=2, aim=0.0)
    assert len(batches) <= MOST_BATCHES
    assert sorted(name for batch in batches for name in batch) == sorted(one.name for one in sources), "each once"
    batch_of = {name: index for index, batch in enumerate(batches) for name in batch}
    assert all(batch_of[f"s{n}"] == batch_of[f"s{n - 2500}"] for n in range(2500, 3000)), "a host is never divided"
    random.Random(1).shuffle(sources)
    assert divide(sources, years, at_once=2, aim=0.0) == batches, "in whatever order they come"


def test_one_host_with_everything_is_one_batch():
    assert len(divide([source(f"s{n}", f"https://h/{n}/") for n in range(2000)])) == 1


def test_a_batch_has_as_many_hosts_as_are_asked_at_once():
    sources = [source(f"s{n:02d}", f"https://h{n}/", agencies=99) for n in range(10)]
    assert [len(batch) for batch in divide(sources)] == [4, 4, 2]


def test_quick_hosts_are_put_together_until_there_is_work_enough():
    sources = [source(f"s{n:02d}", f"https://h{n}/", agencies=29) for n in range(20)]
    # 30 requests each, one a second: two rounds of four hosts make a minute.
    assert [len(batch) for batch in divide(sources)] == [8, 8, 4]
    assert len(divide([source(f"s{n}", f"https://h{n}/", rate=1000) for n in range(500)])) == 1


def test_slow_hosts_stand_together_and_begin_first():
    slow = [source(f"z{n}", f"https://z{n}/", rate=0.1) for n in range(4)]
    quick = [source(f"a{n}", f"https://a{n}/", rate=10) for n in range(4)]
    assert divide([*quick, *slow], aim=0.0) == [["z0", "z1", "z2", "z3"], ["a0", "a1", "a2", "a3"]]


def test_what_is_expected_tells_the_weight():
    years = {"first": 2015, "last": 2024}
    one = source("a", "https://a/", agencies=40, years=years)
    other = source("b", "https://b/", agencies=50, years={"first": 2023})
    least = source("c", "https://c/", assertions={"min": 1000})
    lanes = lanes_by_host([one, other, least, source("d")])
    assert [lane[0].name for lane in heaviest_first(lanes, None, TODAY)] == ["c", "a", "b", "d"]
    assert [lane[0].name for lane in heaviest_first(lanes, (2024,), TODAY)] == ["b", "a", "c", "d"]
