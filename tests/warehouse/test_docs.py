"""The guide's queries run on a release, and the generated dictionary is what the contracts say."""

import re

import duckdb
import pytest

from gongkai.contracts.tables import load_tables
from gongkai.settings import ROOT
from gongkai.warehouse.dictionary import DOCUMENT, dictionary, write
from gongkai.warehouse.macros import load_macros
from gongkai.warehouse.marts import load_marts

GUIDE = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)
QUERIES = [query for block in BLOCKS for query in block.split(";\n") if query.strip()]


@pytest.fixture(scope="module")
def con(sample_house):
    with duckdb.connect(str(sample_house.folder / "gongkai.duckdb"), read_only=True) as con:
        yield con


def test_the_guide_has_queries():
    assert len(QUERIES) >= 12


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[0][:60])
def test_queries_of_the_guide_run(con, query):
    rows = con.execute(query).fetchall()
    # The sample has no number in the text that differs from its table; every other query finds something.
    assert rows or "stated_figures" in query


def test_answers_of_the_guide(con):
    def answer(words):
        return con.execute(next(query for query in QUERIES if words in query)).fetchall()

    assert answer("carry_over_gap") == [(2023, 3511, 96, 3486, 121, None), (2024, 3525, 121, 3521, 125, 0)]
    assert answer("mart.correction_rates") == [
        ("litigation_after_review", 1, 14, 0.071),
        ("litigation_direct", 4, 25, 0.16),
        ("review", 64, 314, 0.204),
    ]
    assert answer("mart.year_on_year") == [("宿迁市人民政府", 2024, 3511, 3525, 14, 0.004)]
    assert answer("mart.region_totals") == [
        (2023, "city", "government", 3511, 1),
        (2024, "city", "government", 3525, 2),
    ]
    assert answer("mart.publisher_error_counts")[0] == ("济宁市科技局", 1, 1, 1)
    assert [row[:3] for row in answer("NOT found")] == [("宿迁市人民政府", 2022, "missing")]
    assert answer("raw, value, state")[0][:3] == ("3525", 3525, "number")
    assert answer("'全市 政府信息公开申请'") == [
        ("宿迁市人民政府", 2024, "一、总体情况", 2, "2024年，【全市】共收到【政府信息公开申请】3525件。")
    ]
    assert answer("narratives.text") == [("suqian-2024", 1, "2024年，全市共收到政府信息公开申请3525件。")]
    assert answer("AS hits") == [(2024, 1, 1)]


def test_names_in_the_guide_exist(con):
    tables = set(load_tables()) | {one.name for one in [*load_marts(), *load_macros()]}
    for name in re.findall(r"`mart\.(\w+)`", GUIDE):
        assert name in tables


def test_the_dictionary_is_not_stale():
    fresh = dictionary(load_tables(), load_marts(), load_macros())
    assert DOCUMENT.read_text(encoding="utf-8") == fresh, "run `gongkai contracts docs`"


def test_the_dictionary_names_every_table_and_column(tmp_path):
    text = write(tmp_path / "dictionary.md").read_text(encoding="utf-8")
    for contract in load_tables().values():
        section = text.split(f"\n## {contract.name}\n")[1].split("\n## ")[0]
        for column in contract.columns:
            assert f"| `{column.name}` | {column.type}" in section
        for check in contract.checks:
            assert f"- `{check.name}`: " in section
    for mart in load_marts():
        section = text.split(f"\n## mart.{mart.name}\n")[1].split("\n## ")[0]
        assert all(f"| `{name}` |" in section for name in mart.columns)
    for macro in load_macros():
        section = text.split(f"\n## mart.{macro.name}\n")[1].split("\n## ")[0]
        assert all(f"| `{name}` |" in section for name in [*macro.texts, *macro.columns])
