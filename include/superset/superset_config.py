"""Settings of the Superset that `make superset` sets up: all state below SUPERSET_HOME, DuckDB shut in."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import event
from sqlalchemy.pool import Pool

HOME = Path(os.environ["SUPERSET_HOME"])

SECRET_KEY = (HOME / "secret_key").read_text(encoding="ascii")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}?check_same_thread=false"
LANGUAGES = {
    "en": {"flag": "us", "name": "English"},
    "zh": {"flag": "cn", "name": "中文"},
}
# No answer is kept: each is of the release in force, and a page never mixes two.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

_one_at_a_time = Lock()


@event.listens_for(Pool, "connect")
def shut_in(connection: Any, _record: Any) -> None:
    """Let DuckDB read below the warehouse's own folders only.

    In SQL Lab anybody could otherwise read each file that this process may read (`read_text('/etc/passwd')`).
    GONGKAI_SUPERSET_FOLDERS names the folders, parted by ":"; without it nothing beside the release is read.
    """
    if not type(connection).__module__.startswith("duckdb_engine"):
        return
    cursor = connection.cursor()
    # Connections to one file share these settings: the first one makes them, and no other can undo them.
    with _one_at_a_time:
        cursor.execute("SELECT current_setting('enable_external_access')")
        if cursor.fetchone()[0]:
            folders = [one for one in os.environ.get("GONGKAI_SUPERSET_FOLDERS", "").split(":") if one]
            quoted = ", ".join("'" + one.replace("'", "''") + "'" for one in folders)
            cursor.execute(f"SET allowed_directories = [{quoted}]")
            cursor.execute("SET enable_external_access = false")
    cursor.close()
