"""The checker finds in the samples what is planted in them, and nothing else."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gongkai.contracts.load import load_templates
from samples.making.evaluate import STEADY, judge, judge_changes

from .checking import check_papers, failures
from .mutate import flip_digit, key, sample_entries
from .test_mutations import CASES
from .truth import truths


def _in_force():
    """Report key to entry; a key is agency and year, corrected papers aside."""
    return {f"{entry.paper.agency}/{entry.paper.report_year}": entry for entry in sample_entries().values()}


def _links(keys):
    years = {report_key: f"{report_key[:-4]}{int(report_key[-4:]) - 1}" for report_key in keys}
    return {report_key: before for report_key, before in years.items() if before in years}


def _check_all(engines):
    papers = {report_key: entry.paper for report_key, entry in _in_force().items()}
    return check_papers(papers, _links(papers), engines)


@pytest.fixture(scope="module")
def checked():
    return _check_all("sql")


def test_both_engines_agree():
    assert _check_all("both").engines_agree is True


@pytest.mark.parametrize("report_key", sorted(_in_force()))
def test_failures_are_the_truth_s_violations(checked, report_key):
    truth = truths()[_in_force()[report_key].paper.file]
    violations = {
        violation["id"]: (Decimal(str(violation["printed"])), Decimal(str(violation["expected"])))
        for violation in truth.facts["violations"]
        if not violation["id"].startswith("narrative:")
    }
    assert failures(checked, report_key) == violations


@pytest.mark.parametrize("report_key", sorted(_in_force()))
def test_every_outcome_is_that_of_the_evaluator(checked, report_key):
    entry = _in_force()[report_key]
    changes = judge_changes(entry.paper.sheet, entry.before) if entry.before else []
    judged = [*judge(entry.paper.sheet, entry.before), *changes]
    expected = {one.id: one.outcome for one in judged if one.outcome != "pass"}
    found = {
        finding.rule_id: str(finding.outcome)
        for finding in checked.findings
        if finding.report_key == report_key and finding.reason != "no_previous_report"
    }
    assert found == expected


def test_the_evaluator_knows_every_figure_whose_changes_the_templates_judge():
    known = {f"year_change:{table}/{name}" for table, names in STEADY.items() for name in names}
    rules = [rule for contract in load_templates().values() for rule in contract.expanded_rules]
    assert known == {rule.id for rule in rules if rule.family == "year_change"}


@pytest.mark.parametrize("name", CASES, ids=lambda name: name.replace(" ", "_"))
def test_one_changed_digit_breaks_exactly_the_named_rules(name):
    file, cell, expected = CASES[name]
    entry = sample_entries()[file]
    year, agency = entry.paper.report_year, entry.paper.agency
    papers = {f"{agency}/{year}": flip_digit(entry.paper, key(cell))}
    before = _in_force().get(f"{agency}/{year - 1}")
    if before:
        papers[f"{agency}/{year - 1}"] = before.paper
    result = check_papers(papers, _links(papers))
    assert failures(result, f"{agency}/{year}").keys() == expected
