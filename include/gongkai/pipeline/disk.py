"""What a full disk says, in our own words: DuckDB, pyarrow and Python each raise an error of their own."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gongkai.errors import DiskError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""No space left on the disk, in the user's quota, or below the largest size that a file may have."""


@contextmanager
def needing_room(folder: Path, *, kept: str) -> Iterator[None]:
    """Turn any error that means "no room to write" into one that says what to do.

    Args:
        folder: Where the block writes.
        kept: What still stands, in words.

    Raises:
        DiskError: The disk is full, or a quota or limit of file size was met; the first error is its cause.
    """
    import duckdb

    try:
        yield
    except (OSError, duckdb.Error) as error:
        reason = _reason(error)
        if reason is None:
            raise
        raise DiskError(
            f"no room to write: {reason}",
            where=str(folder),
            found=_free(folder),
            expected="room for one more release beside those that are kept",
            do=f"{kept}; free space or raise the limit (GONGKAI_KEEP_RELEASES keeps fewer, GONGKAI_WAREHOUSE moves "
            "the folder), and run the command again",
        ) from error


def _reason(error: Exception) -> str | None:
    """Return the operating system's words for a disk that is full; None where the error is another.

    DuckDB gives no number: its messages end with those words, also where a commit or a checkpoint failed for them.
    """
    if isinstance(error, OSError) and error.errno in FULL:
        return os.strerror(error.errno)
    return next((words for words in map(os.strerror, FULL) if words in str(error)), None)


def _free(folder: Path) -> str:
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    return f"{shutil.disk_usage(nearest).free / 2**20:.1f} MiB free"
