"""Decisions: in force as long as the content is what it was, void with a reason else."""

from __future__ import annotations

import shutil

from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.load import load_year
from gongkai.pipeline.publish import publish
from gongkai.pipeline.review import accept, correct

from .reviewing import BY, CELL, DOCUMENTS, TITLE, YEAR, printed, report, rows, total


def test_a_decision_outlives_everything_but_its_content(papers, data, monkeypatch):
    name, right = report()["report_id"], printed()
    kept = correct(name, CELL, str(right), BY)
    taken = accept(name, BY)
    load_year(YEAR)

    def holds():
        found = {row["decision_id"]: row["standing"] for row in rows("decisions")}
        return found == {kept.decision_id: "in_force", taken.decision_id: "in_force"} and total() == right

    assert holds()
    collect_sources()
    load_year(YEAR)
    assert holds()  # run again
    monkeypatch.setattr("gongkai.pipeline.extractions.extractor_fingerprint", lambda: "another")
    load_year(YEAR)
    assert holds()  # a new version of the extractor
    assert {row["extractor"].partition(".")[0] for row in rows("documents")} == {"another"}
    bytes_before = {path.name: path.read_bytes() for path in (data / "lake").rglob("*.parquet")}
    shutil.rmtree(data / "lake")
    load_year(YEAR)
    assert holds()  # built again from the archive
    assert {path.name: path.read_bytes() for path in (data / "lake").rglob("*.parquet")} == bytes_before
    page = papers / f"{TITLE}.html"
    page.write_text(page.read_text(encoding="utf-8").replace("见附件", f"{right + 1}"), encoding="utf-8")
    collect_sources()
    load_year(YEAR)  # the portal revised the document
    expired = {row["decision_id"]: row for row in rows("decisions")}
    assert {row["standing"] for row in expired.values()} == {"expired"}
    assert "is in force now" in expired[kept.decision_id]["standing_reason"]
    assert report()["status"] == "accepted_with_errors" and total() == right + 1
    publish()  # gates hold with decisions that are void


def test_another_text_under_the_same_cell_expires_a_correction(papers, data, monkeypatch):
    from gongkai.pipeline import group
    from gongkai.pipeline.reviewed import judge

    name = report()["report_id"]
    correct(name, CELL, "7", BY)

    def reads_otherwise(number, decisions, subjects):
        from dataclasses import replace

        changed = {}
        for decision_id, one in subjects.items():
            cells = [replace(c, raw="见附表") if "/".join(c.key) == CELL else c for c in one.report.cells]
            changed[decision_id] = replace(one, report=replace(one.report, cells=tuple(cells)))
        return judge(number, decisions, changed)

    monkeypatch.setattr(group, "judge", reads_otherwise)
    load_year(YEAR)
    (row,) = rows("decisions")
    assert row["standing"] == "expired"
    assert row["standing_reason"] == "the cell reads '见附表' now, not '见附件'"


def test_corrections_reach_the_rules_of_the_year_after(papers, data):
    shutil.copy(DOCUMENTS / "xiajiang-transport-2024.docx", papers / "2024年政府信息公开工作年度报告.docx")
    collect_sources()
    load_year(2024)
    carried = "carry_over:applications/carried_in/total"
    out = next(row for row in rows("applications") if row["row_code"] == "carried_out")
    assert carried not in {row["rule_id"] for row in rows("findings", 2024)}
    correct(report()["report_id"], "applications/carried_out/total", str(out["total"] + 1), BY)
    assert load_year(YEAR)["changed"] == [YEAR, 2024]
    found = {row["rule_id"]: row for row in rows("findings", 2024)}
    assert (found[carried]["outcome"], found[carried]["outcome_corrected"]) == ("pass", "fail")
    assert not any(row["decision_id"] for row in rows("cells", 2024))
