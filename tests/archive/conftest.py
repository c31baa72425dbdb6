"""Archives of each kind: a local folder, memory, and S3."""

import pytest

from gongkai.archive.store import Archive


@pytest.fixture(params=["local", "memory", "s3"])
def archive(request, tmp_path):
    if request.param == "s3":
        return Archive(request.getfixturevalue("s3_location"))
    return Archive(str(tmp_path / "archive") if request.param == "local" else f"memory://{tmp_path.name}/archive")
