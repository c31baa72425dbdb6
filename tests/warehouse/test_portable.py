"""A release as one file: it says what the release says, without the warehouse, and other DuckDBs read it."""

import duckdb
import pytest

from gongkai.contracts.tables import load_tables
from gongkai.errors import RunError
from gongkai.warehouse.marts import load_marts
from gongkai.warehouse.portable import write_portable

NAMES = [*load_tables(), *(f"mart.{mart.name}" for mart in load_marts())]


def said(path):
    with duckdb.connect(str(path), read_only=True) as con:
        rows = {name: con.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in NAMES}
        comments = con.execute("SELECT table_name, column_name, comment FROM duckdb_columns() ORDER BY ALL").fetchall()
        (storage,) = con.execute(
            "SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal"
        ).fetchall()[0]
    return rows, comments, storage


def test_a_portable_file_says_what_the_release_says(house, tmp_path):
    wanted = said(house.first.path)
    made = write_portable(house.first.path, tmp_path / "elsewhere" / "all.duckdb", load_tables())
    house.folder.rename(tmp_path / "gone")
    with duckdb.connect(str(made), read_only=True) as con:
        assert "gongkai_warehouse" not in str(con.execute("SELECT sql FROM duckdb_views()").fetchall())
    assert said(made) == wanted
    assert [path.name for path in made.parent.iterdir()] == ["all.duckdb"]


def test_a_file_is_never_written_over(house, tmp_path):
    (tmp_path / "there.duckdb").write_bytes(b"mine")
    with pytest.raises(RunError, match="exists already"):
        write_portable(house.first.path, tmp_path / "there.duckdb", load_tables())
    assert (tmp_path / "there.duckdb").read_bytes() == b"mine"


def test_a_moved_warehouse_is_read_where_it_is(house, tmp_path):
    moved = house.folder.rename(tmp_path / "moved")
    with duckdb.connect(str(moved / "gongkai.duckdb"), read_only=True) as con:
        con.execute(f"SET VARIABLE gongkai_warehouse = '{moved}'")
        assert con.execute("SELECT count(*) FROM cells").fetchall() == [(1048,)]
