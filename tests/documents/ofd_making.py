"""OFD files made piece by piece, and from what a PDF draws: no samples of the format are at hand."""

from html import escape

from tests.documents.making import zipped

from gongkai.documents import pdf_native as native
from gongkai.documents.ofd_page import POINTS
from gongkai.documents.pdf_chars import read_chars
from gongkai.documents.pdf_rules import read_rules

NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def text(x: float, y: float, size: float, string: str, more: str = "") -> str:
    """A text object at (x, y) mm, one advance a character."""
    deltas = " ".join(f"{size if char >= '⺀' else size / 2:g}" for char in string[:-1])
    return (
        f'<ofd:TextObject Boundary="{x:g} {y:g} {size * len(string):g} {size:g}" Font="1" Size="{size:g}" {more}>'
        f'<ofd:TextCode X="0" Y="{size * 0.86:g}" DeltaX="{deltas}">{escape(string)}</ofd:TextCode></ofd:TextObject>'
    )


def path(x: float, y: float, data: str, more: str = "") -> str:
    return (
        f'<ofd:PathObject Boundary="{x:g} {y:g} 1 1" {more}><ofd:FillColor Value="0 0 0"/>'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def line(x0: float, y0: float, x1: float, y1: float) -> str:
    return path(x0, y0, f"M 0 0 L {x1 - x0:.3f} {y1 - y0:.3f}", 'LineWidth="0.25"')


def rect(x0: float, y0: float, x1: float, y1: float) -> str:
    """A filled rectangle, as converters draw rules."""
    wide, high = x1 - x0, y1 - y0
    return path(x0, y0, f"M 0 0 L {wide:g} 0 L {wide:g} {high:g} L 0 {high:g} C", 'Stroke="false" Fill="true"')


def grid(xs: list[float], ys: list[float]) -> str:
    return "".join(line(xs[0], y, xs[-1], y) for y in ys) + "".join(line(x, ys[0], x, ys[-1]) for x in xs)


def page(content: str, area: str = "", before: str = "") -> str:
    box = f"<ofd:Area><ofd:PhysicalBox>{area}</ofd:PhysicalBox></ofd:Area>" if area else ""
    layer = f'<ofd:Content><ofd:Layer ID="2">{content}</ofd:Layer></ofd:Content>'
    return f'<?xml version="1.0" encoding="UTF-8"?><ofd:Page {NS}>{box}{before}{layer}</ofd:Page>'


def ofd(pages: list[str], common: str = "", parts: dict[str, str] | None = None, title: str = "") -> bytes:
    """An OFD of these pages (XML of Content.xml each)."""
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    area = "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
    return zipped(
        {
            "OFD.xml": f"<ofd:OFD {NS}><ofd:DocBody><ofd:DocInfo><ofd:Title>{title}</ofd:Title></ofd:DocInfo>"
            "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {NS}><ofd:CommonData>{area}{common}</ofd:CommonData>"
            f"<ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
            **{f"Doc_0/Pages/Page_{n}/Content.xml": content for n, content in enumerate(pages)},
        }
        | (parts or {})
    )


def ofd_of_pdf(data: bytes) -> bytes:
    """An OFD that draws the characters and rules of a PDF at the same places."""
    pages = []
    with native.LOCK, native.open_document(data) as document:
        for index in range(native.page_count(document)):
            with native.open_page(document, index) as shown, native.open_text(shown) as string:
                found = read_chars(shown, string, most=50_000, where="")
                rules = read_rules(shown, found.frame, most=200_000, where="")
            pieces = []
            for x0, top, _, bottom, char in found.chars:
                if not char.isspace():
                    pieces.append(text(x0 / POINTS, top / POINTS, (bottom - top) / POINTS, char))
            pieces += [line(x0 / POINTS, y / POINTS, x1 / POINTS, y / POINTS) for y, x0, x1 in rules.horizontal]
            pieces += [line(x / POINTS, y0 / POINTS, x / POINTS, y1 / POINTS) for x, y0, y1 in rules.vertical]
            pages.append(page("".join(pieces), f"0 0 {found.frame.width / POINTS} {found.frame.height / POINTS}"))
    return ofd(pages)
