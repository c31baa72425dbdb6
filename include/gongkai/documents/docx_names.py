"""Names of WordprocessingML elements, in the form lxml compares fastest, sorted by what the reader does with them."""

from __future__ import annotations

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
"""The same names in strict Open XML; the reader treats both alike."""

_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_V = "urn:schemas-microsoft-com:vml"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def w(name: str) -> str:
    """Return a name of the w: namespace in Clark notation."""
    return f"{{{W}}}{name}"


BODY, P, R, T, TBL, TR, TC = w("body"), w("p"), w("r"), w("t"), w("tbl"), w("tr"), w("tc")
PPR, RPR, TRPR, TCPR = w("pPr"), w("rPr"), w("trPr"), w("tcPr")
TAB, BR, CR, HYPHEN, SYM = w("tab"), w("br"), w("cr"), w("noBreakHyphen"), w("sym")
GRID_SPAN, V_MERGE, H_MERGE, GRID_BEFORE, CELL_DEL = (
    w("gridSpan"),
    w("vMerge"),
    w("hMerge"),
    w("gridBefore"),
    w("cellDel"),
)
STRIKE, DSTRIKE, COLOR, VERT_ALIGN, R_STYLE = w("strike"), w("dstrike"), w("color"), w("vertAlign"), w("rStyle")
FLD_CHAR, FLD_CHAR_TYPE, INSTR = w("fldChar"), w("fldCharType"), w("instrText")
SHD, FILL, TBL_PR, TBL_STYLE = w("shd"), w("fill"), w("tblPr"), w("tblStyle")
M_T = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
VAL, TYPE, CHAR, STYLE_ID = w("val"), w("type"), w("char"), w("styleId")
P_STYLE, OUTLINE, VANISH, DEL, BASED_ON, NAME = (
    w("pStyle"),
    w("outlineLvl"),
    w("vanish"),
    w("del"),
    w("basedOn"),
    w("name"),
)
STYLE, TXBX_CONTENT, ALT_CHUNK = w("style"), w("txbxContent"), w("altChunk")

ALTERNATE, CHOICE, FALLBACK = f"{{{_MC}}}AlternateContent", f"{{{_MC}}}Choice", f"{{{_MC}}}Fallback"
PICTURES = frozenset({f"{{{_A}}}blip", f"{{{_V}}}imagedata"})
OLE_OBJECT, PROG_ID = "{urn:schemas-microsoft-com:office:office}OLEObject", "ProgID"
_R = ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
      "http://purl.oclc.org/ooxml/officeDocument/relationships")  # fmt: skip
IMAGE_IDS = tuple(f"{{{names}}}{name}" for names in _R for name in ("embed", "id"))
"""Attributes of a picture, and of an altChunk, that name its relationship."""

DRAWINGS = frozenset({w("drawing"), w("pict"), w("object"), ALTERNATE})
"""Elements of a run that may hold text boxes or pictures."""

SKIPPED = frozenset(
    {
        PPR,
        RPR,
        TRPR,
        TCPR,
        DEL,
        w("moveFrom"),
        w("delText"),
        w("instrText"),
        w("delInstrText"),
        w("fldData"),
        w("fldChar"),
        w("sectPr"),
        w("tblPr"),
        w("tblGrid"),
        w("tblPrEx"),
        w("sdtPr"),
        w("sdtEndPr"),
        w("smartTagPr"),
        w("customXmlPr"),
        w("rt"),
        w("rubyPr"),
        w("bookmarkStart"),
        w("bookmarkEnd"),
        w("proofErr"),
        w("lastRenderedPageBreak"),
        w("softHyphen"),
        w("annotationRef"),
        w("footnoteReference"),
        w("endnoteReference"),
        w("commentReference"),
        w("commentRangeStart"),
        w("commentRangeEnd"),
    }
)
"""Elements without text of their own: properties, deletions, field codes, marks. All others are transparent."""
