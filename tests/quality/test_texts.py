"""Rules over the text: each with a text that breaks it, one that does not, and one that it does not apply to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongkai.contracts.load import load_templates
from gongkai.contracts.text_rules import load_text_families
from gongkai.quality.model import Outcome
from gongkai.quality.textbook import text_rules
from gongkai.quality.texts import judge_texts, packed, text_coverage, unpacked
from gongkai.reports.figures import find_figures
from gongkai.reports.model import Chapter, Identity, Report, State

IDENTITY = Identity("临沂市兰山区科学技术局", "兰山区科技局", 2024, "2024年年报", None, {}, region_code="371302")
YANZHOU = (
    "发布各类信息37条，具体来看：发布政务动态4条；政策文件1条（其中部门文件1条）、机构职能1条、规划计划1条、财政预算决算2条、"
    "行政权力7条（其中会议1条、执行4条、提案2条）、重点领域16条、目录1条、组织管理3条、制度3条。"
)
LONG = "一年来，我局围绕群众关心的问题公开信息，健全制度，完善流程，加强培训。" * 8


@pytest.fixture
def report(balanced):
    """A 2021 report with an overview and, if given, other cells, preamble and identity."""

    def make(overview="", preamble="", form=None, **identity):
        chapters = (Chapter(0, "preamble", "", preamble), Chapter(1, "overview", "总体情况", overview))
        figures = find_figures(chapters, "2021", 2024)
        cells = tuple((balanced("2021", 1) if form is None else form).values())
        return Report(replace(IDENTITY, **identity), "2021", cells, chapters, figures, "0" * 64, "docx", "docx-xml")

    return make


def told(report, family, **others):
    """Outcome of each rule of a family that applies: {last part of the id: (outcome, printed, expected)}."""
    result = judge_texts({"it": report, **others}, certain=["it"])
    found = {
        one.rule_id.split("/", 1)[1]: (one.outcome.value, one.printed, one.expected)
        for one in result.findings["it"]
        if one.family == family
    }
    passed = {
        rule_id.split("/", 1)[1]: ("pass", None, None)
        for rule_id, outcome in result.outcomes["it"].items()
        if rule_id.startswith(f"{family}:") and outcome is Outcome.PASS
    }
    return passed | found


def test_subtotals_stated_in_the_text_are_the_sum_of_their_rows(report, balanced):
    form = balanced("2021", 1)
    refused = sum(cell.value for place, cell in form.items() if place[1].startswith("refused.") and place[2] == "total")
    unavailable = sum(
        cell.value for place, cell in form.items() if place[1].startswith("unavailable.") and place[2] == "total"
    )
    said = f"全年办结政府信息公开申请，其中不予公开{refused}件，无法提供1件。"
    assert told(report(said), "stated_sum") == {
        "refused/total": ("pass", None, None),
        "unavailable/total": ("fail", unavailable, 1),
    }
    wrong = told(report(f"不予公开{refused + 1}件。"), "stated_sum")
    assert wrong == {"refused/total": ("fail", refused, refused + 1)}


def test_a_subtotal_over_cells_that_were_not_found_is_open(report, balanced):
    form = dict(balanced("2021", 1))
    place = next(place for place in form if place[1] == "refused.process" and place[2] == "total")
    form[place] = replace(form[place], state=State.NOT_EXTRACTED, value=None)
    assert told(report("不予公开3件。", form=form), "stated_sum")["refused/total"][0] == "undecidable"
    form[place] = replace(form[place], state=State.TEXT)
    assert told(report("不予公开3件。", form=form), "stated_sum")["refused/total"][0] == "undecidable"


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        # 兖州区科技局 2024
        (YANZHOU, ("fail", 37, 39)),
        ("发布各类信息5条，具体为：动态2条，政策3条。", ("pass", None, None)),
        ("行政复议351件，其中结果维持72件，结果纠正64件，其他结果178件，尚未审结37件。", ("pass", None, None)),
        # two divisions of one total, one behind the other
        ("受理申请10件，其中网上8件，信函2件，予以公开5件，不予公开3件。", ("pass", None, None)),
        ("发布信息100条，其中政策20条，动态30条。", ("pass", None, None)),
        ("发布信息100条，其中政策80条，动态30条。", ("fail", 100, 110)),
        ("行政权力8条（其中会议1条、执行4条、提案2条、其他3条）。", ("fail", 8, 10)),
        ("发布信息5500余条，其中政策4000条，动态3000条。", None),
        ("发布信息100条，参加发布会3次。", None),
        ("发布信息10条，具体为：动态2条，其余为政策。", None),
    ],
)  # fmt: skip
def test_listed_parts_add_up_to_their_total(report, text, outcome):
    assert told(report(text), "stated_parts").get("list/total") == outcome


def test_a_table_of_zeros_beside_a_text_of_applications(report, balanced):
    zeros = {place: replace(cell, value=Decimal(0)) for place, cell in balanced("2021", 1).items()}
    said = "全年共收到政府信息公开申请12件。"
    assert told(report(said, form=zeros), "all_zero") == {"received/total": ("fail", 0, 12)}
    assert told(report("全年未收到政府信息公开申请。", form=zeros), "all_zero")["received/total"][0] == "pass"
    assert told(report(said), "all_zero")["received/total"][0] == "pass"
    lost = {place: replace(cell, state=State.NOT_EXTRACTED, value=None) for place, cell in zeros.items()}
    assert told(report(said, form=lost), "all_zero")["received/total"][0] == "undecidable"


@pytest.mark.parametrize(
    ("preamble", "overview", "outcome"),
    [
        ("本报告统计期限为2023年1月1日至2023年12月31日。", "", ("fail", 2023, 2024)),
        (
            "所列数据的统计期限自２０２４年１月１日起至２０２４年１２月３１日止。",
            "2023年，我局做了什么。",
            ("pass", None, None),
        ),
        ("", "2023年，我局认真公开。", ("fail", 2023, 2024)),
        ("", "2023年，我局起步。\n2024年，我局认真公开。", ("pass", None, None)),
        ("", "我局认真公开。", None),
    ],
)
def test_the_year_that_the_text_reports_on(report, preamble, overview, outcome):
    assert told(report(overview, preamble), "other_year").get("period/year") == outcome


@pytest.mark.parametrize(
    ("author", "outcome"),
    [
        ("临沂市兰山区科技局", "pass"),
        ("兰山区科学技术局办公室", "pass"),
        ("区科技局", "pass"),
        ("临沂市河东区科技局", "fail"),
        ("兰山区财政局", "fail"),
        ("本机关", None),
    ],
)
def test_the_agency_that_the_text_names_as_its_author(report, author, outcome):
    preamble = f"本报告由{author}按照《中华人民共和国政府信息公开条例》编制。"
    assert told(report(preamble=preamble), "other_agency").get("author/agency", (None,))[0] == outcome


def test_a_governments_report_is_written_by_its_office(report):
    government = {"agency": "淮安市人民政府", "agency_printed": "淮安市人民政府", "region_code": "320800"}
    preamble = "本报告由淮安市人民政府办公室根据《条例》编制。"
    assert told(report(preamble=preamble, **government), "other_agency")["author/agency"][0] == "pass"
    preamble = "本报告由扬州市人民政府办公室根据《条例》编制。"
    assert told(report(preamble=preamble, **government), "other_agency")["author/agency"][0] == "fail"


def test_texts_copied_from_the_year_before_or_from_another_agency(report):
    now = report("2024年，" + LONG)
    before = report("2023年，" + LONG, report_year=2023)
    other = report("2024年，" + LONG, agency="临沂市河东区教育局", agency_printed="", region_code="371312")
    assert told(now, "copied_text", before=before)["overview/previous_year"][0] == "fail"
    assert told(now, "copied_text", before=before)["overview/other_agency"][0] == "pass"
    assert told(now, "copied_text", other=other)["overview/other_agency"][0] == "fail"
    assert {one[0] for one in told(now, "copied_text", same=now).values()} == {"pass"}
    assert told(report("2024年，我局认真公开。"), "copied_text", other=report("2024年，我局认真公开。")) == {}


def test_publication_after_the_statutory_date(report):
    assert told(report(published=date(2025, 1, 31)), "publication")["published/days_late"][0] == "pass"
    assert told(report(published=date(2025, 2, 1)), "publication")["published/days_late"] == ("fail", 1, 0)
    government = report(published=date(2025, 3, 31), agency="某市人民政府")
    assert told(government, "publication")["published/days_late"][0] == "pass"
    assert told(report(), "publication") == {}
    assert told(report(published=date(2025, 6, 1), title="2024年年报（更正）"), "publication") == {}


def test_every_rule_over_the_text_has_all_that_readers_need():
    for template in load_templates():
        rules = [one.rule for one in text_rules(template)]
        assert len({rule.id for rule in rules}) == len(rules) > 10
        assert {rule.family for rule in rules} >= {family.family for family in load_text_families()} - {"stated_sum"}
        for rule in rules:
            assert rule.formula
            assert "{" not in rule.formula
            assert rule.clause
            assert rule.explain.zh
            assert rule.explain.en
            assert rule.severity == "warning"


def covered(result, reports):
    return text_coverage((reports[key].template, outcomes) for key, outcomes in result.outcomes.items())


def test_coverage_counts_each_rule_once_a_report(report):
    reports = {"a": report("全年未收到政府信息公开申请。"), "b": report()}
    result = judge_texts(reports)
    coverage = covered(result, reports)
    assert [one.rule_id for one in coverage] == [one.rule.id for one in text_rules("2021")]
    by_rule = {one.rule_id: one for one in coverage}
    assert by_rule["narrative:applications/received/total"].applicable == 1
    assert by_rule["narrative:applications/received/total"].failed == 1
    assert by_rule["all_zero:applications/received/total"].applicable == 1
    for one in coverage:
        assert one.applicable == one.passed + one.passed_if_blank_is_zero + one.failed + one.undecidable
    assert all(finding.outcome is not Outcome.PASS for told in result.findings.values() for finding in told)


def test_outcomes_are_those_of_the_findings_and_the_passes(report):
    result = judge_texts({"a": report(YANZHOU + "全年未收到政府信息公开申请。", published=date(2025, 1, 1))})
    told = {one.rule_id: one.outcome for one in result.findings["a"]}
    passes = {rule_id for rule_id, outcome in result.outcomes["a"].items() if outcome is Outcome.PASS}
    assert {"publication:text/published/days_late"} <= passes
    assert told.items() <= result.outcomes["a"].items()
    assert told.keys() | passes == result.outcomes["a"].keys()


def test_a_template_is_covered_where_it_occurs(report):
    assert text_coverage([]) == ()
    none = text_coverage([("2021", {}), ("2019", {})])
    assert [(one.template, one.rule_id) for one in none] == [
        (template, one.rule.id) for template in ("2019", "2021") for one in text_rules(template)
    ]
    assert {one.applicable for one in none} == {0}


TEMPLATES = sorted(load_templates())


@st.composite
def outcomes_of_a_report(draw):
    """A template, and outcomes of some of its rules."""
    template = draw(st.sampled_from(TEMPLATES))
    ids = [one.rule.id for one in text_rules(template)]
    return template, draw(st.dictionaries(st.sampled_from(ids), st.sampled_from(Outcome)))


@given(outcomes_of_a_report())
def test_packed_outcomes_are_read_as_they_were(one):
    template, outcomes = one
    text = packed(template, outcomes)
    assert unpacked(template, text) == outcomes
    ids = [rule.rule.id for rule in text_rules(template)]
    assert {rule_id: sign for rule_id, sign in zip(ids, text, strict=True) if sign != "-"} == {
        rule_id: {"pass": "p", "pass_if_blank_is_zero": "b", "fail": "f", "undecidable": "u"}[outcome]
        for rule_id, outcome in outcomes.items()
    }


@given(st.lists(outcomes_of_a_report()), st.randoms())
def test_coverage_does_not_depend_on_the_order_of_reports(judged, random):
    shuffled = random.sample(judged, len(judged))
    assert text_coverage(judged) == text_coverage(shuffled)
    assert sum(one.applicable for one in text_coverage(judged)) == sum(len(outcomes) for _, outcomes in judged)


def test_outcomes_that_do_not_fit_are_refused():
    whole = packed("2021", {})
    for text in ("", whole[1:], whole + "-", whole[1:] + "x"):
        with pytest.raises(ValueError, match="outcome"):
            unpacked("2021", text)
    with pytest.raises(ValueError, match="no rules over the text of template 2021: row_sum:a/b/c"):
        packed("2021", {"row_sum:a/b/c": Outcome.FAIL})
