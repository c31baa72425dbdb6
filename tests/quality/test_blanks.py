"""What a blank, a missing row and an unread cell do to the rules, whatever the numbers."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from gongkai.contracts.load import load_templates
from gongkai.quality.check import check
from gongkai.quality.evaluate import evaluate
from gongkai.quality.model import Outcome, Reason
from gongkai.reports.model import Cell, State

TEMPLATES = st.sampled_from(["2021", "2019", "legacy"])
NOTHING = st.sampled_from([State.BLANK, State.NOT_APPLICABLE])
LOST = st.sampled_from([State.NOT_EXTRACTED, State.TEXT])


def with_zeros(form, seed):
    """Zeros in most places, such that every rule over one year still holds: all columns and rows but one of each."""
    rng = random.Random(seed)
    kept = {place for place in form if place[0] == "applications" and place[2] in ("natural_person", "total")}
    zero = {place for place in form if place not in kept and place[0] == "applications"}
    changed = {place: replace(cell, value=Decimal(0)) if place in zero else cell for place, cell in form.items()}
    for (table, row, column), cell in list(changed.items()):
        if table == "applications" and column == "total":
            changed[table, row, column] = replace(cell, value=form[table, row, "natural_person"].value)
    return changed, [place for place in zero if rng.random() < 0.7]


@given(template=st.sampled_from(["2021", "2019"]), seed=st.integers(0, 10**6), state=NOTHING)
@settings(max_examples=40, derandomize=True)
def test_blanks_for_zeros_pass_as_if_they_were_zero(template, seed, state, balanced):
    form, blanks = with_zeros(balanced(template, seed % 50), seed)
    blank = form | {place: Cell(*place, state) for place in blanks}
    contract = load_templates()[template]
    before = {verdict.rule_id: verdict.outcome for verdict in evaluate(contract, form)}
    after = {verdict.rule_id: verdict for verdict in evaluate(contract, blank)}
    for rule in contract.expanded_rules:
        cells = {(rule.table, rule.row, rule.column), *((rule.table, term.row, term.column) for term in rule.terms)}
        if rule.check or rule.crosses_years or rule.id not in before:
            continue
        assert before[rule.id] is Outcome.PASS
        touched = bool(cells & set(blanks))
        assert after[rule.id].outcome is (Outcome.PASS_IF_BLANK_IS_ZERO if touched else Outcome.PASS)


@given(template=TEMPLATES, seed=st.integers(0, 50), lost=LOST, data=st.data())
@settings(max_examples=40, derandomize=True)
def test_a_missing_row_leaves_its_rules_open_and_no_other(template, seed, lost, data, balanced):
    form = balanced(template, seed)
    row = data.draw(st.sampled_from(sorted({place[:2] for place in form})))
    spoilt = {place: Cell(*place, lost) if place[:2] == row else cell for place, cell in form.items()}
    contract = load_templates()[template]
    rules = {rule.id: rule for rule in contract.expanded_rules}
    for verdict in evaluate(contract, spoilt):
        rule = rules[verdict.rule_id]
        rows = {(rule.table, rule.row), *((rule.table, term.row) for term in rule.terms if not term.previous)}
        if verdict.reason is Reason.NO_PREVIOUS_REPORT:
            assert verdict.outcome is Outcome.UNDECIDABLE
        else:
            assert verdict.outcome is (Outcome.UNDECIDABLE if row in rows else Outcome.PASS)


DAMAGE = st.dictionaries(st.integers(0, 400), st.sampled_from([*State, "missing"]), max_size=80)


@given(template=TEMPLATES, seed=st.integers(0, 50), now=DAMAGE, then=DAMAGE, linked=st.booleans())
@settings(max_examples=120, derandomize=True)
def test_no_rule_with_a_missing_input_passes(template, seed, now, then, linked, balanced):
    before = damaged(balanced(template, seed + 1), then)
    form = damaged(balanced(template, seed), now)
    contract = load_templates()[template]
    rules = {rule.id: rule for rule in contract.expanded_rules}
    for verdict in evaluate(contract, form, before if linked else None):
        rule = rules[verdict.rule_id]
        judged = form.get((rule.table, rule.row, rule.column))
        previous = before if linked else {}
        needed = [judged] + [
            (previous if term.previous else form).get((rule.table, term.row, term.column)) for term in rule.terms
        ]
        # a row that the form does not have is no input of a sum over one year: its variant prints another one
        lacks = judged is None or any(
            cell is None for cell, term in zip(needed[1:], rule.terms, strict=True) if term.previous
        )
        states = {cell.state for cell in needed if cell is not None}
        if lacks or states & {State.NOT_EXTRACTED, State.TEXT}:
            assert verdict.outcome is Outcome.UNDECIDABLE
        if verdict.outcome is Outcome.PASS:
            assert states == {State.NUMBER}


def damaged(form, damage):
    places, spoilt = list(form), dict(form)
    for number, state in damage.items():
        place = places[number % len(places)]
        if state == "missing":
            spoilt.pop(place, None)
        elif state is not State.NUMBER:
            spoilt[place] = Cell(*place, state)
    return spoilt


@pytest.mark.slow
def test_both_engines_agree_on_ten_thousand_damaged_reports(balanced, as_cells, as_links):
    rng = random.Random(5)
    values = [Decimal(text) for text in ("0", "0", "1", "2", "-1", "0.5", "251000", "123456789012345678")]
    base = {
        (template, seed): balanced(template, seed, single_other=seed % 5 == 0)
        for template in load_templates()
        for seed in range(8)
    }
    contracts, forms, links = load_templates(), {}, {}
    for number in range(10_000):
        template, form = rng.choice(list(base.items()))
        spoilt, places = dict(form), list(form)
        for _ in range(rng.choice((0, 1, 2, 5, 40))):
            place = rng.choice(places)
            state = rng.choice([*State, State.NUMBER, "missing"])
            if state == "missing":
                spoilt.pop(place, None)
            else:
                spoilt[place] = Cell(*place, state, rng.choice(values) if state is State.NUMBER else None)
        forms[f"r{number:05d}"] = (template[0], spoilt)
        if number and rng.random() < 0.6:
            links[f"r{number:05d}"] = f"r{number - 1:05d}"

    result = check(as_cells(forms), as_links(links), engines="both")

    assert result.engines_agree
    told = {(f.report_key, f.rule_id): (f.outcome, f.reason) for f in result.findings}
    plain = {}
    for key, (template, form) in forms.items():
        before = forms[links[key]][1] if key in links else None
        for verdict in evaluate(contracts[template], form, before):
            if verdict.outcome is not Outcome.PASS:
                plain[key, verdict.rule_id] = (verdict.outcome, verdict.reason)
    assert told == plain
    assert {outcome for outcome, _ in told.values()} == set(Outcome) - {Outcome.PASS}
