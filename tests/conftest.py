"""What all tests share: the corpus beside the checkout where there is one, and settings of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongkai.settings import ROOT, get_settings

SHARED = ROOT.parent / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason="the shared corpus is not beside the checkout")
    for item in items:
        if "corpus" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared() -> Path:
    return SHARED


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """An empty data folder that the settings of this test point to."""
    folder = tmp_path / "data"
    monkeypatch.setenv("GONGKAI_DATA", str(folder))
    get_settings.cache_clear()
    yield folder
    get_settings.cache_clear()
