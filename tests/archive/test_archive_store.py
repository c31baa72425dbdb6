import hashlib
import os
from pathlib import Path

import pytest

from gongkai.archive.store import Archive, safe_name
from gongkai.errors import DamagedDocumentError, RunError


@pytest.fixture(params=["local", "memory"])
def archive(request, tmp_path):
    return Archive(str(tmp_path / "archive") if request.param == "local" else f"memory://{tmp_path.name}/archive")


def test_a_document_is_named_by_its_content(archive):
    sha256 = archive.put("年度报告".encode())
    assert sha256 == hashlib.sha256("年度报告".encode()).hexdigest()
    assert archive.has(sha256)
    assert archive.get(sha256).decode() == "年度报告"
    assert archive.names("documents") == [f"documents/{sha256[:2]}/{sha256}"]


def test_a_kept_document_is_not_written_again(tmp_path):
    archive = Archive(str(tmp_path))
    sha256 = archive.put(b"one")
    path = tmp_path / "documents" / sha256[:2] / sha256
    os.utime(path, (1, 1))
    assert archive.put(b"one") == sha256
    assert path.stat().st_mtime == 1
    assert [found.name for found in path.parent.iterdir()] == [sha256], "nothing is left beside it"


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    archive = Archive(str(tmp_path))

    def broken(_descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="no space"):
        archive.put(b"one")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not archive.has(hashlib.sha256(b"one").hexdigest())


def test_a_damaged_document_is_never_handed_out(tmp_path):
    archive = Archive(str(tmp_path))
    sha256 = archive.put(b"one")
    Path(tmp_path / "documents" / sha256[:2] / sha256).write_bytes(b"two")
    with pytest.raises(DamagedDocumentError, match="not what its name says"):
        archive.get(sha256)


def test_what_is_not_kept_is_an_error_with_advice(archive):
    with pytest.raises(RunError, match="collect its source again"):
        archive.get("0" * 64)
    assert not archive.has("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "G" * 64])
def test_only_digests_name_documents(archive, name):
    with pytest.raises(RunError, match="not a sha256"):
        archive.get(name)


def test_files_are_written_as_a_whole_and_removed(archive):
    assert archive.read("requests/r/s.jsonl") == b""
    archive.write("requests/r/s.jsonl", b"1\n")
    archive.write("requests/r/s.jsonl", b"2\n3")
    assert archive.read("requests/r/s.jsonl") == b"2\n3"
    assert list(archive.lines("requests/r/s.jsonl")) == [b"2\n", b"3"]
    assert archive.names("requests") == ["requests/r/s.jsonl"]
    assert archive.folders("requests") == ["r"]
    archive.delete("requests/r/s.jsonl")
    assert not archive.exists("requests/r/s.jsonl")
    assert list(archive.lines("requests/r/s.jsonl")) == []


def test_documents_are_never_removed(archive):
    sha256 = archive.put(b"one")
    with pytest.raises(RunError, match="not removed"):
        archive.delete(f"documents/{sha256[:2]}/{sha256}")
    assert archive.has(sha256)


def test_run_ids_become_file_names():
    assert safe_name("scheduled__2024-01-01T00:00:00+00:00") == "scheduled__2024-01-01T00_00_00_00_00"
    assert safe_name("../x") == "_x"
    assert "/" not in safe_name("a/../../b")
