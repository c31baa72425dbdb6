"""The dashboard in a real browser: its numbers are those of the release, it asks for nothing, it trusts no text."""

import re
import shutil
from urllib.parse import quote

import duckdb
import pytest
from lxml import html
from tests.warehouse.browser import needs_browser, visit

from gongkai.contracts.tables import load_tables
from gongkai.errors import RunError
from gongkai.pipeline.dashboard import write_dashboard
from gongkai.settings import get_settings
from gongkai.warehouse import dashboard
from gongkai.warehouse.build import add_views
from gongkai.warehouse.dashboard import rows, write
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.portable import write_portable

REPORT = "suqian-2024"


@pytest.fixture(scope="module")
def made(sample_house, tmp_path_factory):
    return write(sample_house.done.path, tmp_path_factory.mktemp("page") / "dashboard", 1000)


@pytest.fixture(scope="module")
def con(sample_house):
    with duckdb.connect(str(sample_house.done.path), read_only=True) as con:
        yield con


@pytest.fixture(scope="module")
def seen(made, tmp_path_factory):
    """The page as a browser shows it, in English, with a report opened."""
    return visit(f"{made.page.as_uri()}?lang=en#report={REPORT}", tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def dom(seen):
    return html.fromstring(seen.dom)


def shown(dom, table):
    """The rows of a table as the page prints them, by column."""
    return [
        {cell.get("data-c"): cell.text_content() for cell in row.iter("td")}
        for row in dom.get_element_by_id(table).iter("tr")
        if row.find("td") is not None
    ]


def number(value):
    return "—" if value is None else f"{value:,}"


def percent(value):
    return "—" if value is None else f"{value * 100:.1f}%"


@needs_browser
def test_it_runs_without_error_and_without_a_request(seen):
    assert seen.console == []
    assert seen.requests == []


@needs_browser
@pytest.mark.parametrize("chart", ["coverage", "received", "rate", "disposal", "findings"])
def test_charts_are_drawn(dom, chart):
    place = dom.get_element_by_id(f"chart-{chart}")
    assert place.get("aria-label")
    drawn = place.xpath(".//*[local-name()='svg']")
    assert drawn and len(drawn[0].xpath(".//*[local-name()='path']")) > 3
    texts = " ".join(drawn[0].xpath(".//*[local-name()='text']/text()"))
    assert ("2024" in texts) or chart == "findings"


@needs_browser
def test_tiles_and_release_are_those_of_the_release(dom, con, sample_house):
    assert dom.get_element_by_id("release-id").text == sample_house.done.release_id
    (built,) = con.execute("SELECT strftime(built_at_shanghai, '%Y-%m-%d %H:%M') FROM mart.latest_release").fetchone()
    assert dom.get_element_by_id("built-at").text == built
    wanted = {
        "reports": "SELECT count(*) FROM reports",
        "agencies": "SELECT count(*) FROM agencies",
        "missing": "SELECT count(*) FROM coverage WHERE NOT found AND outcome <> 'not_due'",
        "errors": "SELECT count(DISTINCT report_id) FROM mart.publisher_errors JOIN reports USING (report_id) "
        "WHERE severity = 'error' AND status <> 'quarantined'",
        "quarantined": "SELECT count(*) FROM reports WHERE status = 'quarantined'",
    }
    for tile, query in wanted.items():
        (value,) = con.execute(query).fetchone()
        assert dom.xpath(f"//li[@data-tile='{tile}']/b/text()") == [number(value)], tile


@needs_browser
def test_coverage_equals_the_release(dom, con):
    found = con.execute("SELECT report_year, expected, found, missing, late, share_found FROM mart.coverage_by_year")
    wanted = [(str(year), *map(number, rest), percent(share)) for year, *rest, share in found.fetchall()]
    names = ("report_year", "expected", "found", "missing", "late", "share_found")
    assert [tuple(row[name] for name in names) for row in shown(dom, "table-coverage")] == wanted
    assert len(wanted) > 2


@needs_browser
def test_trends_equal_the_fact_tables(dom, con):
    """The trends of one kind and level, recomputed from the tables of main."""
    assert dom.xpath("//select[@id='kind']/option/@value")[0] == "government"
    facts = """
        SELECT report_year, sum(total) FILTER (row_code = 'received') AS received,
               sum(total) FILTER (row_code = 'resolved_total') AS resolved,
               sum(total) FILTER (row_code IN ('granted', 'partial')) AS disclosed
        FROM applications JOIN agencies USING (agency_id) JOIN reports USING (report_id, report_year)
        WHERE kind = 'government' AND level = 'city' AND status <> 'quarantined'
        GROUP BY report_year ORDER BY report_year"""
    wanted = con.execute(facts).fetchall()
    received = [(row["report_year"], row["received"], row["resolved"]) for row in shown(dom, "table-received")]
    assert received == [(str(year), number(got), number(done)) for year, got, done, _ in wanted]
    rates = [(row["report_year"], row["disclosed"], row["rate"]) for row in shown(dom, "table-rate")]
    assert rates == [(str(year), number(open_), percent(round(open_ / done, 4))) for year, _, done, open_ in wanted]
    ways = ("granted", "partial", "refused", "unavailable", "declined", "other")
    found = con.execute("""
        SELECT report_year, split_part(row_code, '.', 1) AS way, sum(total)::BIGINT FROM applications
        JOIN agencies USING (agency_id) JOIN reports USING (report_id, report_year)
        WHERE kind = 'government' AND level = 'city' AND status <> 'quarantined' GROUP BY ALL""")
    parts = {(str(year), way): value for year, way, value in found.fetchall()}
    resolved = {str(year): done for year, _, done, _ in wanted}
    for row in shown(dom, "table-disposal"):
        year = row["report_year"]
        assert {way: row[way] for way in ways} == {way: number(parts[year, way]) for way in ways}
        assert all(row[f"{way}_share"] == percent(parts[year, way] / resolved[year]) for way in ways)


def test_what_is_not_stated_is_never_0(sample_house, tmp_path):
    release = tmp_path / "release.duckdb"
    shutil.copyfile(sample_house.done.path, release)
    with duckdb.connect(str(release)) as con:
        before = {row["report_year"]: row for row in rows(con, "disposal") if row["level"] == "city"}
        con.execute("UPDATE applications SET total = NULL WHERE row_code = 'refused.process' AND report_year = 2024")
        con.execute("DELETE FROM applications WHERE starts_with(row_code, 'declined.') AND report_year = 2023")
        add_views(con, load_marts())
        after = {row["report_year"]: row for row in rows(con, "disposal") if row["level"] == "city"}
    for year in (2023, 2024):
        assert after[year]["n_all"] == before[year]["n_all"] >= before[year]["n_reports"] > 0
        assert (after[year]["n_reports"], after[year]["granted"], after[year]["resolved"]) == (0, None, None)


@needs_browser
def test_quality_equals_the_release(dom, con):
    found = con.execute(
        """
        SELECT agency_name, count(*) FROM mart.publisher_errors JOIN reports USING (report_id)
        WHERE severity = 'error' AND status <> 'quarantined' GROUP BY ALL""".replace(
            "agency_name", "reports.agency_name"
        )
    )
    wanted = {name: number(errors) for name, errors in found.fetchall()}
    assert {row["agency_name"]: row["errors"] for row in shown(dom, "table-publishers")} == wanted
    assert wanted
    findings = con.execute("SELECT count(*) FROM findings").fetchone()[0]
    assert sum(int(row["findings"].replace(",", "")) for row in shown(dom, "table-findings")) == findings
    missing = con.execute("SELECT agency_name FROM coverage WHERE NOT found AND outcome <> 'not_due'").fetchall()
    assert sorted(row["agency_name"] for row in shown(dom, "table-missing")) == sorted(name for (name,) in missing)


@needs_browser
def test_a_report_shows_its_figures_and_where_it_came_from(dom, con):
    detail = dom.get_element_by_id("detail")
    (url, sha) = con.execute("SELECT url, document_sha256 FROM reports WHERE report_id = ?", [REPORT]).fetchone()
    assert detail.xpath(".//dd[@data-c='document_sha256']")[0].text_content() == sha
    assert detail.xpath(".//dd[@data-c='url']")[0].text_content() == url
    columns = ("natural_person", "business", "research", "nonprofit", "legal_service", "other_org", "total")
    found = con.execute(
        f"SELECT row_code, {', '.join(columns)} FROM applications WHERE report_id = ?", [REPORT]
    ).fetchall()
    assert len(found) == 25
    for row, *values in found:
        for column, value in zip(columns, values, strict=True):
            cell = detail.xpath(f".//td[@data-cell='applications/{row}/{column}']")[0].text_content()
            assert cell == number(value) if value is not None else not re.search(r"\d", cell)
    upheld, total = con.execute(
        "SELECT upheld, total FROM review_litigation WHERE report_id = ? AND procedure = 'review'", [REPORT]
    ).fetchone()
    assert detail.xpath(".//td[@data-cell='review/review/upheld']")[0].text_content() == number(upheld)
    assert detail.xpath(".//td[@data-cell='review/review/total']")[0].text_content() == number(total)


@needs_browser
def test_findings_stand_with_their_report_and_in_chinese(made, con, tmp_path):
    report, message = con.execute(
        "SELECT report_id, message_zh FROM mart.publisher_errors ORDER BY ALL LIMIT 1"
    ).fetchone()
    page = visit(f"{made.page.as_uri()}?lang=zh&theme=dark#report={quote(report)}", tmp_path, width=390, height=800)
    assert page.console == []
    dom = html.fromstring(page.dom)
    assert message in dom.get_element_by_id("detail").text_content()
    assert (dom.get("lang"), dom.get("data-theme")) == ("zh", "dark")
    for one in dom.xpath("//*[@data-t]"):
        assert any("\u4e00" <= sign <= "\u9fff" for sign in one.text_content()), one.get("data-t")


@needs_browser
def test_hostile_texts_stay_texts(sample_house, tmp_path):
    release = tmp_path / "release.duckdb"
    shutil.copyfile(sample_house.done.path, release)
    evil = "</script><script>document.title='caught'</script><img src=x onerror=\"document.title='caught'\">"
    with duckdb.connect(str(release)) as con:
        con.execute("UPDATE reports SET title = $1, agency_name = $1, url = 'javascript:alert(1)'", [evil])
        con.execute("UPDATE findings SET message_en = $1, message_zh = $1", [evil])
    page = write(release, tmp_path / "page", 1000).page
    found = visit(f"{page.as_uri()}?lang=en#report={REPORT}", tmp_path / "browser")
    dom = html.fromstring(found.dom)
    assert found.console == []
    assert "caught" not in dom.findtext(".//title")
    assert evil in dom.get_element_by_id("detail").text_content()
    assert not dom.xpath("//img") and not dom.xpath("//a[starts-with(@href, 'javascript')]")


def test_the_same_release_gives_the_same_files(made, sample_house, tmp_path):
    again = write(sample_house.done.path, tmp_path / "again", 1000)
    first, second = made.page.parent, again.page.parent
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(second) for path in second.rglob("*") if path.is_file())
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_reports_are_limited_and_said_to_be(sample_house, tmp_path):
    made = write(sample_house.done.path, tmp_path / "page", 2)
    assert (made.n_reports, made.n_left_out) == (2, sample_house.done.rows["reports"] - 2)
    assert {path.name for path in (made.page.parent / "data").iterdir()} == {"2024-0.js", "index-2024.js"}
    none = write(sample_house.done.path, tmp_path / "page", 0)
    assert none.n_reports == 0 and not list((none.page.parent / "data").iterdir())


