"""Lists that pages keep as XML within a script: <datastore> of <record><![CDATA[<li>...</li>]]></record> (jpage)."""

from __future__ import annotations

import re

_SCRIPT = re.compile(r"<script\b[^<>]{0,300}+>\s*+(?=(?:<!--\s*+)?<(?:datastore|recordset)\b)", re.IGNORECASE)
_BARE = re.compile(r"\s*+(?:<\?xml[^<>]{0,200}+>\s*+)?<(?:datastore|recordset)\b", re.IGNORECASE)
_PART = re.compile(r"<(record|nextgroup)>\s*+(?:<!\[CDATA\[)?", re.IGNORECASE)
_LONGEST = 20_000
"""Characters of one record."""

NEXT_GROUP = "gongkai-nextgroup"
"""Class of the element that holds the link to the next group of records."""


def unfold(text: str) -> str:
    """Return a page with the lists of its datastores written as HTML, where the script stood.

    Each record keeps its own markup in a div; the link of <nextgroup> stands in an element of class `NEXT_GROUP`. Pages
    without datastore are returned as they are.
    """
    if _BARE.match(text):
        return f"<html><body>{_records(text)}</body></html>"
    found: list[str] = []
    end = 0
    for script in _SCRIPT.finditer(text):
        if script.start() < end:
            continue
        found.append(text[end : script.start()])
        close = text.find("</script", script.end())
        end = len(text) if close < 0 else close
        found.append(f"<div>{_records(text[script.end() : end])}</div><script>")
    return "".join(found) + text[end:] if found else text


def _records(text: str) -> str:
    parts: list[str] = []
    closing = {
        "record": 0,
        "nextgroup": 0,
    }  # where the next end tag of each kind stands: looked for once, not per record
    end = 0
    for part in _PART.finditer(text):
        start, kind = part.end(), part[1].lower()
        if start < end:
            continue
        if 0 <= closing[kind] < start:
            closing[kind] = text.find(f"</{part[1]}>", start)
        if not start <= closing[kind] <= start + _LONGEST:
            continue
        end = closing[kind]
        markup = text[start:end].rstrip().removesuffix("]]>")
        parts.append(f'<div class="{NEXT_GROUP if kind == "nextgroup" else kind}">{markup}</div>')
    return "".join(parts)
