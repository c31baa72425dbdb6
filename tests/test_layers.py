"""The packages import each other in one direction only (pyproject.toml, tool.importlinter)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gongkai.settings import ROOT


def test_layers_are_kept():
    command = [str(Path(sys.executable).with_name("lint-imports"))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_package_never_imports_airflow():
    users = [
        path for path in (ROOT / "include" / "gongkai").rglob("*.py") if "import airflow" in path.read_text("utf-8")
    ]
    assert users == []
