import json
from datetime import date

import pytest

from gongkai.contracts.yaml import load_tree
from gongkai.errors import ContractError
from gongkai.settings import ROOT
from gongkai.sources.registry import choose_sources, load_each, load_source, load_sources
from gongkai.sources.schema import DOCUMENT, schema

GOOD = """\
name: county
title: 政府信息公开年报
publisher: 云岭县人民政府
region: {code: "900121", name: 云岭县}
adapter: html_list
html_list:
  list_urls:
    - http://www.example.gov.cn:8080/zfxxgknb/
    - https://www.example.gov.cn/xxgk/index.html
  hosts: ["*.example.gov.cn"]
politeness: {requests_per_second: 2, concurrency: 1, robots: true}
expect:
  years: {first: 2018, last: 2024}
  agencies:
    - {name: 云岭县人民政府, aliases: [云岭县], region: {code: "900121", name: 云岭县}, level: county, kind: government}
assertions: {min: 3, max: 9}
checked: 2025-06-30
"""


def load(folder, text, name="county"):
    path = folder / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return load_source(path)


def test_a_source_is_read(tmp_path):
    source = load(tmp_path, GOOD)
    assert source.hosts == ("www.example.gov.cn:8080", "www.example.gov.cn", "*.example.gov.cn")
    assert source.expect.agencies[0].aliases == ("云岭县",)
    assert not source.allow_private


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("title: 政府", "titel: 政府"), 1, "title: Field required"),
        (("  hosts:", "  host:"), 10, "html_list.host: Extra inputs are not permitted"),
        (("checked: 2025-06-30", "checked: soon"), 17, "checked: "),
        (("http://www.example.gov.cn:8080/zfxxgknb/", "ftp://www.example.gov.cn/"), 8, "must be an http"),
        (("http://www.example.gov.cn:8080/", "http://me:secret@www.example.gov.cn/"), 8, "without a user"),
        (("first: 2018", "first: 2025"), 13, "stands before first"),
        (('"*.example.gov.cn"', '"*.cn"'), 10, "must be host"),
        (("concurrency: 1", "concurrency: 100"), 11, "less than or equal to 8"),
        (("adapter: html_list", "adapter: folder"), 1, "adapter folder needs options"),
    ],
)
def test_a_broken_source_is_refused_with_file_line_and_reason(tmp_path, change, line, words):
    with pytest.raises(ContractError) as caught:
        load(tmp_path, GOOD.replace(*change))
    assert f"county.yml:{line}: " in str(caught.value)
    assert words in str(caught.value)


def test_the_name_is_that_of_the_file(tmp_path):
    with pytest.raises(ContractError, match="not its file's name"):
        load(tmp_path, GOOD, name="other")


def test_variables_stand_in_addresses(tmp_path, monkeypatch):
    text = GOOD.replace("http://www.example.gov.cn:8080/", "${GONGKAI_PORTAL:-http://127.0.0.1:8765}/")
    assert load(tmp_path, text).html_list.list_urls[0] == "http://127.0.0.1:8765/zfxxgknb/"
    monkeypatch.setenv("GONGKAI_PORTAL", "http://127.0.0.1:9")
    assert load(tmp_path, text).hosts[0] == "127.0.0.1:9"


@pytest.mark.parametrize(
    ("variable", "words"),
    [("${GONGKAI_UNSET}", "is not set"), ("${AWS_SECRET_ACCESS_KEY:-x}", "only variables GONGKAI_")],
)
def test_other_variables_are_refused(tmp_path, monkeypatch, variable, words):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with pytest.raises(ContractError, match=words) as caught:
        load(tmp_path, GOOD.replace("http://www.example.gov.cn:8080", variable))
    assert "secret" not in str(caught.value).replace("AWS_SECRET", "").lower()


def test_a_folder_stands_beside_its_source(tmp_path):
    text = GOOD[: GOOD.index("adapter")] + "adapter: folder\nfolder: {path: papers}\n"
    assert load(tmp_path, text).folder.path == tmp_path / "papers"


