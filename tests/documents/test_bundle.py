"""Archives: members by name, bounded in number, size and depth; damage and encryption are said."""

import pytest
from tests.documents.archive_making import rar_of, seven_of, zip_of
from tests.documents.making import docx, p

from gongkai.documents.bundle import archive_kind, members
from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, LimitError, UnsupportedFormatError
from gongkai.settings import Limits

MAKERS = {"zip": zip_of, "rar": rar_of, "7z": seven_of}
PARTS = {"云岭县/年报.docx": docx(p("年报")), "云岭县/说明.txt": "说明".encode()}

each_kind = pytest.mark.parametrize("kind", MAKERS)


@each_kind
def test_members_come_with_their_names(kind):
    data = MAKERS[kind](PARTS)
    assert archive_kind(data) == kind
    assert dict(members(data, Limits()).members) == PARTS


@each_kind
def test_an_archive_is_no_document(kind):
    with pytest.raises(UnsupportedFormatError, match="archive"):
        read(MAKERS[kind](PARTS), "年报.docx")


def test_names_of_chinese_windows():
    names = [name for name, _ in members(zip_of(PARTS, "gb18030"), Limits()).members]
    assert names == list(PARTS)


def test_furniture_and_folders_are_passed_over():
    data = zip_of(
        {"__MACOSX/._a": b"x", ".DS_Store": b"x", "a/~$b.docx": b"x", "a/": b"", "a/Thumbs.db": b"x", "c": b"1"}
    )
    assert members(data, Limits()).members == [("c", b"1")]


@each_kind
def test_paths_are_only_names(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        found = members(MAKERS[kind]({"../../evil\n.txt": b"x", "/abs.txt": b"y"}), Limits())
    except (DamagedDocumentError, ValueError) as error:
        assert kind == "7z", error  # its library refuses such names, writing and reading
    else:
        assert [name for name, _ in found.members] == ["../../evil.txt", "abs.txt"]
    assert list(tmp_path.iterdir()) == []


@each_kind
def test_archives_inside_are_opened_once(kind):
    inner = MAKERS[kind]({"年报.txt": b"1"})
    deep = zip_of({"two.zip": zip_of({"three.zip": inner, "b.txt": b"2"}), f"one.{kind}": inner})
    found = members(deep, Limits())
    assert [name for name, _ in found.members] == ["two.zip!b.txt", f"one.{kind}!年报.txt"]
    assert found.left_out == [("two.zip!three.zip", "an archive too deep inside")]


def test_a_damaged_archive_inside_costs_itself():
    found = members(zip_of({"a.7z": seven_of({"a": b"1"})[:40], "b.txt": b"2"}), Limits())
    assert found.members == [("b.txt", b"2")]
    assert found.left_out[0][0] == "a.7z"


@each_kind
def test_bounds(kind):
    data = MAKERS[kind]({f"{number}.txt": bytes(1000) for number in range(20)})
    with pytest.raises(LimitError, match="too many members"):
        members(data, Limits(members=5))
    with pytest.raises(LimitError, match="too much"):
        members(data, Limits(unpacked_bytes=5000))


def test_what_comes_out_counts_and_not_what_the_header_says():
    data = bytearray(zip_of({"a.txt": bytes(100_000)}))
    at = data.rfind(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises((LimitError, DamagedDocumentError)):
        members(bytes(data), Limits(unpacked_bytes=50_000))


@each_kind
def test_damage_is_named(kind):
    data = MAKERS[kind]({f"{number}.txt": f"文{number}".encode() * 99 for number in range(9)})
    refused = 0
    for cut in range(20, len(data), max(1, len(data) // 25)):
        try:
            members(data[:cut], Limits())
        except (DamagedDocumentError, UnsupportedFormatError):
            refused += 1
    for at in range(8, len(data), max(1, len(data) // 60)):
        flipped = bytearray(data)
        flipped[at] ^= 0x41
        try:
            members(bytes(flipped), Limits())
        except (DamagedDocumentError, UnsupportedFormatError, LimitError):
            refused += 1
    assert refused > 20


def test_encryption_is_named():
    with pytest.raises(UnsupportedFormatError, match="encrypted"):
        members(seven_of({"a.txt": b"1"}, "geheim"), Limits())
    data = bytearray(zip_of({"a.txt": b"1"}))
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(sign) + at] |= 1
    assert members(bytes(data), Limits()).left_out == [("a.txt", "encrypted")]


def test_a_packed_rar_without_a_program_says_what_to_do(monkeypatch):
    import rarfile

    def none(*args, **kwargs):
        raise rarfile.RarCannotExec("Cannot find working tool")

    monkeypatch.setattr(rarfile, "tool_setup", none)
    with pytest.raises(UnsupportedFormatError, match="make office"):
        members(rar_of({"a.txt": b"1"}, method=3), Limits())


def test_documents_are_no_archives():
    assert archive_kind(docx(p("文"))) == ""
    assert archive_kind(b"PK\x03\x04") == ""
    assert archive_kind("年报".encode()) == ""
    with pytest.raises(UnsupportedFormatError, match="not an archive"):
        members(b"%PDF-", Limits())
