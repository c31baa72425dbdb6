"""The HTML dictionary: nothing is left out, nothing unescaped, nothing stale; a real browser searches it."""

import re
from dataclasses import replace

import pytest
from lxml import html
from tests.warehouse.browser import needs_browser, visit

from gongkai.contracts.tables import load_tables
from gongkai.pipeline.contracts import write_page, write_release_docs
from gongkai.settings import get_settings
from gongkai.warehouse.dictionary_html import PAGE, ReleaseFacts, dictionary_page, release_facts
from gongkai.warehouse.macros import load_macros
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.release import DICTIONARY, prune, release_ids, release_path


@pytest.fixture(scope="module")
def page():
    return html.fromstring(PAGE.read_text(encoding="utf-8"))


def test_it_is_not_stale(tmp_path):
    fresh = write_page(tmp_path / "page.html").read_bytes()
    assert PAGE.read_bytes() == fresh, "run `make docs`"


def test_every_table_and_column_is_explained_in_both_languages(page):
    for contract in load_tables().values():
        section = page.get_element_by_id(contract.name)
        text = section.text_content()
        assert all(
            one in text for one in (contract.zh_text, contract.en_text, contract.warning_zh, contract.warning_en)
        )
        assert all(authority.title in text for authority in contract.authorities)
        assert contract.owner in text and contract.version in text
        assert all(check.name in text and check.query in text for check in contract.checks)
        for column in contract.columns:
            row = page.get_element_by_id(f"{contract.name}.{column.name}").text_content()
            assert all(one in row for one in (column.type, column.zh, column.zh_text, column.en_text, column.unit))
            if column.references:
                assert f"→ {'.'.join(column.references)}" in row
    for mart in load_marts():
        text = page.get_element_by_id(f"mart.{mart.name}").text_content()
        assert mart.zh in text and mart.en in text
        assert all(page.get_element_by_id(f"mart.{mart.name}.{column}") is not None for column in mart.columns)
    for macro in load_macros():
        text = page.get_element_by_id(f"mart.{macro.name}").text_content()
        assert macro.zh in text and macro.en in text and macro.example in text
        names = [*(one.name for one in macro.parameters), *macro.columns]
        assert all(page.get_element_by_id(f"mart.{macro.name}.{one}") is not None for one in names)


def test_links_lead_somewhere(page):
    ids = {one.get("id") for one in page.iter() if isinstance(one.tag, str)}
    for link in page.iter("a"):
        target = link.get("href")
        assert target.startswith("https://www.gov.cn/") or target[1:] in ids, target


def test_it_loads_nothing(page):
    assert not page.xpath("//*[@src] | //link | //@style | //iframe | //form")
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe" not in policy


def test_what_a_release_says_is_escaped_and_bounded(sample_house):
    tables, marts = load_tables(), load_marts()
    facts = release_facts(sample_house.done.path, tables, marts)
    evil = "</script><script>alert(1)</script>"
    samples = {name: dict(columns) for name, columns in facts.samples.items()}
    samples["reports"]["title"] = [evil]
    text = dictionary_page(tables, marts, load_macros(), replace(facts, samples=samples))
    assert evil not in text and "&lt;/script&gt;&lt;script&gt;alert(1)" in text
    assert all(len(one) <= 61 for columns in facts.samples.values() for values in columns.values() for one in values)
    assert all(len(values) <= 4 for columns in facts.samples.values() for values in columns.values())


def test_a_release_has_its_rows_and_samples(sample_house, tmp_path, monkeypatch):
    monkeypatch.setenv("GONGKAI_WAREHOUSE", str(sample_house.folder))
    get_settings.cache_clear()
    try:
        written = write_release_docs(tmp_path / "dictionary.html")
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    page = html.fromstring(written.read_text(encoding="utf-8"))
    for name in load_tables():
        rows = page.get_element_by_id(name).find_class("rows")[0].text
        assert int(rows.replace(",", "")) == sample_house.done.rows[name]
    assert "宿迁市人民政府" in page.get_element_by_id("agencies.agency_name").text_content()
    assert sample_house.done.release_id in page.text_content()


def test_the_dictionary_goes_with_its_release(house):
    path = house.first.path.with_suffix(DICTIONARY)
    path.write_text("page")
    house.change(lambda entries: entries.pop())
    house.publish(keep=2, force=True)
    assert path.exists()
    assert house.first.release_id in release_ids(house.folder)
    prune(house.folder, 1)
    assert not path.exists() and not release_path(house.folder, house.first.release_id).exists()


def test_same_release_same_page(sample_house):
    tables, marts, macros = load_tables(), load_marts(), load_macros()
    facts = [release_facts(sample_house.done.path, tables, marts) for _ in range(2)]
    pages = {dictionary_page(tables, marts, macros, one) for one in facts}
    assert len(pages) == 1
    assert isinstance(facts[0], ReleaseFacts)


@needs_browser
def test_a_browser_searches_it(tmp_path):
    found = visit(f"{PAGE.as_uri()}?lang=en&q=sha256%20requests", tmp_path)
    assert found.console == [] and found.requests == []
    dom = html.fromstring(found.dom)
    shown = [one.get("id") for one in dom.xpath("//main/section[not(@hidden)]")]
    assert "requests" in shown and "regions" not in shown
    rows = dom.xpath("//section[@id='requests']//tbody/tr[not(@hidden)]/@id")
    assert "requests.document_sha256" in rows
    assert re.fullmatch(r"\d+", dom.xpath("//output/text()")[0])
    assert dom.get("data-lang") == "en"
