"""The truth of the shared corpus, through rows, lake and release: every printed number arrives, and nothing else."""

import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from tests.lake.samples import Entry, sha_of, year_tables

from gongkai.contracts.load import load_templates
from gongkai.lake.store import Lake
from gongkai.reports.model import Cell, Identity, Report, State
from gongkai.settings import ROOT
from gongkai.warehouse.dims import Dims, rule_rows
from gongkai.warehouse.publish import publish

CORPUS = ROOT.parent / "shared" / "corpus"
pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")]


def truths() -> list[dict]:
    found = {}
    for folder in ("seeds", "real", "sample"):
        for path in sorted((CORPUS / folder).glob("*.json")):
            truth = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(truth, dict) and truth.get("cells"):
                found.setdefault((truth["agency"], truth["report_year"]), truth)
    return list(found.values())


def report_of(truth: dict) -> Report:
    contract = load_templates()[truth["template"]]
    known = {
        (table.code, row.code, column.code)
        for table in contract.tables
        for row in table.rows
        for column in table.columns_of(row)
    }
    cells = []
    for table, row, column, value, raw in truth["cells"]:
        assert (table, row, column) in known
        if value is None:
            state = State.BLANK if not raw.strip() else State.NOT_APPLICABLE
            cells.append(Cell(table, row, column, state, raw=raw, method="truth", confidence=1.0))
        else:
            cells.append(
                Cell(table, row, column, State.NUMBER, Decimal(str(value)), raw, method="truth", confidence=1.0)
            )
    identity = Identity(truth["agency"], truth["agency"], truth["report_year"], truth["title"], None, {})
    sha = sha_of(Path(truth["file"]).name)
    return Report(identity, truth["template"], tuple(cells), (), (), sha, "html", "truth")


def test_every_number_of_the_corpus_arrives(tmp_path):
    found = truths()
    assert len(found) > 40
    years: dict[int, list[Entry]] = {}
    for number, truth in enumerate(found):
        years.setdefault(truth["report_year"], []).append(Entry(report_of(truth), f"agency{number}"))
    lake = Lake(str(tmp_path / "lake"))
    for year, entries in years.items():
        lake.write_year(year, year_tables(year, entries))
    dims = Dims((), (), (), rule_rows(load_templates().values()))
    release = publish(lake, tmp_path / "warehouse", keep=1, dims=dims)
    expected = [
        (f"agency{number}-{truth['report_year']}", *cell[:3], Decimal(str(cell[3])))
        for number, truth in enumerate(found)
        for cell in truth["cells"]
        if cell[3] is not None
    ]
    with duckdb.connect(str(release.path), read_only=True) as con:
        long = con.execute(
            "SELECT report_id, table_code, row_code, column_code, value FROM cells WHERE value IS NOT NULL"
        )
        assert sorted(long.fetchall()) == sorted(expected)
        wide = con.execute(
            "UNPIVOT (SELECT report_id, row_code, COLUMNS(['natural_person', 'business', 'research', 'nonprofit', "
            "'legal_service', 'other_org', 'total']) FROM applications) ON * EXCLUDE (report_id, row_code) "
            "INTO NAME column_code VALUE value"
        ).fetchall()
        assert sorted(wide) == sorted(
            (report_id, row, column, int(value))
            for report_id, table, row, column, value in expected
            if table == "applications"
        )
