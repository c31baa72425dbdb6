"""What settling a year leaves for the next time."""

from __future__ import annotations

import pytest

from gongkai.lake.files import Files
from gongkai.pipeline.filing import KEPT
from gongkai.pipeline.year_note import AgencyNote, Note, forget_others, keep, recall

from .filed import filed

FILED = (filed("a"), filed("b", error="no_tables", url="u2"))
AGENCIES = (AgencyNote("a1", "docs", template="2021", texts="p-f"), AgencyNote("a2"))


@pytest.fixture
def files(tmp_path):
    return Files(str(tmp_path))


def test_a_note_says_what_was_kept(files):
    name = keep(files, 2023, FILED, AGENCIES)
    note = recall(files, 2023, name)
    assert note.agencies == {one.agency_id: one for one in AGENCIES}
    assert note.documents == {one.print: {of: getattr(one, of) for of in KEPT} for one in FILED}
    assert keep(files, 2023, FILED, AGENCIES) == name


def test_only_the_note_that_counts_stays(files, tmp_path):
    keep(files, 2023, FILED[:1], AGENCIES)
    other_year = keep(files, 2024, FILED[:1], AGENCIES)
    name = keep(files, 2023, FILED, AGENCIES)
    forget_others(files, 2023, name)
    kept = {path.name.partition(".")[0] for path in (tmp_path / "_settled/report_year=2023").iterdir()}
    assert kept == {name}
    assert recall(files, 2024, other_year) != Note()


def test_a_year_without_documents_leaves_nothing(files, tmp_path):
    keep(files, 2023, FILED, AGENCIES)
    assert keep(files, 2023, (), ()) == ""
    forget_others(files, 2023, "")
    assert list((tmp_path / "_settled/report_year=2023").iterdir()) == []


@pytest.mark.parametrize("kind", ["documents", "agencies"])
@pytest.mark.parametrize("damage", [lambda data: None, lambda data: b"", lambda data: data[:40]])
def test_a_note_that_is_gone_or_damaged_says_nothing(files, tmp_path, kind, damage):
    name = keep(files, 2023, FILED, AGENCIES)
    path = tmp_path / "_settled/report_year=2023" / f"{name}.{kind}.parquet"
    left = damage(path.read_bytes())
    if left is None:
        path.unlink()
    else:
        path.write_bytes(left)
    assert recall(files, 2023, name) is None
