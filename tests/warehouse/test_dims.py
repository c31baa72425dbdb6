from dataclasses import replace

from gongkai.contracts.load import load_templates
from gongkai.quality.textbook import text_rules
from gongkai.warehouse.dims import Agency, Dims, formula, rule_rows


def test_every_rule_of_every_template_is_listed_with_its_formula():
    templates = load_templates()
    rows = rule_rows(templates.values())
    texts = sum(len(text_rules(template)) for template in templates)
    assert len(rows) == texts + sum(len(contract.expanded_rules) for contract in templates.values())
    assert len({(row.template, row.rule_id) for row in rows}) == len(rows)
    assert all(row.formula and row.explain_zh and row.explain_en and row.clause for row in rows)
    assert all(row.coverage_floor >= 1 for row in rows)
    assert {row.severity for row in rows if row.family in ("narrative", "year_change")} == {"warning"}


def test_formulas():
    formulas = {(row.template, row.rule_id): row.formula for row in rule_rows(load_templates().values())}
    assert formulas["2021", "column_balance:applications/resolved_total/total"] == (
        "resolved_total/total = received/total + carried_in/total - carried_out/total"
    )
    assert formulas["2021", "carry_over:applications/carried_in/total"] == (
        "carried_in/total = previous(carried_out/total)"
    )
    assert formulas["2021", "stated_sum:review/litigation/total"] == (
        "stated(lawsuits) = litigation_direct/total + litigation_after_review/total"
    )
    assert formulas["2021", "year_change:review/review/total"] == (
        "review/total ~ previous(review/total) (differ by less than 100, or less than 10 times)"
    )
    assert formulas["2021", "stock:proactive/regulations/in_force"] == (
        "regulations/in_force = regulations/issued - regulations/repealed + previous(regulations/in_force)"
    )
    assert formulas["legacy", "legacy_sum:legacy/8.3/value"] == "8.3/value = 8.3.1/value + 8.3.2/value"
    assert formulas["2021", "non_negative:review/review/total"] == "review/total >= 0"
    assert formulas["2021", "integer:review/review/total"] == "review/total is a whole number"


def test_coefficients_show():
    rule = next(r for r in load_templates()["2021"].expanded_rules if r.family == "review_sum")
    doubled = replace(rule, terms=tuple(replace(term, coefficient=-2) for term in rule.terms[:2]))
    assert formula(doubled) == "review/total = -2 * review/upheld - 2 * review/corrected"


def test_the_fingerprint_says_what_not_in_which_order():
    one, two = Agency("a", "甲"), Agency("b", "乙", region_code="320000")
    first = Dims((one, two), (), (), ())
    assert first.fingerprint == Dims((two, one), (), (), ()).fingerprint
    assert first.fingerprint != Dims((one,), (), (), ()).fingerprint
    assert first.fingerprint != Dims((replace(one, aliases=("丙",)), two), (), (), ()).fingerprint
