"""What the rules find in the documents of the shared corpus, read as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gongkai.pipeline.check import check_reports, finding_rows
from gongkai.pipeline.extract import extract_files

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FAMILIES = {"row_sum", "column_balance", "resolved_sum", "review_sum", "legacy_sum", "carry_over", "narrative"}


def failing(paths):
    """{(file, rule): row} of what fails in some files, and the files that gave no report."""
    reports, unread = {}, []
    for path, extraction in extract_files(paths):
        if extraction.report is None:
            unread.append(path.name)
        else:
            reports[path.name] = extraction.report
    rows = finding_rows(check_reports(reports), reports)
    return {(row["file"], row["rule"]): row for row in rows if row["outcome"] == "fail"}, unread


@pytest.mark.corpus
def test_errors_of_the_seeds():
    """兖州区科技局 2024: 37 条 stated, parts of 39. 济宁市科技局 2018: 3.3 and 8.3."""
    found, unread = failing([CORPUS / "seeds" / name for name in ("000.docx", "000.txt", "004.docx", "004.txt")])
    assert not unread
    for file in ("000.docx", "000.txt"):
        row = found[file, "stated_parts:text/list/total"]
        assert (row["printed"], row["expected"], row["severity"], row["attribution"]) == (
            37,
            39,
            "warning",
            "publisher",
        )
    # A text that another tool left is no original: what fails there may be that tool's doing.
    for file, blame in (("004.docx", "publisher"), ("004.txt", "unknown")):
        for rule, printed, expected in (("3.3", 1, 2), ("8.3", 4, 2)):
            row = found[file, f"legacy_sum:legacy/{rule}/value"]
            assert (row["printed"], row["expected"], row["attribution"]) == (printed, expected, blame)
        # its text says that nobody applied, its table has one application
        assert found[file, "narrative:legacy/3.1/value"]["expected"] == 0
    assert len(found) == 2 + 2 * 3


@pytest.mark.slow
@pytest.mark.corpus
def test_every_listed_violation_is_found_in_the_documents_and_no_other():
    truths = {path.name.removesuffix(".json"): json.loads(path.read_text("utf-8")) for path in
              sorted((CORPUS / "sample").glob("*.json"))}  # fmt: skip
    found, unread = failing(
        sorted(path for path in (CORPUS / "sample").iterdir() if path.suffix != ".json" and path.name != "README.md")
    )
    # a page whose numbers are in its attachment is judged by that
    named = {name.replace(".html", "_fj.pdf") if name in unread else name: truth for name, truth in truths.items()}
    listed = {(name, one["id"]) for name, truth in named.items() for one in truth["violations"]}
    told = {key for key in found if key[1].split(":")[0] in FAMILIES}
    assert told == listed
