"""Names of OpenDocument elements and attributes, sorted by what the reader does with them."""

from __future__ import annotations

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def _name(space: str, name: str) -> str:
    return f"{{{_ODF}{space}:1.0}}{name}"


BODY, OFFICE_TEXT = _name("office", "body"), _name("office", "text")
P, H = _name("text", "p"), _name("text", "h")
SPACES, TAB, BREAK = _name("text", "s"), _name("text", "tab"), _name("text", "line-break")
SPAN, STYLE_NAME, COUNT, DISPLAY = (_name("text", name) for name in ("span", "style-name", "c", "display"))

TABLE, ROW = _name("table", "table"), _name("table", "table-row")
CELL, COVERED = _name("table", "table-cell"), _name("table", "covered-table-cell")
ROW_GROUPS = frozenset(_name("table", name) for name in ("table-header-rows", "table-rows", "table-row-group"))
COLUMNS_REPEATED, COLUMNS_SPANNED, ROWS_SPANNED = (
    _name("table", f"number-{name}") for name in ("columns-repeated", "columns-spanned", "rows-spanned")
)
ROWS_REPEATED = _name("table", "number-rows-repeated")

STYLE, STYLE_ID, PARENT, TEXT_PROPERTIES = (
    _name("style", name) for name in ("style", "name", "parent-style-name", "text-properties")
)
TEXT_DISPLAY, TEXT_POSITION = _name("text", "display"), _name("style", "text-position")
LINE_THROUGH_STYLE, LINE_THROUGH_TYPE = (_name("style", f"text-line-through-{name}") for name in ("style", "type"))
TEXT_BOX, IMAGE = _name("draw", "text-box"), _name("draw", "image")
SHAPES = frozenset(_name("draw", name) for name in ("custom-shape", "rect", "ellipse", "caption"))
GENERATOR, TITLE = _name("meta", "generator"), "{http://purl.org/dc/elements/1.1/}title"

SKIPPED = frozenset(
    {
        _name("office", "annotation"),
        _name("office", "annotation-end"),
        _name("office", "forms"),
        _name("text", "sequence-decls"),
        _name("draw", "object"),
        _name("draw", "object-ole"),
        _name("svg", "title"),
        _name("svg", "desc"),
        _name("text", "tracked-changes"),
        _name("text", "note"),
        _name("text", "ruby-text"),
        _name("text", "hidden-text"),
        _name("text", "variable-decls"),
        _name("text", "user-field-decls"),
        _name("text", "soft-page-break"),
    }
)
"""Elements whose text is not shown in the body: deletions, notes, comments. All others are transparent."""
