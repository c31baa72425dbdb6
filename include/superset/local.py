"""Sets up a Superset of one's own, imports Gongkai's bundle, and says how to start it; `make superset` runs this.

Runs in .venv-superset, where Superset is and Gongkai is not. Running it again updates what the bundle describes and
leaves everything else (users, charts of one's own, the password) as it is.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import shlex
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from flask import Flask

CONFIG = Path(__file__).with_name("superset_config.py")
ADMIN = "admin"


def main(arguments: list[str] | None = None) -> int:
    """Set up, import, and start where asked; return the exit status."""
    parser = argparse.ArgumentParser(prog="make superset", description=__doc__)
    parser.add_argument("bundle", type=Path, help="ZIP of `gongkai bi superset`")
    parser.add_argument("--home", type=Path, default=Path("data/superset"), help="folder of all of Superset's state")
    parser.add_argument(
        "--folder", type=folder, action="append", default=[], help="DuckDB may read below it; repeat; URLs are left out"
    )
    parser.add_argument("--start", action="store_true", help="then serve it, until Ctrl-C")
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on")
    parser.add_argument("--port", type=int, default=8088, help="port to serve on")
    given = parser.parse_args(arguments)
    variables = environment(given.home, [one for one in given.folder if one])
    os.environ |= variables
    sys.stderr.write("setting up Superset; the first time takes some minutes\n")
    set_up(given.home)
    import_bundle(given.bundle)
    command = serving(given.host, given.port)
    password = (given.home / "admin_password").absolute()
    sys.stdout.write(f"imported {given.bundle}; sign in as {ADMIN}, the password is in {password}\n")
    if given.start:
        sys.stdout.write(f"serving http://{given.host}:{given.port}/superset/dashboard/gongkai/ until Ctrl-C\n")
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606
    shown = " ".join(f"{key}={shlex.quote(value)}" for key, value in variables.items())
    sys.stdout.write(f"start it: make superset ARGS=--start, or\n  {shown} \\\n  {shlex.join(command)}\n")
    return 0


def folder(given: str) -> str:
    """Return a folder as DuckDB is told of it; "" for the address of an object store, which is none."""
    return "" if "://" in given else str(Path(given).absolute())


def environment(home: Path, folders: list[str]) -> dict[str, str]:
    """Variables with which every process of this Superset runs; makes the folder and the key of its sessions."""
    home = home.absolute()
    home.mkdir(parents=True, exist_ok=True)
    keep_secret(home / "secret_key")
    return {
        "SUPERSET_HOME": str(home),
        "SUPERSET_CONFIG_PATH": str(CONFIG),
        "GONGKAI_SUPERSET_FOLDERS": ":".join(folders),
    }


def keep_secret(path: Path) -> str:
    """Return the secret of a file that only its owner reads; made where there is none."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(42), encoding="ascii")
    return path.read_text(encoding="ascii")


def set_up(home: Path) -> None:
    """Bring Superset's own database, roles and the administrator to the state of this version."""
    from superset.cli.main import superset

    run = application().test_cli_runner()
    for command in (["db", "upgrade"], ["init"]):
        done = run.invoke(superset, command)
        if done.exit_code != 0:
            raise SystemExit(f"superset {' '.join(command)} failed: {done.exception or done.output}")
    from superset import security_manager

    with application().app_context():
        if security_manager.find_user(username=ADMIN) is None:
            role = security_manager.find_role("Admin")
            password = keep_secret(home / "admin_password")
            if not security_manager.add_user(ADMIN, "Gongkai", "Admin", "admin@localhost", role, password=password):
                raise SystemExit("Superset did not add the user admin; its log above says why")


def import_bundle(path: Path) -> None:
    """Import a bundle as assets: unlike an import of dashboards it replaces datasets and charts that are there."""
    from superset import security_manager
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.commands.importers.v1.utils import get_contents_from_bundle
    from superset.utils.core import override_user

    with application().test_request_context():
        with ZipFile(path) as bundle:
            contents = get_contents_from_bundle(bundle)
        with override_user(security_manager.find_user(username=ADMIN)):
            ImportAssetsCommand(contents).run()


@cache
def application() -> Flask:
    """Return Superset's Flask application, made once."""
    from superset.app import create_app

    logging.disable(logging.WARNING)
    made = create_app()
    logging.disable(logging.NOTSET)
    return made


def serving(host: str, port: int) -> list[str]:
    """The command that serves Superset: one process with threads, which DuckDB shares its memory among."""
    gunicorn = Path(sys.executable).with_name("gunicorn")
    options = ["--workers", "1", "--worker-class", "gthread", "--threads", "8", "--timeout", "120"]
    return [str(gunicorn), *options, "--bind", f"{host}:{port}", "superset.app:create_app()"]


if __name__ == "__main__":
    raise SystemExit(main())
