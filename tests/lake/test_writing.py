"""A year written piece by piece: the same bytes however it is cut, and no more memory than a piece and a row group."""

import hashlib
import tempfile
import threading
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lake.made_up import YEAR, files_of, grouped, made_up, without_rows

from gongkai.lake.files import Files
from gongkai.lake.schema import LakeError, lake_tables
from gongkai.lake.store import Lake

N_ROWS = 60
WHOLE = {name: made_up(name, range(N_ROWS)) for name in lake_tables() if name != "rule_coverage"}


def packed_whole(table, row_group):
    """What pyarrow makes of a whole table at once."""
    buffer = pa.BufferOutputStream()
    pq.write_table(table.combine_chunks(), buffer, row_group_size=row_group, compression="zstd", use_dictionary=True)
    return bytes(buffer.getvalue())


def pieces_of(table, cuts):
    edges = [0, *sorted(cuts), table.num_rows]
    return [table.slice(start, end - start) for start, end in pairwise(edges)]


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / "lake"))


@given(
    name=st.sampled_from(sorted(WHOLE)),
    cuts=st.lists(st.integers(0, N_ROWS), max_size=12),
    row_group=st.integers(1, N_ROWS + 1),
    pieces=st.integers(1, 4),
    draw=st.randoms(use_true_random=False),
)
@settings(max_examples=80)
def test_the_bytes_are_the_same_however_a_table_is_cut(name, cuts, row_group, pieces, draw):
    with tempfile.TemporaryDirectory() as folder, grouped(row_group, pieces):
        with Lake(folder).writing(YEAR) as writer:
            for piece in pieces_of(WHOLE[name], cuts):
                order = draw.sample(range(piece.num_rows), piece.num_rows)
                writer.add(name, piece.take(pa.array(order, pa.int64())))
            commit = writer.commit()
        data = packed_whole(WHOLE[name], row_group)
        (path,) = commit.files
        assert path == f"{name}/report_year={YEAR}/part-{hashlib.sha256(data).hexdigest()[:16]}.parquet"
        assert (Path(folder) / path).read_bytes() == data
        assert commit.rows == dict.fromkeys(sorted(lake_tables()), 0) | {name: N_ROWS}
        assert not Lake(folder).write_year(YEAR, without_rows() | {name: WHOLE[name]}).changed


@pytest.mark.parametrize("size", [1, 700, 4096, 12_345])
def test_pages_and_dictionaries_end_where_they_would_in_a_whole_table(lake, size):
    """Row groups of many pages, and of more texts than a dictionary holds."""
    table = made_up("narratives", range(12_345))
    texts = pa.array([f"{number}，共收到申请。" * 20 for number in range(table.num_rows)])
    table = table.set_column(
        table.schema.get_field_index("text"), table.schema.field("text"), pa.chunked_array([texts])
    )
    with grouped(5000):
        with lake.writing(YEAR) as writer:
            for start in range(0, table.num_rows, size):
                writer.add("narratives", table.slice(start, size))
            (path,) = writer.commit().files
        data = (Path(lake.location) / path).read_bytes()
        assert pq.ParquetFile(pa.BufferReader(data)).num_row_groups == 3
        assert data == packed_whole(table, 5000)


def test_tables_come_in_turns_and_those_without_rows_are_empty(lake):
    with lake.writing(YEAR) as writer:
        for start in range(0, N_ROWS, 20):
            for name in ("cells", "reports"):
                writer.add(name, WHOLE[name].slice(start, 20))
        writer.add("findings", WHOLE["findings"].slice(0, 0))
        assert lake.years() == []
        commit = writer.commit()
    assert commit.changed
    assert {path.split("/")[0] for path in commit.files} == {"cells", "reports"}
    assert lake.read("cells").equals(WHOLE["cells"])
    assert lake.read("findings").num_rows == 0
    assert lake.paths("findings") == []
    assert {path.split("/")[0] for path in files_of(lake.location)} == {"cells", "reports", "_manifest"}


def test_what_is_there_already_is_not_written_again(lake):
    lake.write_year(YEAR, without_rows() | WHOLE)
    before = {path: path.stat().st_mtime_ns for path in Path(lake.location).rglob("*.*") if path.suffix != ".lock"}
    with lake.writing(YEAR) as writer:
        for name, table in WHOLE.items():
            for piece in pieces_of(table, [11, 42]):
                writer.add(name, piece)
        assert not writer.commit().changed
    assert before == {
        path: path.stat().st_mtime_ns for path in Path(lake.location).rglob("*.*") if path.suffix != ".lock"
    }


