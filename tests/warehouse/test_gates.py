"""Every gate is shown to fail on a release spoiled in exactly one way, and to pass on the whole one."""

from dataclasses import replace
from datetime import UTC, datetime

import duckdb
import pytest

from gongkai.contracts.tables import Check, contracts_fingerprint, load_tables
from gongkai.errors import GateError
from gongkai.lake.schema import table_of
from gongkai.lake.store import Lake
from gongkai.warehouse import build
from gongkai.warehouse.around import fill_around
from gongkai.warehouse.base import renew
from gongkai.warehouse.collected import nothing_collected
from gongkai.warehouse.gates import demand, failures
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.parquet import gather

TABLES, MARTS = load_tables(), load_marts()

ADDRESS = (
    "INSERT INTO addresses (source, url, document_sha256, kind, revision_no, is_current, first_seen, last_seen, "
    "removed_on) VALUES ('s', 'u', 'f', 'page'"
)
LISTING = (
    "INSERT INTO listings (source, url, title, run_id, fate_at, first_seen, last_seen, fate) "
    "VALUES ('s', 'u', 't', 'r', '2025-02-01', '2025-02-01', '2025-02-01'"
)
ZEROS = (
    "unchanged",
    "revised",
    "skipped",
    "blocked",
    "failed",
    "not_a_report",
    "requests",
    "bytes",
    "errors",
    "warnings",
)
RUN = (
    f"INSERT INTO collect_runs (run_id, source, is_complete, {', '.join(ZEROS)}, started, ended, listed, new) "
    f"VALUES ('r', 's', true{', 0' * len(ZEROS)}"
)


VOID_WITHOUT_WORDS = """
INSERT INTO decisions BY NAME
SELECT 'd-0' AS decision_id, 2024 AS report_year, 'suqian-2024' AS report_id, 'reject' AS kind, 'expired' AS standing,
       '' AS standing_reason, TIMESTAMP '2025-01-01' AS decided_at, 'x' AS decided_by, 'x' AS reason, 'command' AS via,
       false AS is_default, 'x' AS document_sha256
"""


def finish(con, dims):
    row = {column.name: "x" for column in TABLES["releases"].columns if column.type == "VARCHAR"}
    row |= {"built_at": datetime(2025, 1, 1, tzinfo=UTC), "extractors": [], "n_reports": 6, "is_current": True}
    fill_around(con, TABLES, dims, nothing_collected())
    build.insert(con, TABLES["releases"], table_of([row], TABLES["releases"]))
    build.add_views(con, MARTS)


@pytest.fixture(scope="module")
def built(sample_lake, sample_dims, tmp_path_factory):
    path = tmp_path_factory.mktemp("gates") / "built.duckdb"
    parquet = gather(Lake(sample_lake).snapshot(), path.with_suffix(".parquet"), TABLES)
    with build.create(path) as con:
        renew(con, TABLES, parquet, None)
        # what stands in Parquet alone, as tables: views cannot be spoiled
        for contract in TABLES.values():
            if contract.parquet_only:
                con.execute(build.ddl(contract))
                build.fill_years(con, contract, parquet, parquet.parts[contract.name])
        finish(con, sample_dims)
    with duckdb.connect(path) as con:
        yield con


@pytest.fixture(scope="module")
def in_parquet(sample_lake, sample_dims, tmp_path_factory):
    """A release as it is built, and its Parquet."""
    folder = tmp_path_factory.mktemp("files")
    parquet = gather(Lake(sample_lake).snapshot(), folder / "parquet", TABLES)
    with build.create(folder / "built.duckdb") as con:
        renew(con, TABLES, parquet, None)
        build.add_parquet_views(con, TABLES, parquet, folder)
        finish(con, sample_dims)
        yield con, parquet


@pytest.fixture
def con(built):
    """The whole release, to spoil at will: each test is rolled back."""
    built.execute("BEGIN")
    yield built
    built.execute("ROLLBACK")


def test_a_whole_release_passes(con):
    demand(con, TABLES, MARTS, None)


