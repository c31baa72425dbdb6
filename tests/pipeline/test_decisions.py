"""The files of decisions: each taken down once and for all."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gongkai.errors import RunError
from gongkai.pipeline.decisions import Decisions, open_decisions
from gongkai.pipeline.review import correct, reject

from .reviewing import BY, CELL, report


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
