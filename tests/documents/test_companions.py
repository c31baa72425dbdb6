import pytest

from gongkai.documents.companions import among, beside, none
from gongkai.documents.read import read
from gongkai.settings import Limits

from .making import page

LIMITS = Limits(part_bytes=10)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"secret")
    inside = tmp_path / "pages"
    (inside / "表 格_files").mkdir(parents=True)
    (inside / "a.png").write_bytes(b"a")
    (inside / "表 格_files" / "b.png").write_bytes(b"b")
    (inside / "big.png").write_bytes(b"x" * 11)
    (inside / "out.png").symlink_to(tmp_path / "secret.png")
    (inside / "away").symlink_to(tmp_path)
    return inside


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("a.png", b"a"),
        ("./a.png?t=1#x", b"a"),
        (" a.png ", b"a"),
        ("表 格_files/b.png", b"b"),
        ("%E8%A1%A8%20%E6%A0%BC_files/b.png", b"b"),
        ("表 格_files\\b.png", b"b"),
        ("x/../a.png", b"a"),
    ],
    ids=repr,
)
def test_pictures_beside_the_page(folder, address, found):
    assert beside(folder / "page.html", LIMITS)(address) == found


@pytest.mark.parametrize(
    "address",
    [
        "../secret.png", "x/../../secret.png", "%2e%2e/secret.png", "..\\secret.png", "/etc/passwd", "//host/a.png",
        "\\\\host\\a.png", "file:///etc/passwd", "http://a.gov.cn/a.png", "C:/a.png", "c:a.png", "out.png",
        "away/secret.png", "big.png", "missing.png", "", ".", "表 格_files", "a.png\0", "http://[x/a.png", "a" * 2000,
    ],
    ids=repr,
)  # fmt: skip
def test_nothing_outside_the_folder_and_nothing_odd(folder, address):
    assert beside(folder / "page.html", LIMITS)(address) is None


def test_all_pictures_together_are_bounded(folder):
    for name in ("1.png", "2.png"):
        (folder / name).write_bytes(b"123456")
    find = beside(folder / "page.html", LIMITS)
    assert (find("1.png"), find("2.png")) == (b"123456", None)


def test_members_of_an_archive():
    find = among({"in/a.png": b"a", "b.png": b"b"}, "in/page.html")
    assert (find("a.png"), find("b.png"), find("../b.png"), find("/b.png")) == (b"a", None, None, None)
    assert among({"a.png": b"a"}, "page.html")("./a.png") == b"a"
    assert none("a.png") is None


def test_a_page_asks_for_the_pictures_of_its_article_only():
    asked = []

    def find(address):
        asked.append(address)

    article = (
        "<p><img src=1.png><img data-original=2.png src=blank.gif></p><table><tr><td><img src=3.png></td></tr></table>"
    )
    read(page(article, before="<div class=header><img src=logo.png></div>"), companions=find)
    assert asked == ["1.png", "2.png", "3.png"]


def test_pictures_inside_an_mhtml_are_found_by_address_and_identity(monkeypatch):
    import gongkai.documents.mhtml as module

    found = {}

    def reader(data, limits, companions):
        found.update({address: companions(address) for address in ("x/a.png", "cid:one", "b.png", "http://[")})
        return read(data)

    monkeypatch.setattr(module, "read_html", reader)
    head = b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n"
    parts = (
        head + b"Content-Location: file:///C:/d/page.htm\n\n<html><p>x</p></html>\n"
        b"--b\nContent-Type: image/png\nContent-Location: file:///C:/d/x/a.png\n\na\n"
        b"--b\nContent-Type: image/png\nContent-ID: <one>\nContent-Transfer-Encoding: base64\n\nYg==\n--b--\n"
    )
    read(parts)
    assert found == {"x/a.png": b"a", "cid:one": b"b", "b.png": None, "http://[": None}