def test_a_folder_with_something_else_is_left_alone(sample_house, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="something else than a dashboard"):
        write(sample_house.done.path, tmp_path, 10)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_it_is_written_from_the_current_release(sample_house, tmp_path, monkeypatch):
    monkeypatch.setenv("GONGKAI_WAREHOUSE", str(sample_house.folder))
    monkeypatch.setenv("GONGKAI_DASHBOARD", str(tmp_path / "page"))
    get_settings.cache_clear()
    try:
        made = write_dashboard()
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
    assert made.page == tmp_path / "page" / "index.html"
    assert made.release_id == sample_house.done.release_id


def test_echarts_is_shipped_with_its_licence(made):
    text = (made.page.parent / "echarts.common.min.js").read_text(encoding="utf-8")
    assert 't.version="6.1.0"' in text
    assert "Apache License" in (made.page.parent / "LICENSE").read_text(encoding="utf-8")
    assert "Apache ECharts" in (made.page.parent / "NOTICE").read_text(encoding="utf-8")


def test_numbers_keep_their_digits(con):
    found = con.execute("SELECT 12345678901234567890::DECIMAL(24, 0) AS big, 1.50::DECIMAL(9, 2) AS some")
    assert [dashboard._plain(one) for one in found.fetchone()] == ["=12345678901234567890", 1.5]
    assert rows(con, "release")[0]["n_reports"] > 0


def test_a_release_of_other_forms_says_so(sample_house, tmp_path):
    release = tmp_path / "release.duckdb"
    write_portable(sample_house.done.path, release, load_tables())
    with duckdb.connect(str(release)) as con:
        con.execute("UPDATE cells SET row_code = 'gone' WHERE report_id = $1 AND row_code = 'received'", [REPORT])
    with pytest.raises(RunError, match="a cell that no form has now; found suqian-2024: applications/gone/"):
        write(release, tmp_path / "page", 1000)
    assert not (tmp_path / "page").exists() and not list(tmp_path.glob(".*"))
