"""A release as one file: it says what the release says, without the warehouse, and other DuckDBs read it."""

import subprocess
import sys

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


def test_an_export_without_room_leaves_nothing_and_the_next_is_whole(house, tmp_path):
    """Its own process, whose files may not grow beyond a little more than the release."""
    folder = tmp_path / "elsewhere"
    command = [
        "import sys, resource, signal; from pathlib import Path",
        "from gongkai.contracts.tables import load_tables; from gongkai.warehouse.portable import write_portable",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        "size = int(sys.argv[3]); resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))",
        "write_portable(Path(sys.argv[1]), Path(sys.argv[2]), load_tables())",
    ]
    size = house.first.path.stat().st_size + 300_000
    arguments = [str(house.first.path), str(folder / "all.duckdb"), str(size)]
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(command), *arguments], check=False, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "File too large" in done.stderr
    assert list(folder.iterdir()) == []
    made = write_portable(house.first.path, folder / "all.duckdb", load_tables())
    assert said(made) == said(house.first.path)


def test_the_log_of_a_killed_export_is_not_played_into_the_next(house, tmp_path):
    (tmp_path / ".all.duckdb.building").write_bytes(b"half")
    (tmp_path / ".all.duckdb.building.wal").write_bytes(b"half")
    (tmp_path / ".all.duckdb.building.tmp").mkdir()
    made = write_portable(house.first.path, tmp_path / "all.duckdb", load_tables())
    assert said(made) == said(house.first.path)
    assert [path.name for path in tmp_path.iterdir() if "all.duckdb" in path.name] == ["all.duckdb"]
