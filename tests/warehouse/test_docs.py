"""The guide's queries run on a release, and the generated dictionary is what the contracts say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from tests.warehouse.examples import GUIDES, answer_table, blocks, guide, queries

from gongkai.contracts.tables import load_tables
from gongkai.warehouse.dictionary import DOCUMENT, dictionary, write
from gongkai.warehouse.macros import load_macros
from gongkai.warehouse.marts import load_marts
from samples.portal import PORT, serve

QUERIES = queries()
SCRIPTS = [code for name in GUIDES for code in blocks(name, "python")]
TRACE = "c.page, c.x0"
DEFAULT = f"http://127.0.0.1:{PORT}"


@pytest.fixture(scope="module")
def con(sample_house):
    with duckdb.connect(str(sample_house.folder / "gongkai.duckdb"), read_only=True) as con:
        yield con


def test_the_guides_have_queries():
    assert len(queries("docs/analysts.md")) >= 20
    assert len(queries("docs/bi.md")) >= 4


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[0][:60])
def test_queries_of_the_guides_run(con, query):
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
    assert [row[:4] for row in answer(TRACE)] == [("宿迁市人民政府", 3525, "3525", "number")]
    assert answer("'全市 政府信息公开申请'") == [
        ("宿迁市人民政府", 2024, "一、总体情况", 2, "2024年，【全市】共收到【政府信息公开申请】3525件。")
    ]
    assert answer("narratives.text") == [("suqian-2024", 1, "2024年，全市共收到政府信息公开申请3525件。")]
    assert answer("AS hits") == [(2024, 1, 1)]


def test_names_in_the_guides_exist():
    tables = set(load_tables()) | {one.name for one in [*load_marts(), *load_macros()]}
    for name in GUIDES:
        assert set(re.findall(r"`mart\.(\w+)`", guide(name))) <= tables


@pytest.fixture(scope="module")
def analyst_folder(sample_house, tmp_path_factory):
    """A folder to work in, with the warehouse where the guides have it."""
    folder = tmp_path_factory.mktemp("analyst")
    (folder / "data").mkdir()
    (folder / "data" / "warehouse").symlink_to(sample_house.folder)
    return folder


@pytest.mark.parametrize("code", SCRIPTS, ids=lambda code: code.strip().splitlines()[-1][:60])
def test_python_of_the_guides_runs(analyst_folder, code):
    if "polars" in code:
        pytest.importorskip("polars")
    done = subprocess.run([sys.executable, "-c", code], cwd=analyst_folder, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def portal_release(tmp_path_factory):
    """The release that the command line makes of the sample portal's year 2024, and where the portal was."""
    data = tmp_path_factory.mktemp("portal") / "data"
    with serve() as served:
        env = os.environ | {"GONGKAI_DATA": str(data), "GONGKAI_SAMPLE_PORTAL": served.url}
        for words in (["collect", "--year", "2024"], ["load"], ["publish"]):
            done = subprocess.run(
                [Path(sys.executable).with_name("gongkai"), *words], env=env, check=False, capture_output=True
            )
            assert done.returncode in (0, 1), done.stderr
    with duckdb.connect(str(data / "warehouse" / "gongkai.duckdb"), read_only=True) as con:
        yield con, data / "archive", served.url


@pytest.mark.slow
def test_a_number_of_the_sample_portal_is_traced_to_page_and_box(portal_release):
    """The worked example of the guide, answer by answer; and the document itself is where the guide says."""
    con, archive, portal = portal_release
    found = con.execute(next(query for query in QUERIES if TRACE in query))
    names = [column[0] for column in found.description]
    answers = [dict(zip(names, map(str, row), strict=True)) for row in found.fetchall()]
    ids = {answer.pop("release_id") for answer in answers}
    assert ids == set(con.execute("SELECT release_id FROM mart.latest_release").fetchall()[0])
    told = answer_table("docs/analysts.md", "Trace a number")
    assert answers == [
        {name: "None" if text == "NULL" else text.replace(DEFAULT, portal) for name, text in one.items()}
        for one in told
    ]
    for answer in answers:
        sha = answer["document_sha256"]
        assert (archive / "documents" / sha[:2] / sha).stat().st_size > 0


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
