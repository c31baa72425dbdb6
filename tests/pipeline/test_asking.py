"""Questions to a person, and what is made of the answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gongkai.errors import RunError
from gongkai.pipeline.asking import decided_years, questions, take_answer
from gongkai.pipeline.collect import collect_sources
from gongkai.pipeline.evidence import read_evidence
from gongkai.pipeline.load import load_year
from gongkai.pipeline.quarantine import waiting
from gongkai.settings import get_settings

from .reviewing import CELL, TITLE, YEAR


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
