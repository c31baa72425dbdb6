"""Search over the narratives: what it finds and how it ranks is found again by plain Python, whatever the text."""

import math
import re

import duckdb
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.bench.searchable import loose

from gongkai.contracts.tables import load_tables
from gongkai.errors import ContractError, GateError
from gongkai.warehouse import build
from gongkai.warehouse.macros import Macro, add_macros, load_macros

TABLES = load_tables()
OVERVIEW = "2024年，我局收到政府信息公开申\n请３５２５件，其中通过ＡＩ热线 12345 转办 12\n34件。"
TEXTS = {
    ("a-2023", "accepted"): [
        "依申请公开方面，办理依申请公开 12 件。行政诉讼0件。",
        "存在的问题：依 申 请 公 开答复不规范。",
    ],
    ("a-2024", "accepted_with_errors"): [OVERVIEW],
    ("b-2024", "accepted"): ["无行政诉讼。", "O'Neil 100% (a_b) [c] x|y \\d+ {any} $search$ ⅳ级Ⅳ级"],
    ("c-2024", "quarantined"): ["依申请公开，行政诉讼。"],
}


def fill(con, texts):
    """Put reports, each with the texts of its chapters, into the tables of a release."""
    reports, rows = [], []
    for (report_id, status), chapters in texts.items():
        agency, _, year = report_id.rpartition("-")
        ids = {"report_id": report_id, "report_year": int(year), "agency_id": agency}
        reports.append(ids | {"agency_name": f"{agency}局", "status": status, "url": f"https://{report_id}"})
        for number, text in enumerate(chapters, 1):
            row = ids | {"chapter_no": number, "chapter_code": "overview", "heading": "", "text": text}
            rows += [row | {"topic_no": topic, "n_chars": len(text)} for topic in (0, 1)]
    for name, made in (("reports", reports), ("narratives", rows)):
        con.execute(f"DELETE FROM {name}")
        build.insert(con, TABLES[name], pa.Table.from_pylist(made))


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    path = tmp_path_factory.mktemp("search") / "release.duckdb"
    with build.create(path) as con:
        for name in ("reports", "narratives"):
            con.execute(build.ddl(loose(TABLES[name])))
        con.execute("CREATE SCHEMA mart")
        add_macros(con, load_macros())
        yield con


@pytest.fixture
def search(release):
    fill(release, TEXTS)

    def ask(words, columns="report_id, chapter_no", **options):
        named = "".join(f", {name} := ?" for name in options)
        query = f"SELECT {columns} FROM mart.search_narratives(?{named})"
        return release.execute(query, [words, *options.values()]).fetchall()

    return ask


def normal(text):
    text = "".join(chr(ord(one) - 65248) if "！" <= one <= "～" else one for one in text)
    text = "".join(low if len(low := one.lower()) == 1 and low.upper() == one else one for one in text)
    return re.sub(r"(?<![0-9a-z\s])\s+|\s+(?![0-9a-z\s])", "", text)  # whole runs of blanks


def expected(texts, words, statuses=("accepted", "accepted_with_errors")):
    """Hits and score of each chapter in which all words occur."""
    chapters = {
        (report_id, number): text
        for (report_id, status), found in texts.items()
        if status in statuses
        for number, text in enumerate(found, 1)
    }
    words = {normal(word) for word in words.split()}
    counts = {key: [normal(text).count(word) for word in words] for key, text in chapters.items()}
    mean = sum(map(len, chapters.values())) / len(chapters)
    weights = []
    for place in range(len(words)):
        frequency = sum(found[place] > 0 for found in counts.values())
        weights.append(math.log(1 + (len(chapters) - frequency + 0.5) / (frequency + 0.5)))
    made = {}
    for key, found in counts.items():
        if all(found):
            damp = 1.2 * (0.25 + 0.75 * len(chapters[key]) / mean)
            score = sum(weight * n * 2.2 / (n + damp) for weight, n in zip(weights, found, strict=True))
            made[key] = (sum(found), pytest.approx(score, abs=1e-4))
    return made


@pytest.mark.parametrize(
    "words",
    [
        "依申请公开", "依申请公开 行政诉讼", "依申请公开　行政诉讼", "政府信息公开申请3525件", "３５２５", "Ai",
        "ai热线12345转办", "1234", "345", "1234件", "12 34件", "o'neil", "100%", "(a_b)", "[C]", "x|y", r"\d+",
        "{any}", "$search$", "Ⅳ级", "公开 公开", "没有的词", "，",
    ],
)  # fmt: skip
def test_it_finds_what_plain_python_finds(search, words):
    found = {tuple(row[:2]): tuple(row[2:]) for row in search(words, "report_id, chapter_no, n_hits, score")}
    assert found == expected(TEXTS, words)


def test_words_that_are_there_are_found():
    """The cases above compare two empty answers only where nothing is there."""
    words = ("政府信息公开申请3525件", "ai热线12345转办", "{any}", "$search$", "Ⅳ级", "12 34件")
    assert all(expected(TEXTS, word) for word in words)
    assert not expected(TEXTS, "1234件")


SIGNS = st.text("政府信a1A１Ａ(（ \n　", max_size=12)