@pytest.mark.parametrize(
    ("spoil", "gate", "where"),
    [
        ("ALTER TABLE rules DROP COLUMN clause", "columns", "rules"),
        ("ALTER TABLE reports ALTER n_cells TYPE BIGINT", "columns", "reports"),
        ("DELETE FROM rules", "row_count", "rules"),
        ("ALTER TABLE reports ALTER title DROP NOT NULL; UPDATE reports SET title = NULL", "required", "reports.title"),
        ("INSERT INTO cells FROM cells LIMIT 1", "unique", "cells"),
        ("INSERT INTO narratives FROM narratives", "unique", "narratives"),
        ("UPDATE reports SET status = 'fine'", "values", "reports.status"),
        ("UPDATE cells SET state = 'zero' WHERE state = 'blank'", "values", "cells.state"),
        ("UPDATE agencies SET region_code = '000000'", "references", "agencies.region_code"),
        ("DELETE FROM reports WHERE report_year = 2018", "references", "cells.report_id"),
        ("UPDATE applications SET report_id = 'nobody-2024'", "references", "applications.report_id"),
        ("UPDATE revisions SET in_force = false", "one_in_force", "revisions"),
        ("UPDATE revisions SET in_force = true", "one_in_force", "revisions"),
        ("UPDATE revisions SET fate = 'duplicate' WHERE in_force", "fate_agrees", "revisions"),
        (
            "INSERT INTO reports SELECT * REPLACE ('again-2024' AS report_id) FROM reports WHERE report_year = 2024",
            "one_report_a_year",
            "reports",
        ),
        ("UPDATE applications SET revision_id = 'suqian-2024-r1'", "in_force_only", "applications"),
        ("UPDATE applications SET total = total + 1 WHERE row_code = 'received'", "wide_equals_cells", "applications"),
        ("UPDATE applications SET total = 0 WHERE total IS NULL", "wide_equals_cells", "applications"),
        ("UPDATE review_litigation SET pending = NULL", "wide_equals_cells", "review_litigation"),
        ("UPDATE legacy_statistics SET value = 2 WHERE code = '3.3'", "wide_equals_cells", "legacy_statistics"),
        (
            "UPDATE proactive_disclosure SET amount_10k_cny = 1 WHERE amount_10k_cny > 0",
            "wide_equals_cells",
            "proactive_disclosure",
        ),
        ("UPDATE proactive_disclosure SET made = issued", "templates_apart", "proactive_disclosure"),
        ("UPDATE cells SET value = 0 WHERE state = 'blank'", "value_means_number", "cells"),
        ("UPDATE cells SET raw = '0' WHERE state = 'not_extracted'", "not_extracted_is_nothing", "cells"),
        ("UPDATE cells SET agreement = 'agree'", "second_reading_is_named", "cells"),
        ("UPDATE cells SET second_raw = '8'", "second_reading_is_named", "cells"),
        ("UPDATE cells SET corrected_state = 'blank'", "corrections_are_decided", "cells"),
        ("UPDATE cells SET corrected_state = 'blank', decision_id = 'd-0'", "corrections_are_decided", "cells"),
        ("UPDATE reports SET decision_id = 'd-0'", "status_is_decided", "decisions"),
        (VOID_WITHOUT_WORDS, "words_for_what_is_void", "decisions"),
        ("UPDATE reports SET n_blank = 0", "counts_equal_cells", "reports"),
        ("UPDATE reports SET n_failed_rules = 0", "failed_rules_are_findings", "reports"),
        ("DELETE FROM rule_coverage WHERE rule_id LIKE 'row_sum%'", "every_rule_answers", "rule_coverage"),
        ("UPDATE rule_coverage SET passed = passed + 1", "outcomes_add_up", "rule_coverage"),
        (
            (
                "UPDATE rule_coverage SET applicable = 0, passed = 0, passed_if_blank_is_zero = 0, failed = 0, "
                "undecidable = 0 WHERE rule_id LIKE 'column_balance%'"
            ),
            "coverage_floor",
            "rules",
        ),
        ("UPDATE rule_coverage SET passed = applicable, failed = 0", "failures_are_findings", "rule_coverage"),
        (
            "UPDATE rule_coverage SET applicable = 0, passed = 0 WHERE rule_id = 'row_sum:applications/received/total'",
            "coverage_floor",
            "rules",
        ),
        ("DELETE FROM findings WHERE outcome = 'fail'", "failures_are_findings", "rule_coverage"),
        ("UPDATE findings SET rule_id = 'none:a/b/c' WHERE outcome <> 'fail'", "rule_known", "findings"),
        ("UPDATE proposals SET n_explanations = 2", "unique_means_one", "proposals"),
        ("UPDATE proposals SET printed = proposed", "as_printed", "proposals"),
        ("DELETE FROM status_reasons WHERE status = 'quarantined'", "status_has_a_reason", "status_reasons"),
        ("UPDATE reports SET status = 'accepted'", "status_has_a_reason", "status_reasons"),
        ("DELETE FROM status_reasons WHERE status = 'superseded'", "superseded_only", "status_reasons"),
        ("UPDATE revision_changes SET value_after = value_before", "really_changed", "revision_changes"),
        ("UPDATE documents SET fate = 'failed', report_id = NULL", "failures_have_reasons", "documents"),
        ("UPDATE documents SET report_id = NULL", "reports_have_ids", "documents"),
        ("DELETE FROM coverage WHERE found", "every_report_covered", "coverage"),
        ("UPDATE coverage SET reason = NULL", "missing_says_why", "coverage"),
        ("UPDATE coverage SET outcome = 'removed' WHERE found", "found_is_found", "coverage"),
        (f"{ADDRESS}, 2, false, '2025-02-02', '2025-02-01', NULL)", "seen_in_order", "addresses"),
        (f"{ADDRESS}, 1, true, '2025-02-01', '2025-02-02', '2025-03-01')", "removed_is_not_current", "addresses"),
        (
            f"{LISTING}, 'blocked')",
            "troubles_have_reasons",
            "listings",
        ),
        (f"{RUN}, '2025-02-01', '2025-02-02', 2, 1)", "fates_add_up", "collect_runs"),
        (f"{RUN}, '2025-02-02', '2025-02-01', 1, 1)", "ends_after_start", "collect_runs"),
        ("UPDATE releases SET is_current = false", "one_current", "releases"),
        ("DELETE FROM agency_names WHERE is_current", "one_current_name", "agency_names"),
        ("UPDATE agency_names SET is_current = true", "one_current_name", "agency_names"),
        ("UPDATE agency_names SET n_reports = 9 WHERE origin = 'report'", "names_cover_reports", "agency_names"),
        (
            "UPDATE agency_names SET last_year = 2024 WHERE origin = 'source'",
            "source_names_have_no_reports",
            "agency_names",
        ),
        ("DELETE FROM region_names WHERE region_code = '321300'", "regions_are_named", "region_names"),
        (
            "UPDATE region_names SET successor_code = '999999' WHERE NOT is_current",
            "successors_are_in_force",
            "region_names",
        ),
        ("UPDATE region_names SET is_current = true", "one_name_in_force", "region_names"),
        (
            "CREATE OR REPLACE VIEW mart.latest_release AS SELECT release_id FROM releases",
            "view_columns",
            "mart.latest_release",
        ),
    ],
)
def test_a_spoiled_release_is_refused(con, spoil, gate, where):
    con.execute(spoil)
    found = failures(con, TABLES, MARTS, None)
    assert (gate, where) in {(one.gate, one.where) for one in found}


