"""Word files made to hurt: each is refused quickly, with a reason, in little memory."""

import io
import resource
import struct
import subprocess
import sys
import zipfile

import pytest
from tests.documents.making import NAMESPACES, docx, p, tbl, tr, zipped
from tests.work import work_of_at_most

from gongkai.documents.docx import read_docx
from gongkai.documents.read import read
from gongkai.errors import DamagedDocumentError, DocumentError, LimitError
from gongkai.settings import Limits

LIMITS = Limits()
HALF_GIGABYTE = 512 * 2**20
OPEN = f"<w:document {NAMESPACES}><w:body>".encode()


def bomb(size: int) -> bytes:
    """A docx whose main part unpacks to `size` bytes of blanks."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w", force_zip64=False) as part:
            part.write(OPEN)
            block = b" " * 2**20
            for _ in range(size // 2**20):
                part.write(block)
    return out.getvalue()


@pytest.fixture(scope="module")
def half_gigabyte() -> bytes:
    return bomb(HALF_GIGABYTE)


def understate(data: bytes, size: int) -> bytes:
    """Write a false unpacked size of the main part into the central directory and its local header."""
    patched = bytearray(data)
    central = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    struct.pack_into("<I", patched, central + 24, size)
    local = struct.unpack_from("<I", data, central + 42)[0]
    struct.pack_into("<I", patched, local + 22, size)
    return bytes(patched)


def test_docx_that_unpacks_to_512_mb_is_refused_quickly(half_gigabyte):
    with work_of_at_most(1), pytest.raises(LimitError, match="unpacks to too much"):
        read(half_gigabyte, "bomb.docx", LIMITS)


def test_size_in_the_header_is_not_trusted(half_gigabyte):
    with work_of_at_most(2), pytest.raises((DamagedDocumentError, LimitError)):
        read(understate(half_gigabyte, 2000), "bomb.docx", LIMITS)


def test_refusal_stays_below_100_mb(half_gigabyte, tmp_path):
    path = tmp_path / "bomb.docx"
    path.write_bytes(half_gigabyte)
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from gongkai.documents.read import read\n"
        "from gongkai.errors import LimitError\n"
        "from gongkai.settings import Limits\n"
        "data = Path(sys.argv[1]).read_bytes()\n"
        # VmHWM starts anew with exec; ru_maxrss would carry the memory of the test process over
        "try:\n    read(data, 'bomb.docx', Limits())\n"
        "except LimitError:\n"
        "    status = Path('/proc/self/status').read_text()\n"
        "    print(status.split('VmHWM:')[1].split()[0])\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < 100 * 1024


def test_sum_of_parts_is_limited():
    blank = " " * 40_000
    data = docx(p("文"), {"docProps/core.xml": f"<a>{blank}</a>", "docProps/app.xml": f"<a>{blank}</a>"})
    limits = Limits(unpacked_bytes=50_000, part_bytes=50_000)
    with pytest.raises(LimitError, match=r"app\.xml"):
        read_docx(data, limits)
    assert read_docx(data, LIMITS).format == "docx"


def test_directory_of_a_million_parts_is_refused_before_it_is_read():
    entry = b"PK\x01\x02" + b"\0" * 42
    directory = entry * 100_000
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    with pytest.raises(LimitError, match="too many parts"):
        read(b"PK\x03\x04" + directory + end, "x", LIMITS)


def test_entity_expansion_bomb():
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<!DOCTYPE w:document [<!ENTITY e0 "lol">{levels}]>'
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises((DamagedDocumentError, LimitError)):
        read_docx(docx(p("&e9;"), prolog=prolog), LIMITS)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024


def test_external_entity_is_not_fetched(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    prolog = f'<!DOCTYPE w:document [<!ENTITY x SYSTEM "file://{secret}">]>'
    with pytest.raises(DamagedDocumentError, match="document type"):
        read_docx(docx(p("&x;"), prolog=prolog), LIMITS)


def test_deep_nesting():
    deep = "<w:sdt><w:sdtContent>" * 5000
    with pytest.raises(LimitError):
        read_docx(docx(deep + p("文") + "</w:sdtContent></w:sdt>" * 5000), LIMITS)


def test_cells_text_and_tags_are_limited():
    body = tbl(*(tr("1", "2", "3") for _ in range(20)))
    for limits in (Limits(cells=50), Limits(text_chars=50)):
        with pytest.raises(LimitError):
            read_docx(docx(body), limits)
    with pytest.raises(LimitError, match="tags"):
        read_docx(docx("<w:p/>" * 600), Limits(cells=50))


@pytest.mark.parametrize(
    "data",
    [
        zipped({"word/document.xml": "<w:document"}),
        zipped({"word/document.xml": f"<w:document {NAMESPACES}/>"}),
        zipped({"word/document.xml": ""}),
    ],
)
def test_broken_xml_is_damaged(data):
    with pytest.raises(DamagedDocumentError):
        read_docx(data, LIMITS)


def test_encrypted_part_is_damaged():
    data = bytearray(docx(p("文")))
    central = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[central + 8] |= 1
    with pytest.raises(DamagedDocumentError, match="encrypted"):
        read_docx(bytes(data), LIMITS)


def test_any_flipped_or_cut_byte_gives_a_document_or_a_reason():
    whole = docx(p("一、总体情况") + tbl(tr("规章", "1", "2", "3")))
    survived = 0
    for position in range(0, len(whole), 3):
        flipped = bytearray(whole)
        flipped[position] ^= 0xA5
        for data in (bytes(flipped), whole[:position]):
            try:
                read(data, "x.docx", LIMITS)
                survived += 1
            except DocumentError as error:
                assert error.what
    assert survived > 0