def test_sources_are_loaded_by_name(tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.yml").write_text(GOOD.replace("name: county", f"name: {name}", 1), encoding="utf-8")
    sources = load_sources(tmp_path)
    assert [source.name for source in sources] == ["a", "b"]
    assert [source.name for source in choose_sources(sources, ["b"])] == ["b"]
    assert choose_sources(sources, []) == sources
    with pytest.raises(ContractError, match="unknown source; found c; expected one of a, b"):
        choose_sources(sources, ["c"])


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ContractError, match="no sources"):
        load_sources(tmp_path)


def test_the_bundled_sources_are_sound(monkeypatch):
    monkeypatch.delenv("GONGKAI_SAMPLE_PORTAL", raising=False)
    sources = {source.name: source for source in load_sources(ROOT / "include" / "sources")}
    assert sources["sample_portal"].hosts == ("127.0.0.1:8765",)


def test_the_adapter_is_the_one_whose_options_are_given(tmp_path):
    assert load(tmp_path, GOOD.replace("adapter: html_list\n", "")).adapter == "html_list"
    both = GOOD.replace("adapter: html_list\n", "folder: {path: papers}\n")
    with pytest.raises(ContractError, match="adapter: Field required"):
        load(tmp_path, both)


def test_lists_of_each_year(tmp_path):
    text = GOOD.replace("xxgk/index.html", "xxgk/{year}/{next_year}.html").replace("last: 2024", "last: 2030")
    source = load(tmp_path, text)
    assert source.columns(date(2020, 5, 1))[1:] == (
        ("https://www.example.gov.cn/xxgk/2018/2019.html", 2018),
        ("https://www.example.gov.cn/xxgk/2019/2020.html", 2019),
    )
    assert source.columns(date(2017, 1, 1)) == (("http://www.example.gov.cn:8080/zfxxgknb/", None),)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("robots: true", "robots: true, window: 25:00-06:00"), "politeness.window: String should match"),
        (("robots: true", "robots: true, window: 06:00-06:00"), "opens and closes at the same time"),
        (("max: 9", "max: 2"), "less than min"),
        (("  hosts:", "  title: .x\n  hosts:"), "give row too"),
        (("  hosts:", "  row: 'a['\n  hosts:"), "not a CSS selector"),
        (("  hosts:", "  columns: '('\n  hosts:"), "not a regular expression"),
        (("  hosts:", "  pagination: {template: index_1.html}\n  hosts:"), "must hold {n} once"),
        (("  hosts:", "  pagination: {template: 'i{n}', parameter: p}\n  hosts:"), "not both"),
        (("www.example.gov.cn/xxgk", "{year}.example.gov.cn/xxgk"), "the host cannot hold a placeholder"),
    ],
)
def test_options_that_cannot_work_are_refused(tmp_path, change, words):
    assert change[0] in GOOD
    with pytest.raises(ContractError) as caught:
        load(tmp_path, GOOD.replace(*change))
    assert words in str(caught.value)


def test_the_schema_is_not_stale_and_fits_the_bundled_sources():
    assert DOCUMENT.read_text(encoding="utf-8") == schema(), "run `make docs`"
    known = json.loads(schema())
    assert known["additionalProperties"] is False
    assert set(known["required"]) == {"name", "title", "publisher", "region"}
    for path in (ROOT / "include" / "sources").glob("*.yml"):
        assert set(load_tree(path)) <= set(known["properties"])


def test_each_source_is_read_for_itself(tmp_path):
    (tmp_path / "good.yml").write_text(GOOD.replace("county", "good", 1), encoding="utf-8")
    (tmp_path / "bad.yml").write_text("name: bad\n")
    sources, broken = load_each(tmp_path)
    assert ([source.name for source in sources], list(broken)) == (["good"], ["bad"])
    assert load_each(tmp_path, ["good"]) == (sources, {})
    assert "missing" in str(load_each(tmp_path, ["gone"])[1]["gone"])
