"""SQL, Great Expectations and the plain evaluator say the same of whatever cells there are."""

from __future__ import annotations

import random
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from gongkai.contracts.load import load_templates
from gongkai.quality.check import check
from gongkai.quality.evaluate import evaluate
from gongkai.quality.model import Outcome
from gongkai.reports.model import Cell, State

VALUES = st.one_of(
    st.integers(0, 3).map(Decimal),
    st.sampled_from([Decimal(text) for text in ("-1", "0.5", "251000", "99999999999.999999", "123456789012345678")]),
)
TEMPLATES = ["2021", "2021 single", "2019", "legacy"]
SPANS = ["row", "column", "cell", "parts"]
EDITS = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.sampled_from(SPANS),
        st.sampled_from([*State, "missing"]),
        VALUES,
    ),
    max_size=12,
)
REPORTS = st.lists(
    st.tuples(st.sampled_from(TEMPLATES), st.booleans(), st.booleans(), EDITS),
    min_size=1,
    max_size=8,
)


def edited(template, form, zeros, edits):
    """Some cells of a form replaced or taken out of it: one, a row, a column, or all parts of a sum.

    With `zeros` the form has nothing but zeros before.
    """
    if zeros:
        form = {place: Cell(*place, State.NUMBER, Decimal(0)) for place in form}
    form, places = dict(form), list(form)
    sums = [rule for rule in load_templates()[template].expanded_rules if rule.terms]
    for index, span, state, value in edits:
        table, row, column = places[index % len(places)]
        rule = sums[index % len(sums)]
        spans = {
            "cell": {(table, row, column)},
            "row": {place for place in places if place[:2] == (table, row)},
            "column": {place for place in places if place[::2] == (table, column)},
            "parts": {(rule.table, term.row, term.column) for term in rule.terms} & set(places),
        }
        for place in spans[span]:
            if state == "missing":
                form.pop(place, None)
            else:
                form[place] = Cell(*place, state, value if state is State.NUMBER else None)
    return form or {places[0]: Cell(*places[0], State.BLANK)}


def make(reports, balanced):
    """Forms by key, each linked with the one before it where it says so."""
    forms, links = {}, {}
    for number, (template, zeros, linked, edits) in enumerate(reports):
        code, _, single = template.partition(" ")
        forms[f"r{number}"] = (code, edited(code, balanced(code, number, single_other=bool(single)), zeros, edits))
        if linked and number:
            links[f"r{number}"] = f"r{number - 1}"
    return forms, links


def told_by_evaluator(forms, links):
    contracts = load_templates()
    told, counts = {}, {}
    for key, (template, form) in forms.items():
        previous = forms[links[key]][1] if key in links else None
        for verdict in evaluate(contracts[template], form, previous):
            counts.setdefault((template, verdict.rule_id), []).append(verdict.outcome)
            if verdict.outcome is not Outcome.PASS:
                told[key, verdict.rule_id] = (verdict.outcome, verdict.reason, verdict.printed, verdict.expected)
    return told, counts


def compare(forms, links, as_cells, as_links, engines):
    result = check(as_cells(forms), as_links(links), engines=engines)
    told, counts = told_by_evaluator(forms, links)
    assert {(f.report_key, f.rule_id): (f.outcome, f.reason, f.printed, f.expected) for f in result.findings} == told
    for c in result.coverage:
        outcomes = counts.get((c.template, c.rule_id), [])
        assert (c.applicable, c.passed, c.passed_if_blank_is_zero, c.failed, c.undecidable) == (
            len(outcomes),
            *(outcomes.count(outcome) for outcome in Outcome),
        )


@given(reports=REPORTS)
@settings(max_examples=8, derandomize=True)
def test_sql_says_what_the_plain_evaluator_says(reports, balanced, as_cells, as_links):
    compare(*make(reports, balanced), as_cells, as_links, "sql")


@given(reports=REPORTS)
@settings(max_examples=2, derandomize=True)
def test_both_engines_say_what_the_plain_evaluator_says(reports, balanced, as_cells, as_links):
    compare(*make(reports, balanced), as_cells, as_links, "both")


def test_both_engines_say_it_of_many_reports_at_once(balanced, as_cells, as_links):
    """Great Expectations takes its time a call, so that one call gets what hypothesis would spread over hundreds."""
    rng = random.Random(20)
    values = [Decimal(text) for text in ("0", "0", "1", "2", "-1", "0.5", "251000", "123456789012345678")]
    states = [*State, "missing", State.NUMBER, State.BLANK]

    def edit():
        return rng.randrange(10**6), rng.choice(SPANS), rng.choice(states), rng.choice(values)

    reports = [
        (rng.choice(TEMPLATES), rng.random() < 0.5, rng.random() < 0.5, [edit() for _ in range(rng.randrange(8))])
        for _ in range(250)
    ]
    compare(*make(reports, balanced), as_cells, as_links, "both")


@pytest.mark.parametrize("state", list(State))
def test_forms_of_one_state_alone(state, balanced, as_cells, as_links):
    value = Decimal(0) if state is State.NUMBER else None
    forms = {
        f"{template} {year}": (template, {place: Cell(*place, state, value) for place in balanced(template)})
        for template in load_templates()
        for year in (1, 2)
    }
    links = {f"{template} 2": f"{template} 1" for template in load_templates()}
    compare(forms, links, as_cells, as_links, "sql")
