from decimal import Decimal

import pytest
from tests.lake.samples import SUQIAN, cells_of, report

from gongkai.contracts.load import load_templates
from gongkai.contracts.tables import load_tables
from gongkai.lake import rows
from gongkai.lake.rows import FACT_TABLES, facts
from gongkai.lake.schema import arrow_schema, lake_tables, table_of
from gongkai.reports.model import Chapter, State, StatedFigure


def made(one):
    return facts(one, "a-2024", "a-2024-r1", "a", load_templates())


def by(found, **wanted):
    return [row for row in found if all(row[key] == value for key, value in wanted.items())]


def test_wide_rows_are_the_rows_of_the_form():
    found = made(report("宿迁市", 2024, "2021", cells_of(SUQIAN[2024])))
    assert set(found) == set(FACT_TABLES)
    assert len(found["applications"]) == 25
    (received,) = by(found["applications"], row_code="received")
    assert [received[c] for c in ("natural_person", "legal_service", "total")] == [3440, 6, 3525]
    assert received["row_label_zh"] == "本年新收政府信息公开申请数量"
    assert [row["row_code"] for row in found["applications"] if row["is_total"]] == ["resolved_total"]
    assert [row["procedure"] for row in found["review_litigation"]] == [
        "review",
        "litigation_direct",
        "litigation_after_review",
    ]
    assert found["legacy_statistics"] == []
    assert len(found["cells"]) == 25 * 7 + 10 + 15


def test_the_single_row_of_other_handling_stands_for_its_three():
    codes = [row["row_code"] for row in made(report("某区", 2023, "2021", single_other=True))["applications"]]
    assert "other" in codes
    assert not [code for code in codes if code.startswith("other.")]


@pytest.mark.parametrize("state", [None, State.NOT_APPLICABLE, State.TEXT, State.NOT_EXTRACTED])
def test_what_is_no_number_is_null_never_zero(state):
    found = made(report("某局", 2024, "2021", {("applications", "granted", "total"): state}))
    (granted,) = by(found["applications"], row_code="granted")
    assert granted["total"] is None
    assert granted["natural_person"] == 0
    assert granted["blanks"] == (1 if state is None else 0)
    (cell,) = by(found["cells"], row_code="granted", column_code="total")
    assert (cell["state"], cell["value"]) == (State.BLANK if state is None else state, None)


def test_the_2019_columns_are_not_those_of_2021():
    figures = {("regulations", "made"): 3, ("penalties", "change"): -1, ("procurement", "amount_cny"): "251000.5"}
    found = made(report("乌海市工信局", 2020, "2019", cells_of(proactive=figures)))["proactive_disclosure"]
    (regulations,) = by(found, row_code="regulations")
    assert regulations["made"] == 3
    assert not {"issued", "repealed", "in_force"} & set(regulations)
    assert by(found, row_code="penalties")[0]["change"] == -1
    assert by(found, row_code="procurement")[0]["amount_cny"] == Decimal("251000.5")


def test_legacy_lines_have_codes_and_units():
    found = made(report("济宁市科技局", 2018, "legacy", cells_of(legacy={"8.4": "0.75"})))["legacy_statistics"]
    (budget,) = by(found, code="8.4")
    assert (budget["value"], budget["unit"], budget["is_total"]) == (Decimal("0.75"), "万元", False)
    assert not by(found, code="1")  # a heading has no value
    assert by(found, code="3.3")[0]["is_total"]


def test_a_count_with_decimals_stays_in_cells_alone():
    found = made(report("某局", 2024, "2021", {("applications", "received", "total"): "3.5"}))
    assert by(found["applications"], row_code="received")[0]["total"] is None
    (cell,) = by(found["cells"], row_code="received", column_code="total")
    assert (cell["state"], cell["value"]) == ("number", Decimal("3.5"))


@pytest.mark.parametrize("absurd", ["9" * 19, "9" * 40, "0.1234567", "1E+30"])
def test_a_number_that_no_column_holds_is_kept_as_text(absurd):
    found = made(report("某局", 2024, "2021", {("proactive", "fees", "amount_10k_cny"): absurd}))
    (cell,) = by(found["cells"], row_code="fees")
    assert (cell["state"], cell["value"], cell["raw"]) == ("text", None, absurd)
    assert "does not fit" in cell["note"]
    assert by(found["proactive_disclosure"], row_code="fees")[0]["amount_10k_cny"] is None


def test_chapters_and_figures():
    figure = StatedFigure("applications", "received", "total", Decimal(37), "共37条", 2, 1, 3, "office")
    chapter = Chapter(2, "applications", "（二）依申请公开", "共37条")
    found = made(report("兖州区科技局", 2024, "2021", chapters=[chapter], figures=[figure, figure]))
    assert found["narratives"][0]["n_chars"] == 4
    assert [row["value"] for row in found["stated_figures"]] == [Decimal(37)]


@pytest.mark.parametrize("template", ["legacy", "2019", "2021"])
def test_rows_fit_the_contracts(template):
    for name, found in made(report("某局", 2024, template)).items():
        table = table_of(found, load_tables()[name])
        assert table.schema == arrow_schema(lake_tables()[name])
        assert table.num_rows == len(found)


def test_limits_of_numbers_are_those_of_the_contracts():
    types = {(name, c.name): c.type for name, table in load_tables().items() for c in table.columns}
    whole, decimals = rows._CELL
    assert types["cells", "value"] == f"DECIMAL({whole + decimals},{decimals})"
    whole, decimals = rows._LEGACY
    assert types["legacy_statistics", "value"] == f"DECIMAL({whole + decimals},{decimals})"
    for column, (whole, decimals) in rows._AMOUNTS.items():
        assert types["proactive_disclosure", column] == f"DECIMAL({whole + decimals},{decimals})"
