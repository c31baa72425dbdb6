"""What `make superset` keeps on disk and hands to Superset; tests/warehouse/test_superset.py runs the rest."""

import importlib.util
import os
import stat
from pathlib import Path

import pytest

from gongkai.settings import ROOT


@pytest.fixture(scope="module")
def local():
    spec = importlib.util.spec_from_file_location("superset_local", ROOT / "include" / "superset" / "local.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_secrets_are_made_once_and_are_for_their_owner_alone(local, tmp_path):
    before = os.umask(0)
    try:
        first = local.keep_secret(tmp_path / "secret_key")
    finally:
        os.umask(before)
    assert len(first) >= 42
    assert local.keep_secret(tmp_path / "secret_key") == first
    assert local.keep_secret(tmp_path / "other") != first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_all_state_stands_below_the_home_whatever_folder_the_process_is_in(local, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = local.environment(Path("home"), ["/srv/warehouse", "/srv/lake"])
    assert made["SUPERSET_HOME"] == str(tmp_path / "home")
    assert (tmp_path / "home" / "secret_key").exists()
    assert made["GONGKAI_SUPERSET_FOLDERS"] == "/srv/warehouse:/srv/lake"
    assert made["SUPERSET_CONFIG_PATH"] == str(ROOT / "include" / "superset" / "superset_config.py")


def test_folders_are_absolute_and_object_stores_are_none(local, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local.folder("data/lake") == str(tmp_path / "data" / "lake")
    assert local.folder("s3://bucket/lake") == ""


def test_it_serves_on_this_machine_alone_in_one_process(local):
    command = local.serving("127.0.0.1", 8088)
    assert command[command.index("--bind") + 1] == "127.0.0.1:8088"
    assert command[command.index("--workers") + 1] == "1"


def test_every_requirement_of_superset_is_pinned_and_says_why():
    folder = ROOT / "include" / "superset"
    asked = [line for line in (folder / "requirements.in").read_text("utf-8").splitlines() if line[:1].isalpha()]
    assert all("  # " in line for line in asked)
    pinned = [line for line in (folder / "requirements.txt").read_text("utf-8").splitlines() if line[:1].isalpha()]
    assert all("==" in line for line in pinned)
    names = {line.partition("==")[0] for line in pinned}
    assert {line.split()[0].partition("=")[0].partition("~")[0] for line in asked} <= names
