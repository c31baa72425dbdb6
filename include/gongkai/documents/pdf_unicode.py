"""Characters that look like others: fonts without a proper map give radicals for characters.

Browsers that print to PDF write ⼈⺠ for 人民 with some fonts. Both look alike and no reader means the radical.
"""

from __future__ import annotations

import re
import unicodedata

_ODD = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_RADICALS = dict(
    zip(
        "⺁⺇⺈⺊⺌⺍⺎⺒⺓⺕⺜⺝⺟⺠⺧⺩⺫⺬⺮⺶⺷⺻⺼⺽⻁⻃⻄⻅⻆⻇⻉⻊⻋⻑⻓⻔⻕⻗⻘⻙⻚⻛⻜⻝⻞⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
        "厂几刀卜小小兀巳幺彐日月母民牛王目示竹羊羊聿肉臼虎西西见角角贝足车長长门阜雨青韦页风飞食食首马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)
"""Radicals of U+2E80 to U+2EF3 that stand for a whole character (Unicode's EquivalentUnifiedIdeograph.txt)."""


def _table() -> dict[int, str]:
    table = {ord(radical): whole for radical, whole in _RADICALS.items()}
    for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFAFF)):
        whole = unicodedata.normalize("NFKC", chr(code))
        if len(whole) == 1:
            table[code] = whole
    return table


_TABLE = _table()


def plain(text: str) -> str:
    """Return a text with radicals and compatibility ideographs as the characters they stand for; its length stays."""
    return text.translate(_TABLE) if _ODD.search(text) else text
