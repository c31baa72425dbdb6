"""Ranges of reports: what filtering the whole gives, without reading the rest."""

from pathlib import Path
from unittest import mock

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake.made_up import YEAR, grouped, made_up, without_rows

from gongkai.lake import writing
from gongkai.lake.schema import LakeError, arrow_schema, lake_tables
from gongkai.lake.snapshot import PartMissingError
from gongkai.lake.store import Lake

N_ROWS = 90
ROW_GROUP = 10
WHOLE = {name: made_up(name, range(N_ROWS)) for name in lake_tables() if name != "rule_coverage"}
IDS = sorted({one for table in WHOLE.values() for one in table["report_id"].to_pylist() if one})


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    lake = Lake(str(tmp_path_factory.mktemp("between")))
    with grouped(ROW_GROUP):
        lake.write_year(YEAR, without_rows() | WHOLE)
    lake.write_year(YEAR - 1, without_rows())
    return lake


@pytest.fixture
def groups(monkeypatch):
    """The row groups read, by number."""
    read, original = [], pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda file, i, **how: read.append(i) or original(file, i, **how)
    )
    return read


def filtered(table, first, last):
    ids = table["report_id"].to_pylist()
    wanted = [one is not None and (first is None or one >= first) and (last is None or one <= last) for one in ids]
    return table.filter(wanted)


BOUND = st.none() | st.sampled_from(IDS) | st.text("a0159-", max_size=12)


@given(
    name=st.sampled_from(sorted(WHOLE)),
    first=BOUND,
    last=BOUND,
    columns=st.sampled_from([None, ["report_year"], ["report_year", "report_id"]]),
)
@settings(max_examples=200)
def test_a_range_is_what_filtering_the_whole_gives(filled, name, first, last, columns):
    found = filled.snapshot().between(name, YEAR, first, last, columns)
    expected = filtered(WHOLE[name], first, last)
    assert found.equals(expected.select(columns) if columns else expected)


def test_row_groups_outside_the_range_are_not_read(filled, groups):
    ids, snapshot = WHOLE["cells"]["report_id"].to_pylist(), filled.snapshot()
    assert (ids.index(ids[20]), ids.index(ids[39])) == (18, 39)
    assert snapshot.between("cells", YEAR, ids[20], ids[39]).equals(WHOLE["cells"].slice(18, 24))
    assert groups == [1, 2, 3, 4]
    groups.clear()
    snapshot.between("cells", YEAR, ids[-1], None)
    assert groups == [8]
    groups.clear()
    snapshot.between("cells", YEAR, None, ids[0])
    assert groups == [0]
    groups.clear()
    assert snapshot.between("cells", YEAR, "b", None).num_rows == 0
    assert snapshot.between("cells", YEAR, ids[50], ids[10]).num_rows == 0
    assert groups == []


def test_row_groups_without_statistics_are_read(tmp_path, groups):
    lake = Lake(str(tmp_path))
    packed = writing.PACKED | {"write_statistics": False}
    with grouped(ROW_GROUP), mock.patch.object(writing, "PACKED", packed):
        lake.write_year(YEAR, without_rows() | {"cells": WHOLE["cells"]})
    first = WHOLE["cells"]["report_id"][0].as_py()
    assert lake.snapshot().between("cells", YEAR, first, first).equals(filtered(WHOLE["cells"], first, first))
    assert groups == list(range(9))


def test_a_year_that_is_absent_or_empty_has_no_rows(filled):
    for year in (YEAR - 1, YEAR - 2):
        found = filled.snapshot().between("cells", year, None, None, ["value", "report_id"])
        assert found.num_rows == 0
        assert found.schema == arrow_schema(lake_tables()["cells"]).empty_table().select(["value", "report_id"]).schema


def test_what_cannot_be_asked_is_told(filled):
    snapshot = filled.snapshot()
    with pytest.raises(LakeError, match=r"rule_coverage.*without report_id"):
        snapshot.between("rule_coverage", YEAR, None, None)
    with pytest.raises(LakeError, match="no such table"):
        snapshot.between("nothing", YEAR, None, None)
    with pytest.raises(LakeError, match="no such column"):
        snapshot.between("cells", YEAR, None, None, ["nothing"])


def test_parts_that_are_damaged_of_another_contract_or_missing_are_told(tmp_path):
    lake = Lake(str(tmp_path))
    lake.write_year(YEAR, without_rows() | {"cells": WHOLE["cells"]})
    path, snapshot = Path(lake.paths("cells")[0]), lake.snapshot()
    whole = pq.read_table(path, partitioning=None)
    for spoil in (whole.drop_columns("note"), whole.drop_columns("report_id")):
        pq.write_table(spoil, path)
        with pytest.raises(LakeError, match=r"another contract.*missing"):
            snapshot.between("cells", YEAR, None, None)
    numbers = pc.cast(pc.index_in(whole["report_id"], whole["report_id"]), "int64")
    pq.write_table(whole.set_column(whole.schema.get_field_index("report_id"), "report_id", numbers), path)
    assert snapshot.between("cells", YEAR, "a", None).num_rows == 0
    path.write_bytes(b"PAR1 nothing")
    with pytest.raises(LakeError, match="damaged part"):
        snapshot.between("cells", YEAR, None, None)
    path.unlink()
    with pytest.raises(PartMissingError, match="gongkai load"):
        snapshot.between("cells", YEAR, None, None)