FOLLOWS = (
    rf"cells/report_year={YEAR}.*does not follow.*\('r0000009', 'x', 'x', 'r2'\) after \('r0000009', 'x', 'x', 'r2'\)"
    r".*ascending order of revision_id, table_code, row_code, column_code"
)


def other_year(table):
    at = table.schema.get_field_index("report_year")
    return table.set_column(at, table.schema.field(at), pa.chunked_array([[YEAR + 1] * table.num_rows], pa.int32()))


@pytest.mark.parametrize(
    ("name", "table", "words"),
    [
        ("agencies", WHOLE["cells"], "no such table.*agencies.*applications"),
        ("cells", WHOLE["cells"].slice(30).drop_columns("raw"), "missing.*raw"),
        ("cells", pa.concat_tables([WHOLE["cells"].slice(30, 1)] * 2), "same key"),
        ("cells", other_year(WHOLE["cells"].slice(30)), rf"cells/report_year={YEAR}.*another year.*{YEAR + 1}"),
        ("cells", WHOLE["cells"].slice(29), FOLLOWS),
        ("cells", WHOLE["cells"].slice(0, 5), r"first key \('r0000000'.* after \('r0000009'"),
    ],
)
def test_a_piece_that_does_not_fit_is_refused_and_ends_the_writing(lake, name, table, words):
    lake.write_year(YEAR, without_rows() | {"reports": WHOLE["reports"]})
    before = files_of(lake.location)
    with lake.writing(YEAR) as writer:
        writer.add("cells", WHOLE["cells"].slice(0, 30))
        with pytest.raises(LakeError, match=words):
            writer.add(name, table)
        for going_on in (writer.commit, lambda: writer.add("cells", WHOLE["cells"].slice(30))):
            with pytest.raises(LakeError, match="takes nothing any more"):
                going_on()
    assert files_of(lake.location) == before


def test_a_writer_counts_once_in_its_block(lake):
    writer = lake.writing(YEAR)
    with pytest.raises(LakeError, match="takes nothing any more"):
        writer.add("cells", WHOLE["cells"])
    with writer:
        writer.commit()
        with pytest.raises(LakeError, match="takes nothing any more"):
            writer.commit()
    with pytest.raises(LakeError, match="takes nothing any more"):
        writer.add("cells", WHOLE["cells"])


def test_a_second_writer_of_the_year_waits_for_the_first(lake):
    with lake.writing(YEAR) as writer:
        writer.add("reports", WHOLE["reports"])
        second = threading.Thread(
            target=lambda: Lake(lake.location).write_year(YEAR, without_rows() | {"cells": WHOLE["cells"]})
        )
        second.start()
        second.join(0.3)
        assert second.is_alive()
        writer.commit()
        assert lake.read("reports").equals(WHOLE["reports"])
    second.join()
    assert lake.read("reports").num_rows == 0
    assert lake.read("cells").equals(WHOLE["cells"])


def test_a_lake_elsewhere_is_written_from_a_folder_that_goes(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lake = Lake("memory://written-by-pieces")
    with grouped(7), lake.writing(YEAR) as writer:
        for piece in pieces_of(WHOLE["cells"], [5, 33]):
            writer.add("cells", piece)
        assert files_of(tmp_path)
        (path,) = writer.commit().files
    assert list(tmp_path.iterdir()) == []
    assert Files(lake.location).read(path) == packed_whole(WHOLE["cells"], 7)
    assert lake.read("cells").equals(WHOLE["cells"])


def test_a_row_group_and_a_piece_are_all_that_stays_in_memory(lake):
    piece = WHOLE["cells"].nbytes * 50
    with grouped(3000), lake.writing(YEAR) as writer:
        before, most = pa.total_allocated_bytes(), 0
        for start in range(0, 30_000, 1700):
            writer.add("cells", made_up("cells", range(start, start + 1700)))
            most = max(most, pa.total_allocated_bytes() - before)
        writer.commit()
    assert most < 2 * piece


def test_nothing_stays_in_memory_of_a_piece_but_the_rows_that_wait(lake):
    large = made_up("cells", range(5050))
    with grouped(100), lake.writing(YEAR) as writer:
        before = pa.total_allocated_bytes()
        writer.add("cells", large)
        assert pa.total_allocated_bytes() - before < large.nbytes / 10


def test_many_pieces_of_a_row_take_little_more_than_one_of_all(lake):
    rows = made_up("cells", range(600))
    with grouped(10_000, pieces=50), lake.writing(YEAR) as writer:
        before = pa.total_allocated_bytes()
        for number in range(rows.num_rows):
            writer.add("cells", rows.slice(number, 1))
        assert pa.total_allocated_bytes() - before < 3 * rows.nbytes
