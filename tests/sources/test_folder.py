from datetime import date

import pytest

from gongkai.archive.catalog import Catalog
from gongkai.archive.log import read_listings
from gongkai.errors import ContractError, SourceError
from gongkai.sources.model import Source


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "papers"
    (path / "a").mkdir(parents=True)
    (path / "a" / "云岭县2023年政府信息公开工作年度报告.docx").write_bytes(b"one")
    (path / "b.txt").write_bytes(b"two")
    return path


@pytest.fixture
def source(folder):
    return Source.model_validate(
        {
            "name": "papers",
            "title": "文件夹",
            "publisher": "云岭县",
            "region": {"code": "900121", "name": "云岭县"},
            "adapter": "folder",
            "folder": {"path": folder},
        }
    )


def test_files_are_collected_once(source, folder, archive, run):
    first = run(source)
    assert (first.listed, first.new, first.years_touched) == (2, 2, (2023,))
    entries = Catalog.load(archive).entries()
    assert [(entry.url, entry.listed_year) for entry in entries] == [
        ("folder:a/云岭县2023年政府信息公开工作年度报告.docx", 2023),
        ("folder:b.txt", None),
    ]
    assert archive.get(entries[1].sha256) == b"two"
    assert run(source).unchanged == 2
    (folder / "b.txt").write_bytes(b"three")
    assert run(source).revised == 1
    assert [entry.is_current for entry in Catalog.load(archive).entries()] == [True, False, True]


def test_a_sidecar_says_what_the_name_does_not(source, folder, archive, run):
    (folder / "b.txt.source.yml").write_text(
        "title: 云岭县2021年政府信息公开年报\npublished: 2022-01-20\n", encoding="utf-8"
    )
    run(source)
    entry = Catalog.load(archive).entries()[1]
    assert (entry.title, entry.listed_year, entry.listed_date) == (
        "云岭县2021年政府信息公开年报",
        2021,
        date(2022, 1, 20),
    )


def test_a_broken_sidecar_is_refused_with_the_line(source, folder, run):
    (folder / "b.txt.source.yml").write_text("titel: x\n", encoding="utf-8")
    with pytest.raises(ContractError, match=r"b.txt.source.yml:1: titel"):
        run(source)


def test_what_is_no_document_keeps_a_reason(source, folder, tmp_path, archive, run):
    (folder / "c.exe").write_bytes(b"x")
    (folder / ".hidden.txt").write_bytes(b"x")
    (tmp_path / "outside.txt").write_bytes(b"secret")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    (folder / "huge.txt").write_bytes(b"x" * 100_001)
    found = run(source)
    assert (found.new, found.skipped, found.failed) == (2, 2, 1)
    reasons = {row.url: row.reason for row in read_listings(archive) if row.reason}
    assert reasons["folder:c.exe"] == "files .exe are no documents"
    assert reasons["folder:link.txt"] == "the link leads out of the folder"
    assert reasons["folder:huge.txt"].startswith("over_limit: ")


def test_years_filter_files_by_name(source, run):
    found = run(source, years=[2020])
    assert (found.new, found.skipped) == (1, 1), "a file without a year is always taken"


def test_a_missing_folder_is_an_error(source, run):
    gone = source.model_copy(update={"folder": source.folder.model_copy(update={"path": source.folder.path / "x"})})
    with pytest.raises(SourceError, match="no such folder"):
        run(gone)
