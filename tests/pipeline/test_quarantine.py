"""What waits for a person, and what is shown of it."""

from __future__ import annotations

from gongkai.pipeline.quarantine import case

from .reviewing import CELL, report


def test_a_case_shows_what_is_doubtful(papers, data):
    found = case(report()["document_sha256"][:12])
    assert [row["raw"] for row in found.doubtful] == ["见附件"]
    assert found.tables()["doubtful cells"][0]["cell"] == CELL
    assert any(row["outcome"] == "undecidable" for row in found.findings)
