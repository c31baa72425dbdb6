"""The embedded default of Airflow as environment variables: what `make run`, `make up` and the tests share.

Everything is an `AIRFLOW__*` variable, so that a deployment on PostgreSQL with Celery or Kubernetes executors is this
project with other variables (docs/operators.md); nothing here is read by the DAGs or by the gongkai package.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path

from gongkai.settings import ROOT

USER = "admin"
SQLITE_CONNECT_ARGS = {"timeout": 60}
"""Wait for the lock this long; after the default 5 s a busy machine shows 500 `database is locked`."""
LOOPBACK = "127.0.0.1"


PRELOAD = (
    "airflow.executors.local_executor",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "duckdb",
    "pyarrow",
    "great_expectations",
)


@dataclass(frozen=True)
class AirflowHome:
    """One embedded Airflow: its folder, the port of its API and UI, and who may log in.

    Attributes:
        folder: AIRFLOW_HOME, with the SQLite database, secrets and logs.
        port: Where the API server listens, on 127.0.0.1 only.
        password: Password of the user `admin`.
        env: The complete environment for every Airflow process of this home.
    """

    folder: Path
    port: int
    password: str
    env: dict[str, str]

    @property
    def url(self) -> str:
        """Address of the UI and of the REST API."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def logs(self) -> Path:
        """Folder of all logs: one file a process, one folder a DAG."""
        return self.folder / "logs"


def prepare(folder: Path, data: Path, port: int | None = None, extra: dict[str, str] | None = None) -> AirflowHome:
    """Make the folder of an embedded Airflow and say with which environment its processes start.

    Args:
        folder: AIRFLOW_HOME; made if missing, its secrets are generated once and kept.
        data: Parent of archive, lake and warehouse (GONGKAI_DATA).
        port: Port of the API server; a free one if None.
        extra: More variables, which win (GONGKAI_SOURCES of the sample portal, for example).

    Returns:
        The home, with the caller's environment as the base of its `env`.
    """
    folder = folder.absolute()
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    keys = _secrets(folder / "secrets.json")
    port = port or free_port()
    url = f"http://{LOOPBACK}:{port}"
    passwords = folder / "passwords.json"
    _write_private(passwords, json.dumps({USER: keys["password"]}))
    env = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    env |= {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(max(2, os.cpu_count() or 2)),
        "AIRFLOW__CORE__FERNET_KEY": keys["fernet"],
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS": "samples.airflow_env.SQLITE_CONNECT_ARGS",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS_ASYNC": "samples.airflow_env.SQLITE_CONNECT_ARGS",
        "AIRFLOW__API__HOST": LOOPBACK,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": keys["api"],
        "AIRFLOW__API_AUTH__JWT_SECRET": keys["jwt"],
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(folder / "logs" / "dag_processor"),
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        # Workers come from a server that imported the slow modules once (Great Expectations: 6 s of each settle task).
        "AIRFLOW__SCHEDULER__MP_START_METHOD": "forkserver",
        "AIRFLOW__CORE__MP_FORKSERVER_PRELOAD": ",".join(PRELOAD),
        # A task whose process died with the machine is noticed after a minute, not after five.
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        # A finished short task keeps its worker until the supervisor wakes, which is this interval (default 5 s).
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "GONGKAI_DATA": str(data.absolute()),
    }
    env |= extra or {}
    # The parts of Airflow talk to each other over loopback, whatever proxy the machine uses for the rest.
    env["NO_PROXY"] = env["no_proxy"] = ",".join(filter(None, [env.get("NO_PROXY", ""), LOOPBACK, "localhost"]))
    _write_private(folder / "env.sh", _exports(env))
    return AirflowHome(folder, port, keys["password"], env)


def free_port(preferred: int = 0) -> int:
    """Return `preferred` if nothing listens there on loopback, else a free port."""
    for candidate in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on 127.0.0.1")


def kept_port(path: Path, preferred: int) -> int:
    """Return the port that `path` remembers if it is still free, else choose one and remember it."""
    known = int(path.read_text()) if path.exists() else preferred
    port = free_port(known)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(port))
    return port


def _exports(env: dict[str, str]) -> str:
    """Return what a shell sources before it runs `airflow` against this home."""
    ours = {
        name: value for name, value in env.items() if name.startswith(("AIRFLOW", "GONGKAI_")) or name == "NO_PROXY"
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(ours.items()))


def _secrets(path: Path) -> dict[str, str]:
    """Read the secrets of a home, or generate them: all processes of one home must agree on them."""
    if path.exists():
        keys: dict[str, str] = json.loads(path.read_text())
        return keys
    keys = {
        "fernet": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "api": secrets.token_urlsafe(32),
        "jwt": secrets.token_urlsafe(48),
        "password": secrets.token_urlsafe(9),
    }
    _write_private(path, json.dumps(keys))
    return keys


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=True)
    path.write_text(text)
