"""Every number of schema mart is found again by plain Python over the truth of the sample documents."""

from __future__ import annotations

import shutil

import duckdb
import pytest
from tests.golden.truth import truths
from tests.lake.samples import Entry, finding, sha_of, year_tables
from tests.papers import SOURCE
from tests.warehouse.mart_truth import QUERIES, Agency, Stated, recompute

from gongkai.contracts.load import load_templates
from gongkai.lake.store import Lake
from gongkai.reports.model import Cell, Identity, Report, State
from gongkai.settings import get_settings
from gongkai.warehouse import dims
from gongkai.warehouse.dims import Dims, Region, rule_rows
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.publish import publish

ELSEWHERE = {"latest_release", "publisher_errors", "coverage_by_year", "document_history"}
"""Views about releases, findings, expectations and documents, whose tests stand in test_marts.py."""


def chosen():
    """The truth of each agency and year, of several formats the first; those with other numbers are corrections."""
    found = {}
    for name, truth in truths().items():
        found.setdefault((truth.facts["agency"], truth.facts["report_year"]), (name, truth))
    return found


def stated(agencies):
    made = []
    for (name, year), (_, truth) in chosen().items():
        numbers = {key: value for key, (_, value, _) in truth.cells.items() if value is not None}
        violations = tuple(sorted({one["id"] for one in truth.facts["violations"]}))
        made.append(Stated(agencies[name], year, truth.facts["template"], tuple(truth.cells), numbers, violations))
    return made


def compare(con, reports):
    fresh = recompute(reports)
    for view, (key, numbers) in QUERIES.items():
        names = len(key.split(","))
        rows = con.execute(f"SELECT {key}, {numbers} FROM mart.{view}").fetchall()
        found = {tuple(row[:names]): tuple(row[names:]) for row in rows}
        assert len(found) == len(rows), f"{view}: a row is there twice"
        assert {k: _near(v) for k, v in found.items()} == {k: _near(v) for k, v in fresh[view].items()}, view


def _near(numbers):
    return tuple(None if one is None else round(float(one), 3) for one in numbers)


def test_every_view_is_recomputed():
    assert {mart.name for mart in load_marts()} == set(QUERIES) | ELSEWHERE


def test_the_mart_of_the_truth(tmp_path):
    """The truth itself through rows, lake and release: what the views make of it."""
    agencies, years = {}, {}
    for number, ((name, year), (file, truth)) in enumerate(chosen().items()):
        kind = "government" if name.endswith("人民政府") else "department"
        level = "city" if "市" in name else "county"
        region = {"宿": "321300", "淮": "320800", "乌": "150300", "云": "990001"}.get(name[0])
        agencies.setdefault(name, dims.Agency(f"agency{number}", name, (), region, level, kind))
        entry = Entry(_report(name, truth, sha_of(file)), agencies[name].agency_id)
        broken = {one["id"]: one for one in truth.facts["violations"] if not one["id"].startswith("narrative")}
        entry.findings = [
            finding(rule, printed=one["printed"], expected=one["expected"])
            | {"severity": "warning" if rule.startswith("stock") else "error"}
            for rule, one in sorted(broken.items())
        ]
        years.setdefault(year, []).append(entry)
    lake = Lake(str(tmp_path / "lake"))
    for year, entries in years.items():
        lake.write_year(year, year_tables(year, entries))
    codes = {"321300": "宿迁市", "320800": "淮安市", "150300": "乌海市", "990001": "云岭县"}
    regions = tuple(Region(code, name, "city", code[:2] + "0000") for code, name in codes.items())
    known = Dims(tuple(agencies.values()), regions, (), rule_rows(load_templates().values()))
    release = publish(lake, tmp_path / "warehouse", keep=1, dims=known)
    described = {name: Agency(one.agency_id, one.level, one.kind, one.region_code) for name, one in agencies.items()}
    with duckdb.connect(str(release.path), read_only=True) as con:
        compare(con, stated(described))


def _report(name, truth, sha):
    cells = tuple(
        Cell(*key, State(state), value, raw, method="truth", confidence=1.0)
        for key, (state, value, raw) in truth.cells.items()
    )
    year = truth.facts["report_year"]
    return Report(
        Identity(name, name, year, truth.facts["title"], None, {}), truth.facts["template"], cells, (), (), sha,
        "html", "truth",
    )  # fmt: skip


@pytest.mark.slow
def test_the_mart_of_the_documents(tmp_path, monkeypatch, data):
    """The documents through the whole pipeline: collected, read, checked, settled, published."""
    from gongkai.pipeline.collect import collect_sources
    from gongkai.pipeline.load import archived_years, load_year
    from gongkai.pipeline.publish import current_release
    from gongkai.pipeline.publish import publish as publish_lake
    from samples.build import DOCUMENTS

    folder = tmp_path / "sources" / "papers"
    folder.mkdir(parents=True)
    (folder.parent / "papers.yml").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setenv("GONGKAI_SOURCES", str(folder.parent))
    get_settings.cache_clear()
    for file, truth in chosen().values():
        shutil.copy(DOCUMENTS / file, folder / f"{truth.facts['report_year']}年政府信息公开工作年度报告-{file}")
    collect_sources()
    for year in archived_years():
        load_year(year)
    publish_lake()
    with duckdb.connect(str(current_release()), read_only=True) as con:
        rows = con.execute("SELECT agency_name, agency_id, level, kind, region_code FROM agencies").fetchall()
        assert con.execute("SELECT count(*) FROM reports WHERE status = 'quarantined'").fetchall() == [(0,)]
        compare(con, stated({name: Agency(*rest) for name, *rest in rows}))
