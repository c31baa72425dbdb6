"""Marks in the tree of a docx what Word does not show as text of its own, or shows struck out or raised.

Each of these stands beside a number and would be read as digits of it. Runs that are not to be read get the mark of
hidden text (w:vanish), cells whose text says something else than it looks like are marked as unsure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from gongkai.documents import docx_names as n
from gongkai.documents.docx_text import is_on, val_of

UNSURE = "gongkai-unsure"
"""Marks a w:tc whose value is not taken."""

_LONGEST_CHAIN, _DEEPEST_FIELD = 12, 50
_NOTE = re.compile(r"\s*[\[［(（〔]?\s*(?:注\s*)?(\d{0,2})\s*[\]］)）〕]?\s*")
_SUPER = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_UNSEEN_FIELDS = re.compile(r"\s*(?:XE|TC|TA|RD|SET|ASK|ADDIN|BOOKMARK|PRINT|PRIVATE|COMMENTS?)\b|\s*$", re.IGNORECASE)
_NO_FILL = frozenset({"", "auto", "ffffff"})


def mark_unseen(root: etree._Element, data: bytes, styles: Callable[[], etree._Element | None]) -> None:
    """Mark what is hidden by a style, struck out beside other text, white on white, raised as a note, code of a field.

    Args:
        root: The main part.
        data: Its bytes, to pass quickly over files that have nothing of the kind.
        styles: Gives the root of the styles where they hide text, None where they do not.
    """
    if next(root.iter(n.R_STYLE, n.P_STYLE), None) is not None and (sheet := styles()) is not None:
        _hide_by_style(root, _hiding(sheet))
    found: dict[object, list[etree._Element]] = {}
    for item in root.iter(n.FLD_CHAR, n.STRIKE, n.DSTRIKE, n.VERT_ALIGN):
        found.setdefault(item.tag, []).append(item)
    if b'"FFFFFF"' in data or b'"ffffff"' in data:
        white = (item for item in root.iter(n.COLOR) if val_of(item).lower() == "ffffff")
        found[n.COLOR] = list(white)
    if not found:
        return
    if n.FLD_CHAR in found:
        _hide_field_codes(root)
    struck = (item for tag in (n.STRIKE, n.DSTRIKE) for item in found.get(tag, ()) if is_on(item))
    for block in _hide_beside_others(_runs_of(struck)):
        block.set(UNSURE, "struck")
    _hide_beside_others(run for run in _runs_of(found.get(n.COLOR, ())) if not _is_shaded(run))
    raised = (item for item in found.get(n.VERT_ALIGN, ()) if val_of(item) in ("superscript", "subscript"))
    for run in _runs_of(raised):
        _raise(run)


def _runs_of(items: Iterable[etree._Element]) -> Iterator[etree._Element]:
    """Yield the runs whose own properties (not those before a tracked change) hold these items."""
    for item in items:
        properties = item.getparent()
        run = properties.getparent() if properties is not None and properties.tag == n.RPR else None
        if run is not None and run.tag == n.R:
            yield run


def _hide(run: etree._Element) -> None:
    properties = next(run.iterchildren(n.RPR), None)
    if properties is None:
        properties = etree.Element(n.RPR)
        run.insert(0, properties)
    if properties.find(n.VANISH) is None:
        etree.SubElement(properties, n.VANISH)


def _is_hidden(run: etree._Element) -> bool:
    properties = next(run.iterchildren(n.RPR), None)
    vanish = properties.find(n.VANISH) if properties is not None else None
    return vanish is not None and is_on(vanish)


def _hiding(styles: etree._Element) -> frozenset[str]:
    """Return the ids of styles whose text is hidden, by themselves or by what they are based on."""
    by_id = {style.get(n.STYLE_ID, ""): style for style in styles.iterchildren(n.STYLE)}

    def hides(style: etree._Element | None) -> bool:
        for _ in range(_LONGEST_CHAIN):
            if style is None:
                return False
            vanish = style.find(f"{n.RPR}/{n.VANISH}")
            if vanish is not None:
                return is_on(vanish)
            based_on = style.find(n.BASED_ON)
            style = by_id.get(val_of(based_on)) if based_on is not None else None
        return False

    return frozenset(id_ for id_, style in by_id.items() if hides(style))


def _hide_by_style(root: etree._Element, hiding: frozenset[str]) -> None:
    for item in root.iter(n.R_STYLE, n.P_STYLE) if hiding else ():
        if val_of(item) not in hiding:
            continue
        owner = next(item.iterancestors(n.R, n.P), None)
        if owner is not None:
            for run in [owner] if owner.tag == n.R else owner.iter(n.R):
                _hide(run)


def _hide_field_codes(root: etree._Element) -> None:
    """Empty the text inside the codes of fields: the result of a field inside the code of another is not shown.

    A field that shows nothing where Word would compute something (a sum without a result, a drop-down list) makes its
    cell unsure.
    """
    fields: list[_Field] = []
    for item in root.iter(n.FLD_CHAR, n.INSTR, n.T):
        if item.tag == n.T:
            coded = next((one for one in reversed(fields) if one.in_code), None)
            if coded is not None:
                coded.texts.append(item)
            elif fields and (item.text or "").strip():
                fields[-1].is_shown = True
        elif item.tag == n.INSTR:
            if fields:
                fields[-1].code += item.text or ""
        elif (kind := item.get(n.FLD_CHAR_TYPE)) == "begin":
            fields.append(_Field())
            if len(fields) > _DEEPEST_FIELD:
                return
        elif fields and kind in ("separate", "end"):
            last = fields[-1]
            for text in last.texts if last.in_code else ():
                text.text = ""
            last.in_code = False
            if kind == "end":
                fields.pop()
                _close(last, fields, item)


@dataclass(slots=True)
class _Field:
    """A field that is open; its code may never end, as in a file that is cut off: then nothing of it is hidden."""

    in_code: bool = True
    code: str = ""
    texts: list[etree._Element] = field(default_factory=list)
    is_shown: bool = False


def _close(closed: _Field, around: list[_Field], mark: etree._Element) -> None:
    if closed.is_shown:
        if around:
            around[-1].is_shown = True
    elif not _UNSEEN_FIELDS.match(closed.code) and not any(outer.in_code for outer in around):
        cell = next(mark.iterancestors(n.TC), None)
        if cell is not None:
            cell.set(UNSURE, "a field without result")


def _hide_beside_others(runs: Iterable[etree._Element]) -> list[etree._Element]:
    """Hide runs that stand in a cell or paragraph with other text; return the cells that hold nothing else."""
    blocks: dict[etree._Element, list[etree._Element]] = {}
    for run in runs:
        block = next(run.iterancestors(n.TC), None)
        block = next(run.iterancestors(n.P), None) if block is None else block
        if block is not None:
            blocks.setdefault(block, []).append(run)
    alone = []
    for block, inside in blocks.items():
        taken = set(inside)
        others = (run for run in block.iter(n.R) if run not in taken and not _is_hidden(run))
        if any("".join(map(str, run.itertext(n.T))).strip() for run in others):
            for run in inside:
                _hide(run)
        elif block.tag == n.TC:
            alone.append(block)
    return alone


def _is_shaded(run: etree._Element) -> bool:
    """Tell whether a run, its paragraph, cell or table has a shading on which white text can be read."""
    for element in (run, *run.iterancestors(n.P, n.TC, n.TBL)):
        for properties in element.iterchildren(n.RPR, n.PPR, n.TCPR, n.TBL_PR):
            if any(item.get(n.FILL, "").lower() not in _NO_FILL for item in properties.iterchildren(n.SHD)):
                return True
            if properties.tag == n.TBL_PR and properties.find(n.TBL_STYLE) is not None:
                return True
    return False


def _raise(run: etree._Element) -> None:
    """Print the number of a note as superscript, as it looks, so that nobody takes it for a digit of the value."""
    texts = list(run.iter(n.T))
    note = _NOTE.fullmatch("".join(text.text or "" for text in texts))
    if note is None or not texts:
        return
    is_low = any(val_of(item) == "subscript" for item in run.iter(n.VERT_ALIGN))
    for text in texts[1:]:
        text.text = ""
    texts[0].text = note[1].translate(_SUB if is_low else _SUPER)
