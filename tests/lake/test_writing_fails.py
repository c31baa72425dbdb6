"""A year whose writing fails or is left: the lake stays as it was, and nothing of it remains."""

import errno
import gc
import resource
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.lake.made_up import YEAR, files_of, grouped, made_up, without_rows

from gongkai.lake.files import Files
from gongkai.lake.schema import lake_tables
from gongkai.lake.store import Lake

N_ROWS = 60
WHOLE = {name: made_up(name, range(N_ROWS)) for name in lake_tables() if name != "rule_coverage"}


@pytest.fixture
def lake(tmp_path):
    return Lake(str(tmp_path / "lake"))


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_a_block_left_without_commit_leaves_nothing(lake, error):
    lake.write_year(YEAR, without_rows() | {"reports": WHOLE["reports"]})
    before = files_of(lake.location)

    writer = lake.writing(YEAR)  # held, so that nothing but leaving the block closes its files

    def leave():
        with grouped(7), writer:
            writer.add("cells", WHOLE["cells"])
            assert len(files_of(lake.location)) > len(before)
            if error:
                raise error

    if error:
        with pytest.raises(error):
            leave()
    else:
        leave()
    assert files_of(lake.location) == before
    assert not [path for path in Path("/proc/self/fd").iterdir() if lake.location in str(path.resolve())]


@pytest.mark.parametrize("step", range(1, 6))
@pytest.mark.parametrize("location", ["folder", "memory"])
def test_an_error_at_any_step_leaves_the_lake_as_it_was(tmp_path, monkeypatch, step, location):
    lake = Lake(str(tmp_path) if location == "folder" else f"memory://writing-{step}")
    files = Files(lake.location)
    old, new = ({name: made_up(name, range(9), seed) for name in ("cells", "reports", "findings")} for seed in (1, 2))
    lake.write_year(YEAR, without_rows() | old)

    def stored():
        return {path: files.fs.cat_file(path) for path in files.fs.find(files.root) if not path.endswith(".lock")}

    before, calls = stored(), 0

    def failing(original):
        def call(self, *args):
            nonlocal calls
            calls += 1
            if calls == step:
                raise OSError(28, "No space left on device")
            return original(self, *args)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(Files, "take", failing(Files.take))
        patch.setattr(Files, "put", failing(Files.put))
        if step <= 4:  # three parts, the manifest
            with pytest.raises(OSError, match="No space"):
                lake.write_year(YEAR, without_rows() | new)
            named = {Path(path).name for name in lake.tables for path in lake.paths(name)}
            if location == "folder" or step < 4:
                assert stored() == before
            else:  # nobody knows whether a PUT that failed was done all the same
                assert len(stored()) == len(before) + 3
            assert named <= {Path(path).name for path in stored()}
        else:
            lake.write_year(YEAR, without_rows() | new)
    assert lake.read("cells").equals((old if step <= 4 else new)["cells"])
    lake.write_year(YEAR, without_rows() | new)
    assert {Path(path).name for path in stored() if path.endswith(".parquet")} == {
        Path(path).name for name in lake.tables for path in lake.paths(name)
    }


def test_a_part_cut_short_is_written_again_and_stays_whatever_fails_then(lake, monkeypatch):
    (path,) = lake.write_year(YEAR, without_rows() | {"cells": WHOLE["cells"]}).files
    part = Path(lake.location) / path
    whole = part.read_bytes()
    part.write_bytes(whole[:-1])

    def full(self, path, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Files, "put", full)
        with pytest.raises(OSError, match="No space"):
            lake.write_year(YEAR, without_rows() | {name: WHOLE[name] for name in ("cells", "reports")})
    assert part.read_bytes() == whole
    part.write_bytes(whole[:-1])
    assert lake.write_year(YEAR, without_rows() | {"cells": WHOLE["cells"]}).changed
    assert part.read_bytes() == whole


def test_a_manifest_in_force_keeps_its_parts_though_making_it_last_failed(lake, monkeypatch):
    def sync(folder):
        if folder.name == "_manifest":
            raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("gongkai.lake.files.sync_folder", sync)
        with pytest.raises(OSError, match="Input/output"):
            lake.write_year(YEAR, without_rows() | WHOLE)
    assert lake.read("cells").equals(WHOLE["cells"])


WRITE_AND_DIE = """
import os, signal, sys
from tests.lake.made_up import YEAR, made_up
from gongkai.lake import writing
from gongkai.lake.store import Lake
writing.ROW_GROUP = 100
with Lake(sys.argv[1]).writing(YEAR) as writer:
    writer.add("cells", made_up("cells", range(500)))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_goes_with_the_next(lake):
    lake.write_year(YEAR, without_rows() | {"reports": WHOLE["reports"]})
    before = files_of(lake.location)
    died = subprocess.run([sys.executable, "-c", WRITE_AND_DIE, lake.location], check=False)
    assert died.returncode == -signal.SIGKILL
    left = files_of(lake.location).keys() - before.keys()
    assert left and not [path for path in left if path.endswith(".parquet")]
    assert lake.read("cells").num_rows == 0
    assert not lake.write_year(YEAR, without_rows() | {"reports": WHOLE["reports"]}).changed
    assert files_of(lake.location) == before


@contextmanager
def room_for(limit):
    """A largest size of files, as a full disk is one: what would pass it is an OSError."""
    _, most = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("limit", [0, 20_000, 60_000])
def test_a_full_disk_leaves_the_lake_as_it_was(lake, limit, capfd):
    """The file ends at its beginning, in a row group, or in one of the last."""
    cells = made_up("cells", range(1500))
    lake.write_year(YEAR, without_rows() | {"reports": WHOLE["reports"]})
    before = files_of(lake.location)
    with grouped(300):
        with pytest.raises(OSError, match="File too large") as caught, room_for(limit):
            lake.write_year(YEAR, without_rows() | {"cells": cells})
        assert caught.value.errno == errno.EFBIG
        gc.collect()
        assert capfd.readouterr().err == ""
        assert files_of(lake.location) == before
        lake.write_year(YEAR, without_rows() | {"cells": cells})
    assert Path(lake.paths("cells")[0]).stat().st_size > 60_000
