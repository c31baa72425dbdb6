"""Decisions: taken down once and for all, in force as long as the content is what it was, void with a reason else."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.papers import SOURCE

from gongkai.errors import RunError
from gongkai.pipeline import judging
from gongkai.pipeline.asking import decided_years, questions, take_answer
from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.decisions import Decisions, open_decisions
from gongkai.pipeline.evidence import read_evidence
from gongkai.pipeline.load import load_year, open_lake
from gongkai.pipeline.publish import publish
from gongkai.pipeline.quarantine import case, waiting
from gongkai.pipeline.review import Reviewer, accept, correct, put_off, reject, undo
from gongkai.quality.check import check
from gongkai.settings import ROOT, get_settings
from gongkai.warehouse.releases import open_release

DOCUMENTS = ROOT / "include" / "samples" / "documents"
BY = Reviewer("王芳", "looked at the page")
YEAR = 2023
TITLE = f"{YEAR}年政府信息公开工作年度报告"
CELL = "applications/received/total"


@pytest.fixture(autouse=True)
def one_engine(request, monkeypatch):
    """Great Expectations costs a second a check; that both engines judge corrected values too is tested once."""
    if "both_engines" not in request.fixturenames:
        monkeypatch.setattr(judging, "check", lambda *tables, **options: check(*tables, **options | {"engines": "sql"}))


@pytest.fixture
def both_engines():
    """Both engines judge."""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """Sources and data with one report, of 2023, that says in a cell of table 三 what is no number."""
    whole = tmp_path_factory.mktemp("review")
    folder = whole / "sources" / "papers"
    folder.mkdir(parents=True)
    (folder.parent / "papers.yml").write_text(SOURCE, encoding="utf-8")
    page = (DOCUMENTS / "xiajiang-transport-2023.html").read_text(encoding="utf-8")
    (folder / f"{TITLE}.html").write_text(spoiled(page), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GONGKAI_SOURCES", str(folder.parent))
        patch.setenv("GONGKAI_DATA", str(whole / "data"))
        get_settings.cache_clear()
        collect_sources()
        load_year(YEAR)
    get_settings.cache_clear()
    return whole


@pytest.fixture
def papers(loaded, tmp_path, monkeypatch, data):
    """A copy of its own; returns where its documents are."""
    shutil.copytree(loaded, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("GONGKAI_SOURCES", str(tmp_path / "sources"))
    get_settings.cache_clear()
    return tmp_path / "sources" / "papers"


def spoiled(page, said="见附件"):
    """The page with the total of its first row of table 三 replaced by words."""
    before, row, after = page.partition("本年新收政府信息公开申请数量")
    assert row
    line, end, rest = after.partition("</tr>")
    start = line.rindex("<td")
    cut = line.index(">", start) + 1
    close = line.index("</td>", cut)
    return before + row + line[:cut] + said + line[close:] + end + rest


def rows(table, year=YEAR):
    return open_lake().read(table, [year]).to_pylist()


def report():
    (row,) = rows("reports")
    return row


def cell(name=CELL):
    return next(
        one for one in rows("cells") if "/".join((one["table_code"], one["row_code"], one["column_code"])) == name
    )


def total():
    return next(row["total"] for row in rows("applications") if row["row_code"] == "received")


def printed():
    return sum(
        row["value"]
        for row in rows("cells")
        if row["row_code"] == "received" and row["column_code"] != "total" and row["value"] is not None
    )


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
    from gongkai.pipeline import year
    from gongkai.pipeline.reviewed import judge

    name = report()["report_id"]
    correct(name, CELL, "7", BY)

    def reads_otherwise(number, decisions, settled):
        from dataclasses import replace

        changed = []
        for one in settled:
            cells = [replace(c, raw="见附表") if "/".join(c.key) == CELL else c for c in one.report.cells]
            changed.append(replace(one, report=replace(one.report, cells=tuple(cells))))
        return judge(number, decisions, changed)

    monkeypatch.setattr(year, "judge", reads_otherwise)
    load_year(YEAR)
    (row,) = rows("decisions")
    assert row["standing"] == "expired"
    assert row["standing_reason"] == "the cell reads '见附表' now, not '见附件'"


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


def test_questions_are_bounded_escaped_and_not_asked_again_too_soon(papers, data, monkeypatch):
    page = papers / f"{TITLE}.html"
    hostile = page.read_text(encoding="utf-8").replace("见附件", "[x](javascript:y)&lt;img src=z&gt;")
    for number in range(2):
        text = hostile.replace("霞江市交通运输局", f"霞江市第{'一二'[number]}交通运输局")
        (papers / f"{TITLE}{number}.html").write_text(text, encoding="utf-8")
    collect_sources()
    load_year(YEAR)
    assert len(waiting()) == 3
    monkeypatch.setenv("GONGKAI_REVIEW_BATCH", "2")
    get_settings.cache_clear()
    asked = questions()
    assert len(asked) == 2
    told = next(one for one in asked if "第" in one["subject"])
    assert "](javascript" not in told["body"] and "<img" not in told["body"]
    assert read_evidence(told["body"].split("/gongkai/evidence/")[1].split(")")[0])
    assert read_evidence("../decisions/x.html") is None
    at = datetime(2026, 1, 2, tzinfo=UTC)
    late = take_answer(asked[0], "later", {"cell": "", "value": "", "why": ""}, None, at)
    assert (late.who, late.is_default, late.at) == ("nobody", True, at)
    take_answer(asked[0], "later", {}, None, datetime.now(UTC))
    taken = take_answer(asked[1], "correct", {"cell": CELL, "value": "5", "why": "seen"}, "王芳", at)
    assert take_answer(asked[1], "correct", {"cell": CELL, "value": "5", "why": "seen"}, "王芳", at) == taken
    assert decided_years() == [YEAR]
    assert {one["report_id"] for one in questions()}.isdisjoint({one["report_id"] for one in asked})
    with pytest.raises(RunError, match=r"revised since it was asked"):
        take_answer(asked[0] | {"document_sha256": "0" * 64}, "accept", {}, "王芳", at)


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


def test_a_case_shows_what_is_doubtful(papers, data):
    found = case(report()["document_sha256"][:12])
    assert [row["raw"] for row in found.doubtful] == ["见附件"]
    assert found.tables()["doubtful cells"][0]["cell"] == CELL
    assert any(row["outcome"] == "undecidable" for row in found.findings)


def test_several_writers_never_overwrite_each_other_and_a_changed_file_is_told(papers, data):
    name = report()["report_id"]
    made = [correct(name, CELL, str(number), BY) for number in range(3)]
    files = sorted((data / "decisions").glob("*.jsonl"))
    assert len(files) == 3
    open_decisions().add(made[:1])  # the same decision, written once more by a task that was retried
    assert [one.value for one in open_decisions().all()] == [Decimal(0), Decimal(1), Decimal(2)]
    files[1].write_text(files[1].read_text().replace("looked", "Looked"))
    with pytest.raises(RunError, match=r"changed after it was made"):
        open_decisions().all()
    files[1].write_text("{")
    with pytest.raises(RunError, match=r"jsonl:1: a damaged decision"):
        open_decisions().all()


def test_decisions_on_an_object_store(papers, s3_location, data):
    store = Decisions(f"{s3_location}/decisions")
    made = reject(report()["report_id"], BY)
    assert store.all() == []
    store.add([made])
    assert store.all() == [made]


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