@pytest.mark.parametrize(
    ("spoil", "gate", "where"),
    [
        ("nullif(report_year, 2024) AS report_year", "required", "cells.report_year"),
        ("replace(state, 'blank', 'zero') AS state", "values", "cells.state"),
        ("2018 AS report_year", "in_force_only", "cells"),
    ],
)
def test_what_stands_in_parquet_alone_is_judged_by_its_files(in_parquet, spoil, gate, where):
    con, parquet = in_parquet
    assert failures(con, TABLES, MARTS, None, parquet=parquet) == []
    assert parquet.refusing_null()["cells"] == {one.name for one in TABLES["cells"].columns if one.required}
    (file,) = parquet.files("cells", [2024])
    whole = file.read_bytes()
    con.execute(f"COPY (SELECT * REPLACE ({spoil}) FROM '{file}') TO '{file}.new' (FORMAT parquet)")
    file.with_name(f"{file.name}.new").replace(file)
    found = failures(con, TABLES, MARTS, None, parquet=parquet)
    file.write_bytes(whole)
    assert (gate, where) in {(one.gate, one.where) for one in found}


def test_every_sql_check_of_the_contracts_is_shown_to_fail():
    checks = {check.name for table in TABLES.values() for check in table.checks}
    spoiled = {case[1] for case in test_a_spoiled_release_is_refused.pytestmark[0].args[1]}
    assert checks <= spoiled


def test_a_broken_check_is_no_pass(con):
    con.execute("ROLLBACK")  # an error ends a transaction, and publishing runs the gates outside of one
    broken = replace(TABLES["rules"], checks=(Check("broken", "asks for nothing", "SELECT count(*) FROM nowhere", 0),))
    (found,) = failures(con, TABLES | {"rules": broken}, MARTS, None)
    assert (found.gate, found.where) == ("broken", "rules")
    assert "nowhere" in found.found
    con.execute("BEGIN")


def test_row_counts_are_compared_with_the_release_before(con):
    before = build.row_counts(con, TABLES)
    demand(con, TABLES, MARTS, before)
    demand(con, TABLES, MARTS, before | {"reports": 6, "findings": 1000})  # findings may go: they have no tolerance
    with pytest.raises(GateError, match=r"reports: gate row_count failed.*6 rows.*5% fewer than the 7"):
        demand(con, TABLES, MARTS, before | {"reports": 7})


def test_several_failures_are_counted(con):
    con.execute("UPDATE reports SET status = 'fine', n_blank = 0")
    told = r"reports\.status: gate values failed \(\d+ more: .*counts_equal_cells reports.*; found .*; expected "
    with pytest.raises(GateError, match=told):
        demand(con, TABLES, MARTS, None)


def test_the_fingerprint_of_the_contracts_covers_tables_and_views(tmp_path):
    (tmp_path / "mart").mkdir()
    (tmp_path / "a.yml").write_text("a")
    seen = {contracts_fingerprint(tmp_path)}
    (tmp_path / "mart" / "b.sql").write_text("b")
    seen.add(contracts_fingerprint(tmp_path))
    (tmp_path / "a.yml").write_text("c")
    seen.add(contracts_fingerprint(tmp_path))
    assert len(seen) == 3
