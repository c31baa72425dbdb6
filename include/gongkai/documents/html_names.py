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
    Kind.DROP: """script style noscript template head title select button textarea input option colgroup col""",
}
KINDS: dict[object, Kind] = {name: kind for kind, names in _NAMES.items() for name in names.split()}
"""What to do with an element, by its name."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
CELL_LIKE = frozenset({"p", "li", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6"})
"""Blocks that may be a blank cell of a flattened table when they hold nothing."""

SECTIONS = frozenset({"thead", "tbody", "tfoot"})
TRANSPARENT = frozenset({"form", "center", "font", "span", "div"})
"""What stands between table, row and cell in pages written by hand, and is looked through there."""

BREAK_MARK = "\x1e"
"""Stands for a line break that the page shows, while the breaks of its source are still white space."""

_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|inline-block|table-cell|table-row|flex|list-item)", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\n\f]+")
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…]"
_WRAPPED = re.compile(rf"(?<={_WIDE})[ \t]*\n[ \t\n]*(?={_WIDE})")
_VALUE_SPAN = re.compile(r"[\d.,，+\-—/％%\s\xa0]+")
_SENTENCE = re.compile(r"[，。；]")
_FEWEST_SPANS, _SPAN_RUN, _LINED_SHARE = 8, 5, 0.8
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


def spans_are_cells(element: etree._Element) -> bool:
    """Tell whether the <span> children of an element are the cells of a flattened table, one each.

    Word splits running text into spans too, so the evidence must be strong: spans on lines of their own, five in a row
    that hold nothing but a value, or very many of which next to none has a comma or a full stop.
    """
    if len(element) < _FEWEST_SPANS or element[0].tag != "span":
        return False
    lined = values = sentences = run = longest = 0
    for child in element:
        if child.tag not in ("span", "br") or (child.tail and child.tail.strip()):
            return False
        lined += "\n" in (child.tail or "")
        text = "".join(map(str, child.itertext()))
        is_value = _VALUE_SPAN.fullmatch(text) is not None
        values += is_value
        sentences += _SENTENCE.search(text) is not None
        run = run + 1 if is_value else 0
        longest = max(longest, run)
    if longest >= _SPAN_RUN or (values > 0 and lined >= _LINED_SHARE * len(element)):
        return True
    many = len(element)
    return many >= _MANY_SPANS and values >= _VALUE_SHARE * many and sentences <= _SENTENCE_SHARE * many
