"""Word files that print a report in hard ways: each is read exactly, or flagged with no wrong value."""

from __future__ import annotations

import io
import zipfile

import pytest
from tests.documents.making import docx

from gongkai.documents.read import read
from gongkai.errors import EmptyDocumentError
from gongkai.reports.build import build_report

from . import hard_doc, hard_html
from .hard_docx import Look, on_values, par, plain, print_docx, relations, run
from .hard_docx_looks import LOOKS
from .mutate import sample_entries
from .outcome import judge_reading

PAPERS = ["xiajiang-government-2024.pdf", "yunling-health-2024.html", "xiajiang-government-2019.html"]
"""Many different figures; blanks for zero; the form of 2019."""

FLAGGED = {"tabs for columns", "symbols beside digits"}
"""Lines of labels and values without a table; characters of a font of signs, which mean nothing as text."""

RECEIVED = ("applications", "received", "total")


def paper(name=PAPERS[0]):
    return sample_entries()[name].paper


def outcome_of(data, name=PAPERS[0]):
    report = build_report(read(data, "report.docx"))
    return judge_reading(report, paper(name).sheet), report


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_a_hard_word_file_is_exact_or_flagged(look):
    for name in PAPERS:
        outcome, report = outcome_of(print_docx(paper(name), LOOKS[look]), name)
        assert not outcome.wrong, (name, list(outcome.wrong.items())[:3])
        assert outcome.is_exact or look in FLAGGED, (name, len(outcome.missing))
        assert (report.identity.agency, report.identity.report_year) == (paper(name).agency, paper(name).report_year)


def embedding(part: str, data: bytes) -> bytes:
    """A file that shows nothing but a document of another format."""
    names = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    file = io.BytesIO(docx(f'<w:altChunk {names} r:id="rId9"/>', relations(("rId9", "aFChunk", part))))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(f"word/{part}", data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("part", "data"),
    [
        ("chunk.html", lambda: hard_html.print_page(paper(), hard_html.Look())),
        ("chunk.docx", lambda: print_docx(paper(), Look())),
        (
            "chunk.mht",
            lambda: (
                b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"
                + hard_html.print_page(paper(), hard_html.Look())
                + b"\n--b--\n"
            ),
        ),
    ],
    ids=["html", "docx", "mhtml"],
)
def test_an_embedded_document_is_read_in_its_place(part, data):
    outcome, report = outcome_of(embedding(part, data()))
    assert outcome.is_exact
    assert all(cell.path.startswith("altChunk[1]/table[") for cell in report.cells if cell.path)


def test_a_document_in_an_embedded_document_is_only_named():
    inner = embedding("chunk.docx", print_docx(paper(), Look()))
    with pytest.raises(EmptyDocumentError):
        read(embedding("chunk.docx", inner))


def test_a_missing_embedded_document_is_passed_over():
    document = read(docx(par(run("前言")) + "<w:altChunk/>"))
    assert [block.text for block in document.texts()] == ["前言"]


CHAR = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
CODE = "<w:r><w:instrText>{}</w:instrText></w:r>".format
SHEET = '<o:OLEObject xmlns:o="urn:schemas-microsoft-com:office:office" ProgID="Excel.Sheet.12"/>'


@pytest.mark.parametrize(
    "content",
    [
        run("12", "<w:strike/>"),
        CHAR("begin") + CODE("=SUM(ABOVE)") + CHAR("separate") + CHAR("end"),
        CHAR("begin") + CODE("FORMDROPDOWN") + CHAR("end"),
        f"<w:r><w:object><v:shape><v:imagedata/></v:shape>{SHEET}</w:object></w:r>",
    ],
    ids=["struck out", "sum not computed", "drop-down field", "embedded sheet"],
)
def test_a_cell_that_shows_no_value_as_text_is_left_open(content):
    def inner(cell):
        return par(content) if cell.key == RECEIVED else plain(cell)

    outcome, _ = outcome_of(print_docx(paper(), Look(inner=inner)))
    assert not outcome.wrong
    assert outcome.missing == {RECEIVED}


def test_an_embedded_object_is_named():
    document = read(docx(par(run("前言") + f"<w:r><w:object>{SHEET}</w:object></w:r>")))
    assert document.warnings == ("1 embedded objects (Excel.Sheet.12), which are not read",)


def test_white_text_on_a_shading_is_read():
    shaded = run("1", '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="1F3864"/>')
    look = Look(inner=on_values(lambda text: shaded.replace(">1<", f">{text[0]}<") + run(text[1:])))
    outcome, _ = outcome_of(print_docx(paper(), look))
    assert outcome.is_exact


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        ("docm", "application/vnd.ms-word.document.macroEnabled.main+xml"),
        ("dotx", "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"),
    ],
)
def test_macros_and_templates_are_word_files_too(suffix, kind):
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    look = Look(parts={"[Content_Types].xml": types, "word/vbaProject.bin": "x"})
    outcome, _ = outcome_of(print_docx(paper(), look))
    assert outcome.is_exact, suffix


@pytest.mark.parametrize("look", sorted(hard_doc.LOOKS))
def test_a_hard_word_97_file_is_exact(look):
    for name in PAPERS:
        outcome, report = outcome_of(hard_doc.print_doc(paper(name), hard_doc.LOOKS[look]), name)
        assert report.format == "doc"
        assert outcome.is_exact, (name, list(outcome.wrong.items())[:3], len(outcome.missing))


@pytest.mark.parametrize(
    "content",
    ["\x01", "\x08", "\x0b\x08"],
    ids=["picture", "text box", "text box below a line break"],
)
def test_a_cell_of_a_word_97_file_that_shows_no_text_is_left_open(content):
    def look(one):
        return [hard_doc.cell(content)] if one.key == RECEIVED else hard_doc.plain(one)

    outcome, _ = outcome_of(hard_doc.print_doc(paper(), look))
    assert not outcome.wrong
    assert outcome.missing == {RECEIVED}


def test_a_cell_of_a_word_97_file_with_nothing_but_struck_text_is_left_open():
    def look(one):
        return [hard_doc.marked("12", "", "", hard_doc.STRIKE)] if one.key == RECEIVED else hard_doc.plain(one)

    outcome, _ = outcome_of(hard_doc.print_doc(paper(), look))
    assert not outcome.wrong
    assert outcome.missing == {RECEIVED}
