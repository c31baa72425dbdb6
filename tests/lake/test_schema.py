from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest

from gongkai.contracts.tables import load_tables
from gongkai.lake.schema import Gathered, LakeError, arrow_schema, arrow_type, conform, in_order, table_of

TABLES = load_tables()
COVERAGE = {
    "template": "2021",
    "applicable": 1,
    "passed": 1,
    "passed_if_blank_is_zero": 0,
    "failed": 0,
    "undecidable": 0,
}


def coverage(**change):
    return {"report_year": 2024, "rule_id": "a:b/c/d"} | COVERAGE | change


def test_every_contract_has_an_arrow_schema():
    for contract in TABLES.values():
        schema = arrow_schema(contract)
        assert schema.names == [column.name for column in contract.columns]
        assert all(not schema.field(name).nullable for name in contract.key)


def test_types():
    assert arrow_type("DECIMAL(24,6)") == pa.decimal128(24, 6)
    assert arrow_type("VARCHAR[]") == pa.list_(pa.string())
    with pytest.raises(LakeError, match="HUGEINT"):
        arrow_type("HUGEINT")


def test_times_become_utc():
    row = {column.name: "x" for column in TABLES["revisions"].columns if column.type == "VARCHAR"}
    row |= {"report_year": 2024, "revision_no": 1, "in_force": True, "listed_date": date(2025, 1, 20)}
    row["first_seen"] = datetime(2025, 1, 20, 8, tzinfo=timezone(timedelta(hours=8)))
    table = table_of([row], TABLES["revisions"])
    assert table["first_seen"][0].as_py() == datetime(2025, 1, 20, 0)  # noqa: DTZ001
    assert row["first_seen"].astimezone(UTC).hour == 0


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (coverage(extra=1), "unknown columns.*rule_coverage, row 0|rule_coverage, row 0.*unknown columns"),
        (coverage(passed="many"), "rule_coverage.passed"),
        (coverage(passed=Decimal("1.5")), "rule_coverage.passed"),
        (coverage(passed=2**63), "rule_coverage.passed"),
        (coverage(rule_id=None), "rule_coverage.rule_id.*NULL"),
    ],
)
def test_rows_that_do_not_fit_are_refused(row, words):
    with pytest.raises(LakeError, match=words):
        table_of([row], TABLES["rule_coverage"])


def test_a_table_is_brought_into_order_and_types():
    given = pa.Table.from_pylist([coverage()]).select(sorted(coverage()))
    assert conform(given, TABLES["rule_coverage"]).schema == arrow_schema(TABLES["rule_coverage"])


def test_missing_and_unknown_columns_are_named():
    given = pa.Table.from_pylist([coverage()]).rename_columns(
        ["year" if name == "report_year" else name for name in coverage()]
    )
    with pytest.raises(LakeError, match=r"missing \['report_year'\], unknown \['year'\]"):
        conform(given, TABLES["rule_coverage"])


def test_a_value_that_would_lose_something_is_refused():
    given = pa.Table.from_pylist([coverage(passed=1.5)])
    with pytest.raises(LakeError, match=r"rule_coverage\.passed"):
        conform(given, TABLES["rule_coverage"])


def test_order_is_that_of_the_key_and_keys_are_unique():
    contract = TABLES["rule_coverage"]
    table = table_of([coverage(rule_id="b"), coverage(rule_id="a")], contract)
    assert in_order(table, contract)["rule_id"].to_pylist() == ["a", "b"]
    with pytest.raises(LakeError, match=r"same key.*'rule_id': 'b'"):
        in_order(pa.concat_tables([table, table.slice(0, 1)]), contract)


def test_rows_that_come_by_and_by_are_the_table_of_all_of_them(monkeypatch):
    monkeypatch.setattr("gongkai.lake.schema._AT_ONCE", 3)
    rows = [coverage(rule_id=f"a:b/c/{number}") for number in range(8)]
    gathered = Gathered(TABLES["rule_coverage"])
    assert gathered.table().equals(table_of([], TABLES["rule_coverage"]))
    for start, end in ((0, 2), (2, 2), (2, 7), (7, 8)):
        gathered.add(iter(rows[start:end]))
    assert gathered.table().equals(table_of(rows, TABLES["rule_coverage"]))
    gathered.add([coverage(rules=1)])
    with pytest.raises(LakeError, match="unknown columns"):
        gathered.table()
