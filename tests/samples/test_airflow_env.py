import json
import shlex
import socket
import subprocess
import sys
from pathlib import Path

from gongkai.settings import ROOT
from samples.airflow_env import free_port, kept_port, prepare


def test_a_home_says_all_that_its_processes_need_and_keeps_its_secrets(tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", "CeleryExecutor")
    monkeypatch.setenv("AIRFLOW_HOME", "/somewhere/else")
    monkeypatch.setenv("NO_PROXY", "example.org")
    first = prepare(tmp_path / "home", tmp_path / "data", 12345, {"GONGKAI_SOURCES": "/sources"})
    again = prepare(tmp_path / "home", tmp_path / "data")
    assert first.url == "http://127.0.0.1:12345"
    assert first.env["AIRFLOW_HOME"] == str(tmp_path / "home")
    assert first.env["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
    assert first.env["AIRFLOW__CORE__DAGS_FOLDER"] == str(ROOT / "dags")
    assert first.env["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert first.env["GONGKAI_SOURCES"] == "/sources"
    assert first.env["NO_PROXY"] == "example.org,127.0.0.1,localhost"
    assert again.password == first.password
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY"):
        assert again.env[name] == first.env[name]
    other = prepare(tmp_path / "other", tmp_path / "data")
    assert other.password != first.password


def test_secrets_are_for_the_owner_alone(tmp_path):
    home = prepare(tmp_path / "home", tmp_path / "data")
    for name in ("secrets.json", "passwords.json", "env.sh"):
        assert (home.folder / name).stat().st_mode & 0o077 == 0, name
    assert json.loads((home.folder / "passwords.json").read_text()) == {"admin": home.password}


def test_a_shell_can_take_over_the_environment(tmp_path):
    home = prepare(tmp_path / "with space", tmp_path / "data", extra={"GONGKAI_USER_AGENT": "it's $HOME"})
    script = f"source {shlex.quote(str(home.folder / 'env.sh'))}; env -0"
    env = subprocess.run(["bash", "-c", script], env={}, capture_output=True, text=True, check=True).stdout
    got = dict(line.split("=", 1) for line in env.split("\0") if line)
    assert {name: got.get(name) for name in home.env if name.startswith(("AIRFLOW", "GONGKAI_"))} == {
        name: value for name, value in home.env.items() if name.startswith(("AIRFLOW", "GONGKAI_"))
    }


def test_a_taken_port_is_left_alone_and_a_kept_one_comes_back(tmp_path):
    file = tmp_path / "data" / "port"
    port = kept_port(file, free_port())
    assert kept_port(file, 1) == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert free_port(port) != port
        moved = kept_port(file, port)
    assert moved != port
    assert kept_port(file, port) == moved


def test_the_modules_to_preload_exist():
    from samples.airflow_env import PRELOAD

    code = (
        "import importlib.util, sys; sys.exit(not all(importlib.util.find_spec(n.split('.')[0]) for n in sys.argv[1:]))"
    )
    assert subprocess.run([sys.executable, "-c", code, *PRELOAD], check=False).returncode == 0
    airflow = Path(__import__("importlib.util").util.find_spec("airflow").origin).parent
    for name in PRELOAD:
        if name.startswith("airflow."):
            assert (airflow.parent / Path(*name.split("."))).with_suffix(".py").exists(), name
