import errno
import os

import duckdb
import pytest

from gongkai.errors import DiskError
from gongkai.pipeline.disk import FULL, needing_room


def raised(folder, error):
    with needing_room(folder, kept="all stands"):
        raise error


@pytest.mark.parametrize("number", FULL)
def test_every_way_of_having_no_room_is_told_with_what_to_do(tmp_path, number):
    words = os.strerror(number)
    duck = duckdb.IOException(f'IO Error: Checkpoint failed. Original error: Could not write file "x": {words}')
    for error in (OSError(number, words), duck):
        with pytest.raises(DiskError) as caught:
            raised(tmp_path / "not" / "made", error)
        assert caught.value.__cause__ is error
        told = str(caught.value)
        assert told.startswith(f"{tmp_path / 'not' / 'made'}: no room to write: {words}; found ")
        assert "MiB free; expected room for" in told
        assert "all stands" in told


@pytest.mark.parametrize(
    "error",
    [OSError(errno.EACCES, os.strerror(errno.EACCES)), duckdb.IOException("IO Error: a damaged file"), ValueError("x")],
)
def test_other_errors_stay_what_they_are(tmp_path, error):
    with pytest.raises(type(error)) as caught:
        raised(tmp_path, error)
    assert caught.value is error


def test_what_the_block_makes_is_kept(tmp_path):
    with needing_room(tmp_path, kept="all stands"):
        (tmp_path / "made").touch()
    assert (tmp_path / "made").exists()
