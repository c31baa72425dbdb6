"""Data Docs: pages that load nothing, and say what the validation said."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from decimal import Decimal

import pytest

from gongkai.pipeline.data_docs import write_data_docs
from gongkai.quality.check import check
from gongkai.quality.data_docs import offline, validation_page
from gongkai.quality.gx import judge
from gongkai.quality.rulebook import rule_book
from gongkai.reports.model import Cell, State

LOADS = re.compile(r"""\b(?:src|srcset|poster|data)\s*=|<(?:script|link|iframe|img)\b|@import|url\(|https?://""", re.I)
TOTAL = ("review", "review", "total")


@pytest.fixture
def validations(balanced, as_cells, as_links):
    wrong = balanced("2021") | {TOTAL: Cell(*TOTAL, State.NUMBER, Decimal(7777))}
    forms = {"good": ("2021", balanced("2021", 1)), "bad <b>": ("2021", wrong)}
    return check(as_cells(forms), as_links({}), engines="both").validations


def test_the_result_kept_is_plain_and_the_same_each_time(validations, balanced, as_cells, as_links):
    text = json.dumps(validations, sort_keys=True)
    again = judge(rule_book(), as_cells({"good": ("2021", balanced("2021", 1))}), as_links({})).validations
    more = judge(rule_book(), as_cells({"good": ("2021", balanced("2021", 1))}), as_links({})).validations
    assert json.dumps(again, sort_keys=True) == json.dumps(more, sort_keys=True)
    assert "bad <b>" in text
    assert validations["2021"]["success"] is False


def test_pages_load_nothing_and_name_what_fails(validations, data, tmp_path, monkeypatch):
    from gongkai.pipeline.load import open_lake

    open_lake().keep_validations(2024, validations)
    index = write_data_docs()
    assert index == data / "docs" / "index.html"
    pages = {path.name: path.read_text("utf-8") for path in index.parent.glob("*.html")}
    assert set(pages) == {"index.html", "2024-2021.html", "suite-2021.html", "suite-2019.html", "suite-legacy.html"}
    for name, page in pages.items():
        assert LOADS.search(page) is None, name
        for target in re.findall(r'href="([^"#]+)', page):
            assert target in pages
    page = pages["2024-2021.html"]
    assert "review_sum:review/review/total" in page
    assert "bad &lt;b&gt;" in page
    assert "bad <b>" not in page
    assert write_data_docs() == index


def test_validations_of_a_year_are_replaced(validations, data):
    from gongkai.pipeline.load import open_lake

    lake = open_lake()
    lake.keep_validations(2024, {**validations, "2019": {"success": True}})
    lake.keep_validations(2024, validations)
    assert list(lake.validations()) == [(2024, "2021")]
    assert lake.years() == []


def test_whatever_a_page_loads_is_taken_out():
    page = offline(
        "<html><head><title>x</title><link href='https://a/b.css'><style>p{background:url(//c/d.png)}</style>"
        "<script src='https://e/f.js'></script></head><body onload='g()'><img src='https://h/i.png'>tail"
        "<a href='https://j/'>k</a><p style='background: url(\"http://l\")'>m</p></body></html>",
        "title",
    )
    assert LOADS.search(page) is None
    assert "onload" not in page
    assert "tail" in page


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs chromium")
def test_a_browser_without_network_shows_the_page(validations, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(validation_page(json.loads(json.dumps(validations["2021"])), "2024"), encoding="utf-8")
    command = [
        shutil.which("chromium"),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
    log = tmp_path / "net.json"
    done = subprocess.run(
        [*command, f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={log}", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "review_sum:review/review/total" in done.stdout
