"""Great Expectations: its suites, broken checks, disagreement, and silence on the network."""

from __future__ import annotations

import socket
from decimal import Decimal

import pytest

from gongkai.errors import RunError
from gongkai.quality import gx
from gongkai.quality.check import check
from gongkai.quality.compare import demand_same
from gongkai.quality.deltas import delta_frames
from gongkai.quality.rulebook import rule_book
from gongkai.quality.sql import judge
from gongkai.reports.model import Cell, State

TOTAL = ("review", "review", "total")


@pytest.fixture
def spoilt(balanced, as_cells):
    form = balanced("2021") | {
        TOTAL: Cell(*TOTAL, State.NUMBER, Decimal(-1)),
        ("proactive", "licensing", "decisions"): Cell("proactive", "licensing", "decisions", State.TEXT),
    }
    return as_cells({"good": ("2021", balanced("2021", 1)), "bad": ("2021", form)})


def test_findings_are_named_by_report_and_rule(spoilt, as_links):
    found = gx.judge(rule_book(), spoilt, as_links({"good": "bad"}), subjects=["bad"])
    assert found.failing == {
        ("bad", "review_sum:review/review/total"),
        ("bad", "non_negative:review/review/total"),
    }
    assert found.undecidable == {
        ("bad", f"{family}:{table}")
        for family, table in (
            ("non_negative", "proactive"),
            ("integer", "proactive"),
        )
    }


def test_a_gap_in_the_year_before_is_told_but_not_its_absence(balanced, as_cells, as_links):
    place = ("applications", "carried_out", "total")
    before = balanced("2021", 1) | {place: Cell(*place, State.NOT_EXTRACTED)}
    cells = as_cells({"now": ("2021", balanced("2021", 2, after=balanced("2021", 1))), "before": ("2021", before)})
    linked = gx.judge(rule_book(), cells, as_links({"now": "before"}), subjects=["now"])
    assert (linked.failing, linked.undecidable) == (set(), {("now", "carry_over:applications")})
    alone = gx.judge(rule_book(), cells, as_links({}), subjects=["now"])
    assert (alone.failing, alone.undecidable) == (set(), set())


def test_each_expectation_carries_its_rule_and_severity(spoilt, as_links):
    book = rule_book()
    (deltas,) = delta_frames(book, spoilt, as_links({}))
    suite = {expectation.meta["rule"]: expectation for expectation in gx.suite_expectations(book, "2021")}
    rules = [rule for rule in book.templates["2021"].expanded_rules if rule.terms]
    assert {rule.id for rule in rules} <= set(suite)
    assert suite["row_sum:applications/received/total"].severity == "critical"
    assert suite["stock:proactive/regulations/in_force"].severity == "warning"
    assert {expectation.column for expectation in suite.values()} <= set(deltas.frame.columns)


def test_a_broken_check_is_an_error_and_no_verdict(spoilt, as_links, monkeypatch):
    def without_a_column(*args, **options):
        for deltas in delta_frames(*args, **options):
            deltas.frame.drop(columns="review_sum:review/review/total", inplace=True)
            yield deltas

    monkeypatch.setattr(gx, "delta_frames", without_a_column)
    with pytest.raises(RunError, match="broken") as caught:
        check(spoilt, as_links({}), engines="both")
    assert "review_sum:review/review/total" in str(caught.value)


@pytest.mark.parametrize("of_gx", ["failing", "undecidable"])
def test_engines_that_differ_give_no_verdict(spoilt, as_links, of_gx):
    book = rule_book()
    verdicts, found = judge(book, spoilt, as_links({})), gx.judge(book, spoilt, as_links({}))
    demand_same(book, verdicts.table, found)
    pairs = {"failing": found.failing, "undecidable": found.undecidable}
    lost = sorted(pairs[of_gx])[0]
    pairs[of_gx] = pairs[of_gx] - {lost} | {("good", "row_sum:x/y/z")}
    with pytest.raises(RunError, match="do not agree") as caught:
        demand_same(book, verdicts.table, gx.GxVerdicts(**pairs))
    assert f"only SQL: {' '.join(lost)} (1 in all)" in str(caught.value)
    assert "only Great Expectations: good row_sum:x/y/z (1 in all)" in str(caught.value)


def test_nothing_is_sent_and_nothing_is_drawn(spoilt, as_links, monkeypatch, capfd):
    def refuse(*args, **options):
        raise AssertionError(f"a connection was tried: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert check(spoilt, as_links({}), engines="both").engines_agree
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
