"""What a person decides of a report: corrected, undone, accepted, rejected; refused with advice where it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.errors import RunError
from gongkai.pipeline.decisions import open_decisions
from gongkai.pipeline.load import load_year
from gongkai.pipeline.publish import publish
from gongkai.pipeline.quarantine import waiting
from gongkai.pipeline.review import Reviewer, accept, correct, put_off, reject, undo
from gongkai.warehouse.releases import open_release

from .reviewing import BY, CELL, YEAR, cell, printed, report, rows, total


def test_a_correction_is_an_overlay_and_the_rules_answer_twice(both_engines, papers, data):
    before = report()
    assert (before["status"], before["decision_id"]) == ("quarantined", None)
    assert [row["report_id"] for row in waiting()] == [before["report_id"]]
    right = printed()
    decision = correct(before["report_id"], CELL, f"{right}件", BY)
    assert waiting()[0]["decided"] == decision.decision_id  # made, not loaded yet
    assert load_year(YEAR)["changed"] == [YEAR]
    after, overlaid = report(), cell()
    assert after["status"] == "accepted" and after["n_corrected"] == 1 and after["decision_id"] is None
    assert (overlaid["state"], overlaid["value"], overlaid["raw"]) == ("text", None, "见附件")
    assert (overlaid["corrected_state"], overlaid["corrected_value"]) == ("number", right)
    assert overlaid["decision_id"] == decision.decision_id and total() == right
    judged = {row["rule_id"]: (row["outcome"], row["outcome_corrected"]) for row in rows("findings")}
    assert judged["row_sum:applications/received/total"] == ("undecidable", "pass")
    assert waiting() == []
    (row,) = rows("decisions")
    assert (row["standing"], row["decided_by"], row["reason"]) == ("in_force", "王芳", "looked at the page")
    assert load_year(YEAR)["changed"] == []
    made = publish()
    with open_release(Path(made["path"])) as con:
        assert con.execute("SELECT total, n_corrected FROM applications WHERE row_code = 'received'").fetchall() == [
            (int(right), 1)
        ]


def test_a_wrong_correction_fails_the_rules_and_undoing_it_brings_the_quarantine_back(papers, data):
    name = report()["report_id"]
    wrong = correct(name, CELL, "1", BY)
    load_year(YEAR)
    judged = {row["rule_id"]: row for row in rows("findings")}
    assert judged["row_sum:applications/received/total"]["outcome_corrected"] == "fail"
    assert report()["n_failed_rules"] >= 1
    undo(wrong.decision_id, Reviewer("李强", "misread the page"))
    load_year(YEAR)
    assert report()["status"] == "quarantined" and total() is None and cell()["corrected_state"] is None
    standing = {row["kind"]: (row["standing"], row["standing_reason"]) for row in rows("decisions")}
    assert standing["correct"][0] == "undone" and "misread the page" in standing["correct"][1]
    assert standing["undo"] == ("in_force", "")
    with pytest.raises(RunError, match=r"undone already"):
        undo(wrong.decision_id, BY)


def test_accepting_and_rejecting_a_report_as_it_stands(papers, data):
    name = report()["report_id"]
    put_off(name, Reviewer("nobody", "nobody answered", "airflow", is_default=True))
    first = accept(name, BY)
    load_year(YEAR)
    after = report()
    assert (after["status"], after["decision_id"]) == ("accepted", first.decision_id)
    assert after["status_reason"] == f"accepted by {first.decision_id} of 王芳: looked at the page"
    last = reject(name, Reviewer("王芳", "a draft"))
    load_year(YEAR)
    after = report()
    assert (after["status"], after["decision_id"]) == ("quarantined", last.decision_id)
    assert waiting() == []  # decided for good
    standing = {row["decision_id"]: row for row in rows("decisions")}
    assert standing[first.decision_id]["standing"] == "replaced"
    (default,) = [row for row in standing.values() if row["is_default"]]
    assert (default["kind"], default["standing"], default["decided_by"]) == ("later", "replaced", "nobody")
    publish()


def test_a_failing_rule_is_accepted_as_the_publishers(papers, data):
    name, rule = report()["report_id"], "row_sum:applications/received/total"
    correct(name, CELL, "1", BY)
    load_year(YEAR)
    decision = accept(name, BY, rule)
    load_year(YEAR)
    (found,) = [row for row in rows("findings") if row["rule_id"] == rule]
    assert (found["attribution"], found["decision_id"]) == ("publisher", decision.decision_id)
    assert report()["status"] == "accepted_with_errors"
    assert {row["standing"] for row in rows("decisions")} == {"in_force"}


def test_what_cannot_be_decided_is_refused_with_advice(papers, data):
    name = report()["report_id"]
    with pytest.raises(RunError, match=r"no such report.*gongkai review list"):
        accept("nobody-2023", BY)
    with pytest.raises(RunError, match=r"no such cell.*applications/received/natural_person"):
        correct(name, "applications/received/sum", "1", BY)
    with pytest.raises(RunError, match=r"nothing that a cell can hold"):
        correct(name, CELL, "十几件", BY)
    with pytest.raises(RunError, match=r"named by three codes"):
        correct(name, "total", "1", BY)
    with pytest.raises(RunError, match=r"does not fail in this report"):
        accept(name, BY, "row_sum:applications/received/total")
    with pytest.raises(RunError, match=r"no such decision"):
        undo("d-0", BY)
    with pytest.raises(RunError, match=r"who made it and why"):
        reject(name, Reviewer("王芳", " "))
    assert open_decisions().all() == []
