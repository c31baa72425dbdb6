"""HTML elements sorted by what the reader does with them, and the tests of a single element."""

from __future__ import annotations

import re
from enum import Enum, auto

from lxml import etree


class Kind(Enum):
    """What the reader does with an element; those not listed are inline and transparent."""

    BLOCK = auto()
    BREAK = auto()
    TABLE = auto()
    PICTURE = auto()
    DROP = auto()


_NAMES = {
    Kind.BLOCK: """address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption
        figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary ul
        tbody thead tfoot tr td th ucapcontent ucaptitle""",
    Kind.BREAK: "br",
    Kind.TABLE: "table",
    Kind.PICTURE: "img object embed iframe canvas svg video audio picture map",
    Kind.DROP: """script style noscript template head title select button textarea input option colgroup col rt rp""",
}
KINDS: dict[object, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}
"""What to do with an element, by its name."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CELL_LIKE = frozenset({"p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Blocks that may be a blank cell of a flattened table when they hold nothing."""

PICTURE_ADDRESSES = ("data-original", "data-src", "src")
"""Attributes of an <img> that name its picture, the most telling first."""

SECTIONS = frozenset({"thead", "tbody", "tfoot"})
TRANSPARENT = frozenset({"form", "center", "font", "span", "div"})
"""What stands between table, row and cell in pages written by hand, and is looked through there."""

BREAK_MARK = "\x1e"
"""Stands for a line break that the page shows, while the breaks of its source are still white space."""

_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|inline-block|table-cell|table-row|flex|list-item)", re.IGNORECASE)
_TEXT_FIELDS = frozenset({"", "text", "number", "tel"})
_SPACES = re.compile(r"[ \t\n\f]+")
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…]"
_WRAPPED = re.compile(rf"(?<={_WIDE})[ \t]*\n[ \t\n]*(?={_WIDE})")
VALUE = re.compile(r"[\d.,，+\-—/％%\s\xa0]+")
"""What a cell of a flattened table may hold that is no label."""

_SENTENCE = re.compile(r"[，。；]")
FEWEST_SPANS = 8
_SPAN_RUN, _LINED_SHARE = 5, 0.8
_MANY_SPANS, _VALUE_SHARE, _SENTENCE_SHARE = 40, 0.15, 0.17


def is_hidden(element: etree._Element) -> bool:
    """Tell whether the page does not show an element, by its own attributes."""
    if element.get("hidden") is not None:
        return True
    style = element.get("style")
    return style is not None and ("none" in style or "hid" in style.lower()) and _HIDDEN.search(style) is not None


def kind_of(element: etree._Element) -> Kind | None:
    """Return what to do with an element, None for inline ones."""
    kind = KINDS.get(element.tag)
    if kind is None:
        style = element.get("style")
        if style is not None and "display" in style and _BLOCK_STYLE.search(style):
            return Kind.BLOCK
    return kind


def clean(parts: list[str]) -> str:
    """Join pieces of text and collapse white space as a browser does; breaks become newline.

    A source line that ends between two Chinese characters leaves no space (Word wraps the source of its pages so).
    No-break and ideographic spaces are kept as printed.
    """
    text = "".join(parts)
    if " " not in text and text.isprintable():
        return text  # as most cells are: no white space but the wide one, no break
    if "\n" in text:
        text = _WRAPPED.sub("", text)
    text = _SPACES.sub(" ", text)
    if BREAK_MARK not in text:
        return text.strip(" ")
    return "\n".join(line.strip(" ") for line in text.split(BREAK_MARK)).strip("\n")


def field_text(element: etree._Element) -> str:
    """Return what a form field shows, "" for other elements: forms print their values as the text of fields."""
    tag = element.tag
    if tag == "input":
        return element.get("value", "") if element.get("type", "text").strip().lower() in _TEXT_FIELDS else ""
    if tag == "textarea":
        return element.text or ""
    if tag == "select":
        options = list(element.iter("option"))
        chosen = next((option for option in options if option.get("selected") is not None), None)
        return "".join(map(str, (options[0] if chosen is None else chosen).itertext())) if options else ""
    return ""


def span_cells(element: etree._Element) -> frozenset[etree._Element]:
    """Return those <span> children of an element that are the cells of a flattened table, one each.

    Word splits running text into spans too, so the evidence must be strong: a run of spans on lines of their own, five
    in a row that hold nothing but a value, or very many of which next to none has a comma or a full stop.
    """
    found: list[etree._Element] = []
    run: list[etree._Element] = []
    for child in element:
        if child.tag in ("span", "br"):
            run.append(child)
            if not child.tail or child.tail.isspace():
                continue
        if len(run) >= FEWEST_SPANS and _are_cells(run):
            found += run
        run = []
    if len(run) >= FEWEST_SPANS and _are_cells(run):
        found += run
    return frozenset(found)


def _are_cells(run: list[etree._Element]) -> bool:
    lined = values = sentences = row = longest = 0
    for child in run:
        lined += "\n" in (child.tail or "")
        text = "".join(map(str, child.itertext()))
        is_value = VALUE.fullmatch(text) is not None
        values += is_value
        sentences += _SENTENCE.search(text) is not None
        row = row + 1 if is_value else 0
        longest = max(longest, row)
    many = len(run)
    if longest >= _SPAN_RUN or (values > 0 and lined >= _LINED_SHARE * many):
        return True
    return many >= _MANY_SPANS and values >= _VALUE_SHARE * many and sentences <= _SENTENCE_SHARE * many
