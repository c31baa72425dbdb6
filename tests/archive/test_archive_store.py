import hashlib
import io
import os
from pathlib import Path

import pytest

from gongkai.archive import store
from gongkai.archive.store import Archive, safe_name
from gongkai.errors import DamagedDocumentError, RunError


def test_a_document_is_named_by_its_content(archive):
    sha256 = archive.put("年度报告".encode())
    assert sha256 == hashlib.sha256("年度报告".encode()).hexdigest()
    assert archive.has(sha256)
    assert archive.get(sha256).decode() == "年度报告"
    assert archive.head(sha256, 3).decode() == "年"
    assert archive.names("documents") == [f"documents/{sha256[:2]}/{sha256}"]


def test_a_file_is_kept_like_bytes(archive, monkeypatch):
    monkeypatch.setattr(store, "_SMALL", 1000)  # as if it were large: sent in parts
    data = os.urandom(6 * 2**20)
    file = io.BytesIO(data)
    file.seek(5)
    sha256 = archive.put_file(file)
    assert sha256 == hashlib.sha256(data).hexdigest() == archive.put(data)
    assert archive.get(sha256) == data


def test_a_file_that_cannot_be_read_to_its_end_leaves_nothing(archive, monkeypatch):
    class Broken(io.BytesIO):
        """A file on a disk that fails when it is read a second time."""

        reads = 0

        def read(self, size=-1):
            self.reads += 1
            if self.reads > 3:
                raise OSError("the disk has gone")
            return super().read(size)

    monkeypatch.setattr(store, "_SMALL", 1000)
    data = b"x" * 1_500_000
    with pytest.raises(OSError, match="has gone"):
        archive.put_file(Broken(data))
    assert archive.names("") == []
    assert not archive.has(hashlib.sha256(data).hexdigest())


def test_bytes_that_change_between_two_readings_are_never_kept(archive):
    class Changing(io.BytesIO):
        """A file that gives other bytes the second time."""

        def seek(self, place, whence=0):
            if self.tell():
                self.getbuffer()[0:1] = b"y"
            return super().seek(place, whence)

    with pytest.raises(DamagedDocumentError):
        archive.put_file(Changing(b"xxx"))
    assert archive.names("") == []


def test_a_kept_document_is_not_written_again(tmp_path):
    archive = Archive(str(tmp_path))
    sha256 = archive.put(b"one")
    path = tmp_path / "documents" / sha256[:2] / sha256
    os.utime(path, (1, 1))
    assert archive.put(b"one") == archive.put_file(io.BytesIO(b"one")) == sha256
    assert path.stat().st_mtime == 1
    assert [found.name for found in path.parent.iterdir()] == [sha256], "nothing is left beside it"


def test_a_document_that_lost_its_end_is_written_again(tmp_path):
    archive = Archive(str(tmp_path))
    sha256 = archive.put(b"one")
    (tmp_path / "documents" / sha256[:2] / sha256).write_bytes(b"")  # as a power cut may leave it
    assert archive.put(b"one") == sha256
    assert archive.get(sha256) == b"one"


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    archive = Archive(str(tmp_path))

    def broken(_descriptor):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="no space"):
        archive.put(b"one")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not archive.has(hashlib.sha256(b"one").hexdigest())


def test_what_a_killed_writer_left_is_not_seen_and_swept_after_a_day(tmp_path):
    archive = Archive(str(tmp_path))
    sha256 = archive.put(b"one")
    old, young = (tmp_path / ".incoming" / name for name in ("a", "b"))
    for path in (old, young):
        path.write_bytes(b"on")
    os.utime(old, (1, 1))
    assert archive.names("") == [f"documents/{sha256[:2]}/{sha256}"]
    archive.sweep()
    assert list((tmp_path / ".incoming").iterdir()) == [young]


def test_a_damaged_document_is_never_handed_out(archive):
    sha256 = archive.put(b"one")
    archive._fs.pipe_file(archive._document(sha256), b"two")
    with pytest.raises(DamagedDocumentError, match="not what its name says"):
        archive.get(sha256)


def test_what_is_not_kept_is_an_error_with_advice(archive):
    with pytest.raises(RunError, match="collect its source again"):
        archive.get("0" * 64)
    assert not archive.has("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 63, "G" * 64])
def test_only_digests_name_documents(tmp_path, name):
    with pytest.raises(RunError, match="not a sha256"):
        Archive(str(tmp_path)).get(name)


def test_files_are_written_as_a_whole_and_removed(archive):
    assert archive.read("requests/r/s.jsonl") == b""
    archive.write("requests/r/s.jsonl", b"1\n")
    archive.write("requests/r/s.jsonl", b"2\n3")
    assert archive.read("requests/r/s.jsonl") == b"2\n3"
    assert list(archive.lines("requests/r/s.jsonl")) == [b"2\n", b"3"]
    assert archive.names("requests") == ["requests/r/s.jsonl"]
    assert archive.folders("requests") == ["r"]
    assert archive.modified("requests/r/s.jsonl") > 1.7e9
    archive.delete("requests/r/s.jsonl")
    assert not archive.exists("requests/r/s.jsonl")
    assert list(archive.lines("requests/r/s.jsonl")) == []
    assert archive.folders("listings") == []


def test_documents_are_never_removed(tmp_path):
    archive = Archive(str(tmp_path))
    sha256 = archive.put(b"one")
    with pytest.raises(RunError, match="not removed"):
        archive.delete(f"documents/{sha256[:2]}/{sha256}")
    assert archive.has(sha256)


def test_run_ids_become_file_names():
    assert safe_name("scheduled__2024-01-01T00:00:00+00:00") == "scheduled__2024-01-01T00_00_00_00_00"
    assert safe_name("../x") == "_x"
    assert "/" not in safe_name("a/../../b")
    assert Path(safe_name("~x")).name == "_x"