@settings(max_examples=40)
@given(
    st.lists(st.lists(SIGNS.filter(bool), min_size=1, max_size=3), min_size=1, max_size=3),
    SIGNS.filter(lambda one: one.strip()),
)
@example([["1  1"]], "11")
def test_whatever_the_text_and_the_words(release, texts, words):
    reports = {(f"r{number}-2024", "accepted"): chapters for number, chapters in enumerate(texts)}
    fill(release, reports)
    query = "SELECT report_id, chapter_no, n_hits, score FROM mart.search_narratives(?)"
    found = {tuple(row[:2]): tuple(row[2:]) for row in release.execute(query, [words]).fetchall()}
    assert found == expected(reports, words)


def test_the_best_come_first_and_the_words_are_marked(search):
    rows = search("依申请公开", "report_id, chapter_no, n_hits, agency_name, url, snippet")
    assert rows == [
        ("a-2023", 1, 2, "a局", "https://a-2023", "【依申请公开】方面，办理【依申请公开】 12 件。行政诉讼0件。"),
        ("a-2023", 2, 1, "a局", "https://a-2023", "存在的问题：【依 申 请 公 开】答复不规范。"),
    ]


def test_a_snippet_is_cut_around_the_first_hit(release):
    fill(release, {("a-2024", "accepted"): ["前" * 50 + "政府\n信息" + "后" * 80]})
    ((snippet,),) = release.execute("SELECT snippet FROM mart.search_narratives('政府信息')").fetchall()
    assert snippet == "…" + "前" * 30 + "【政府 信息】" + "后" * 55 + "…"


def test_years_rows_and_status_can_be_chosen(search):
    assert {row[0] for row in search("行政诉讼")} == {"a-2023", "b-2024"}
    assert search("行政诉讼", from_year=2024) == [("b-2024", 1)]
    assert search("行政诉讼", to_year=2023) == [("a-2023", 1)]
    assert len(search("行政诉讼", max_rows=1)) == 1
    assert len(search("行政诉讼", max_rows=None)) == 2
    assert {row[0] for row in search("行政诉讼", with_quarantined=True)} == {"a-2023", "b-2024", "c-2024"}


@pytest.mark.parametrize("words", ["", " 　", None])
def test_no_words_are_refused(search, words):
    with pytest.raises(duckdb.Error, match="no word to search for"):
        search(words)


def test_parameters_are_no_way_into_the_query(search):
    assert search("') UNION SELECT 1 --") == []
    with pytest.raises(duckdb.Error, match="Could not convert"):
        search("公开", from_year="0 OR true")
    with pytest.raises(duckdb.Error, match="nowhere"):
        search("公开", in_database='nowhere".x; --')


def test_it_works_in_the_release_and_attached_under_another_name(sample_house):
    link = sample_house.folder / "gongkai.duckdb"
    query = "SELECT report_id, n_hits FROM {}mart.search_narratives('全市{}', {})"
    with duckdb.connect(str(link), read_only=True) as con:
        rows = con.execute(query.format("", "公开申请", "max_rows := 3")).fetchall()
        assert rows == []
        rows = con.execute(query.format("", " 公开申请", "max_rows := 3")).fetchall()
        comment = con.execute("SELECT comment FROM duckdb_functions() WHERE function_name = 'search_narratives'")
        assert comment.fetchall() == [(load_macros()[0].comment,)]
    assert rows == [("suqian-2024", 2)]
    with duckdb.connect() as con:
        con.execute(f"ATTACH '{link}' AS \"an nual\" (READ_ONLY)")
        call = query.format('"an nual".', " 公开申请", "in_database := 'an nual'")
        assert con.execute(call).fetchall() == rows


def test_the_text_may_be_a_view(release):
    fill(release, TEXTS)
    whole = release.execute("FROM mart.search_narratives('行政诉讼')").fetchall()
    release.execute("BEGIN; ALTER TABLE narratives RENAME TO stored; CREATE VIEW main.narratives AS FROM main.stored")
    try:
        assert release.execute("FROM mart.search_narratives('行政诉讼')").fetchall() == whole != []
    finally:
        release.execute("ROLLBACK")


MACRO = "-- zh: 甲\n-- en: A\n-- parameter n := 3: 数 | number\n-- example: m()\n-- column x: 甲 | A\n"


def test_what_is_read_of_a_macro(tmp_path):
    (tmp_path / "m.sql").write_text(MACRO + "SELECT n AS x", encoding="utf-8")
    (macro,) = load_macros(tmp_path)
    assert (macro.signature, macro.example, macro.columns) == ("m(n := 3)", "m()", {"x": "甲 | A"})
    assert macro.comment == "甲 | A\nn := 3: 数 | number"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SELECT 1 AS x", "begins with its comments"),
        (MACRO.replace("-- example: m()\n", "") + "SELECT 1 AS x", "begins with its comments"),
        (MACRO.replace("-- column x", "-- columns x") + "SELECT 1 AS x", "begins with its comments"),
        (MACRO, "no query"),
    ],
)
def test_broken_macros_are_refused(tmp_path, text, words):
    (tmp_path / "m.sql").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match=words):
        load_macros(tmp_path)


@pytest.mark.parametrize(("select", "found"), [("SELECT 1 AS y", r"\['y'\]"), ("SELECT x FROM nowhere", "nowhere")])
def test_a_macro_that_gives_something_else_stops_the_release(tmp_path, select, found):
    macro = Macro("m", "甲", "A", (), {"x": "甲 | A"}, "m()", select)
    with build.create(tmp_path / "x.duckdb") as con:
        con.execute("CREATE SCHEMA mart")
        with pytest.raises(GateError, match=f"gate macros failed; found .*{found}"):
            add_macros(con, [macro])
