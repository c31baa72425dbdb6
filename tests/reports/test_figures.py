"""Figures that the text states, with their value, place, scope and cell."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from tests.work import work_of_at_most

from gongkai.documents.read import read
from gongkai.reports.build import build_report
from gongkai.reports.figures import find_figures
from gongkai.reports.model import Chapter


def found(text, template="2021", year=2024):
    figures = find_figures([Chapter(1, "overview", "", text)], template, year)
    assert all(one.sentence in text and 0 <= one.start < one.end <= len(text) for one in figures)
    return [(one.indicator, int(one.value), one.kind, one.scope) for one in figures]


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("全市共受理政府信息公开申请3,119件。", ("applications_received", 3119, "exact", "area")),
        ("我局收到政府信息依申请公开0件次。", ("applications_received", 0, "exact", "office")),
        ("收到政府信息公开申请 17 件。", ("applications_received", 17, "exact", "")),
        ("收到政府信息公开申请三十二件。", ("applications_received", 32, "exact", "")),
        ("未收到政府信息公开申请。", ("applications_received", 0, "stated_none", "")),
        ("结转下年度继续办理4件。", ("applications_carried_out", 4, "exact", "")),
        ("微信公众号发布信息1.2万条。", ("items_published_wechat", 12000, "approximate", "")),
        ("政府网站主动公开政府信息5500余条。", ("items_published_website", 5500, "approximate", "")),
        ("办理人大代表建议和政协委员提案30件。", ("proposals", 30, "exact", "")),
        ("收取信息处理费3940元。", ("disclosure_fees", 3940, "exact", "")),
    ],
)
def test_one_figure(text, figure):
    assert found(text) == [figure]


@pytest.mark.parametrize("text", ["2023年收到政府信息公开申请30件。", "下一步将组织业务培训3次。", "申请办结率100%。"])
def test_numbers_that_state_nothing_of_the_year(text):
    assert found(text) == []


@pytest.mark.parametrize("text", ["收到" * 50_000, "1" * 100_000, "政府信息公开申请" * 20_000, "未" * 100_000])
def test_long_texts_cost_little(text):
    with work_of_at_most(5):
        found(text)


@pytest.mark.corpus
def test_figures_of_the_corpus(shared, capsys):
    hit = missed = wrong = 0
    for path in sorted((shared / "corpus" / "sample").glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if "html_attachment" in path.name or "scan" in path.name:
            continue
        file = path.with_suffix("")
        figures = build_report(read(file.read_bytes(), file.name)).figures
        linked = {(one.table, one.row, one.column, one.value) for one in figures if one.table}
        stated = {(*cell, Decimal(str(value))) for *cell, value in truth.get("stated") or ()}
        hit, missed, wrong = hit + len(linked & stated), missed + len(stated - linked), wrong + len(linked - stated)
    with capsys.disabled():
        print(f" recall {hit / (hit + missed):.3f}, precision {hit / (hit + wrong):.3f} of {hit + missed} figures")
    assert hit >= 0.98 * (hit + missed)
    assert hit >= 0.98 * (hit + wrong)
