"""The template contracts load, hold the public codes, and are refused with file and line when broken."""

from __future__ import annotations

import shutil

import pytest

from gongkai.contracts.load import load_template, load_templates
from gongkai.errors import ContractError
from gongkai.settings import ROOT

TEMPLATES = ROOT / "data_contracts" / "templates"
COUNTS = {  # rules of the regulation's forms: families by template
    "2021": {"row_sum": 26, "column_balance": 7, "resolved_sum": 7, "carry_over": 7, "review_sum": 3, "stock": 2},
    "2019": {"row_sum": 23, "column_balance": 7, "resolved_sum": 7, "carry_over": 7, "review_sum": 3},
    "legacy": {"legacy_sum": 9},
}


@pytest.mark.parametrize(
    ("template", "cells"), [("2021", 10 + 25 * 7 + 15), ("2019", 22 + 23 * 7 + 15), ("legacy", 64)]
)
def test_number_of_cells_of_the_form(template, cells):
    contract = load_templates()[template]
    form = [row for table in contract.tables for row in contract.form(frozenset(), table.code)]
    tables = {row.code: table for table in contract.tables for row in table.rows}
    assert sum(len(tables[row.code].columns_of(row)) for row in form) == cells


@pytest.mark.parametrize("template", COUNTS)
def test_number_of_rules(template):
    rules = load_templates()[template].expanded_rules
    found = {family: sum(rule.family == family for rule in rules) for family in COUNTS[template]}
    assert found == COUNTS[template]
    assert all(rule.clause and rule.explain.zh and rule.explain.en for rule in rules)
    assert {rule.family for rule in rules} == {*COUNTS[template], "non_negative", "integer", "year_change"}


def test_rules_balance_as_the_notice_says():
    rule = next(
        rule
        for rule in load_templates()["2021"].expanded_rules
        if rule.id == "column_balance:applications/resolved_total/total"
    )
    assert {(term.row, term.coefficient) for term in rule.terms} == {
        ("received", 1),
        ("carried_in", 1),
        ("carried_out", -1),
    }


def test_a_report_prints_either_the_three_rows_or_the_single_one():
    contract = load_templates()["2021"]
    alone = {row.code for row in contract.form(frozenset({"other"}), "applications")}
    three = {row.code for row in contract.form(frozenset({"other.other"}), "applications")}
    assert "other" in alone and not {"other.other", "other.fee_unpaid"} & alone
    assert "other" not in three and {"other.other", "other.no_correction"} <= three


@pytest.mark.corpus
def test_codes_are_the_public_ones(shared):
    import csv

    public = {
        (row["template"], row["table"], row["row_code"], row["column_code"], row["unit"])
        for row in csv.DictReader((shared / "codes/indicator_codes.csv").open(encoding="utf-8"))
    } | {
        ("legacy", "legacy", row["code"], "value", row["unit"])
        for row in csv.DictReader((shared / "codes/legacy_codes.csv").open(encoding="utf-8"))
        if row["unit"]
    }
    ours = {
        (template, table.code, row.code, column.code, column.unit or row.unit)
        for template, contract in load_templates().items()
        for table in contract.tables
        for row in table.rows
        if not row.instead_of
        for column in table.columns_of(row)
    }
    assert ours == public


@pytest.mark.parametrize(
    ("old", "new", "line_of", "reason"),
    [
        ("each: row\n    over: [regulations", "each: row\n    over: [regulatons", "rules", "no row regulatons"),
        ("code: received,", "code: carried_in,", "code: applications", "row code given twice: carried_in"),
        ("code: upheld, label", "code: upheld, lable", "lable", "lable"),
        ("terms: {upheld: 1", "terms: {upholded: 1", "rules", "'upholded' names no cell"),
        ("kind: amount", "kind: money", "kind: money", "Input should be 'count', 'amount' or 'change'"),
        ("tables:", "tables: [", None, "not valid YAML"),
    ],
)
def test_a_broken_contract_is_refused_with_file_line_and_reason(tmp_path, old, new, line_of, reason):
    path = tmp_path / "2021.yml"
    text = (TEMPLATES / "2021.yml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError) as error:
        load_template(path)
    assert reason in str(error.value)
    assert error.value.where.startswith(f"{path}:")
    if line_of in (new, "lable"):
        line = int(error.value.where.rsplit(":", 1)[1])
        assert line_of in path.read_text(encoding="utf-8").splitlines()[line - 1]


def test_a_template_is_named_like_its_file(tmp_path):
    shutil.copy(TEMPLATES / "2021.yml", tmp_path / "2022.yml")
    with pytest.raises(ContractError, match="not its file's name"):
        load_template(tmp_path / "2022.yml")


def test_an_empty_folder_is_no_set_of_contracts(tmp_path):
    with pytest.raises(ContractError, match="no template contracts"):
        load_templates(tmp_path)
