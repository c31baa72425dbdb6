"""Which sources are collected together: lanes of one host each, and batches of lanes for mapped tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from gongkai.sources.model import Source
from gongkai.sources.pace import host_of

MOST_BATCHES = 1000
"""Airflow refuses more than 1,024 map indexes."""
_AGENCIES = 30
"""Reports a year of a source that does not say what it expects: a county has about that many departments."""
_YEARS = 5
"""Report years of a source that does not say, where all are asked for."""

Lane = tuple[Source, ...]
"""Sources of one host, in the order of their names: they are asked one after another."""


def lanes_by_host(sources: Iterable[Source]) -> list[Lane]:
    """Put sources whose lists stand on one host into one lane, in the order of the first name of each.

    A source with lists on two hosts joins their lanes. Further hosts, of pages and files, join nothing: a province's
    file server would make one lane of all its counties, and the pace of a host holds across lanes anyway.
    """
    parent: dict[str, str] = {}

    def root(host: str) -> str:
        while parent.setdefault(host, host) != host:
            parent[host] = host = parent[parent[host]]
        return host

    ordered = sorted(sources, key=lambda one: one.name)
    for source in ordered:
        hosts = _list_hosts(source)
        for host in hosts[1:]:
            parent[root(host)] = root(hosts[0])
    lanes: defaultdict[str, list[Source]] = defaultdict(list)
    for source in ordered:
        lanes[root(_list_hosts(source)[0])].append(source)
    return [tuple(lane) for lane in lanes.values()]


def heaviest_first(lanes: Iterable[Lane], years: Collection[int] | None, today: date) -> list[Lane]:
    """Sort lanes by the seconds that they are expected to take, so that the longest do not begin last."""
    return sorted(lanes, key=lambda lane: (-_seconds(lane, years, today), lane[0].name))


def batches_of(
    sources: Collection[Source],
    years: Collection[int] | None,
    *,
    today: date,
    at_once: int,
    aim: float,
    most: int = MOST_BATCHES,
) -> list[list[str]]:
    """Divide sources into batches, for each of which one mapped task asks the hosts side by side.

    Pure: the same sources give the same batches in whatever order they come. The sources of one host stand in one
    batch. Hosts that are expected to take alike long stand together, so that a batch does not wait for one of them; a
    batch has as many hosts as are asked at once, and more where these would be done before `aim`.

    Args:
        sources: The sources.
        years: Report years that are asked for; None for all.
        today: Decides which years are over.
        at_once: Hosts that a task asks at the same time.
        aim: Seconds that a batch should take at least: a mapped task costs up to a second of its own.
        most: Most batches.

    Returns:
        Names of sources, one list a batch.
    """
    lanes = heaviest_first(lanes_by_host(sources), years, today)
    least_hosts = max(at_once, -(-len(lanes) // most))
    batches: list[list[Lane]] = []
    seconds = 0.0
    for lane in lanes:
        if not batches or (len(batches[-1]) >= least_hosts and seconds >= aim * at_once):
            batches.append([])
            seconds = 0.0
        batches[-1].append(lane)
        seconds += _seconds(lane, years, today)
    return [[source.name for lane in batch for source in lane] for batch in batches]


def _list_hosts(source: Source) -> Sequence[str]:
    if source.portal is None:
        return (f"folder of {source.name}",)
    return tuple(dict.fromkeys(host_of(url) for url in source.portal.list_urls))


def _seconds(lane: Lane, years: Collection[int] | None, today: date) -> float:
    """Guess what a lane takes: one request for each report that is expected, at the rate that is allowed."""
    by_rate: defaultdict[float, int] = defaultdict(int)
    for source in lane:
        if source.portal is not None:
            by_rate[source.politeness.requests_per_second] += len(source.portal.list_urls) + _reports(
                source, years, today
            )
    return sum(count / rate for rate, count in by_rate.items())


def _reports(source: Source, years: Collection[int] | None, today: date) -> int:
    expected = set(source.expect.years.ended(today)) if source.expect.years else None
    if years is None:
        count = len(expected) if expected is not None else _YEARS
    else:
        count = len(set(years) & expected) if expected is not None else len(years)
    reports = (len(source.expect.agencies) or _AGENCIES) * count
    return max(reports, source.assertions.min) if years is None else reports
