"""The dashboard of the current release."""

from __future__ import annotations

from pathlib import Path

from gongkai.pipeline.publish import current_release
from gongkai.settings import get_settings
from gongkai.warehouse import dashboard
from gongkai.warehouse.dashboard import Dashboard


def write_dashboard(folder: Path | None = None) -> Dashboard:
    """Write the dashboard of the current release into a folder (default: GONGKAI_DASHBOARD, <data>/dashboard).

    Raises:
        RunError: Nothing was published yet, or the folder holds something else.
    """
    settings = get_settings()
    return dashboard.write(current_release(), (folder or settings.dashboard).absolute(), settings.dashboard_reports)
