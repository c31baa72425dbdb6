"""The one normaliser of printed labels: what is compared is never what is stored."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_DROPPED = re.compile(r"[\s\u200b-\u200f\u2028-\u202f\u2060\ufeff\u00ad|]+")
_UNIFY = str.maketrans(
    {
        "〔": "(", "【": "(", "[": "(", "〕": ")", "】": ")", "]": ")", "（": "(", "）": ")",
        "“": "", "”": "", '"': "", "'": "", "‘": "", "’": "", "「": "", "」": "", "《": "", "》": "",
        "、": ",", "，": ",", ";": ",", "；": ",", "：": ":", "。": "", ".": "", "·": "", "*": "", "_": "",
        "末": "未", "囗": "口",
    }
)  # fmt: skip
_UNIFY_BUT_DOTS = {code: other for code, other in _UNIFY.items() if chr(code) != "."}
_CHINESE_DIGITS = "一二三四五六七八九十"
_NUMBERING = re.compile(
    rf"""(?:
        \((?P<paren>[{_CHINESE_DIGITS}]{{1,3}}|\d{{1,2}})\)[,:]?       # （一） (1)
      | (?P<chinese>[{_CHINESE_DIGITS}]{{1,3}})(?:,|是)                # 一、 一是
      | 第(?P<ordinal>[{_CHINESE_DIGITS}]{{1,3}})(?:部分|章|,)          # 第一部分
      | (?P<digit>\d{{1,2}})(?:[.,](?!\d)|(?=[^\d.,)%年月日件条项元个次]))  # 1. １． 1、
      | 其中:
    )""",
    re.VERBOSE,
)


def squeeze(text: str) -> str:
    """Apply NFKC and remove all white space, zero-width characters and BOMs (domain: labels wrap anywhere)."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text))


@lru_cache(maxsize=65536)
def split_numbering(text: str) -> tuple[str, str]:
    r"""Split a label into its numbering and its comparable rest.

    Args:
        text: A label as printed, e.g. "（三） 不予\n公开" or "1．属于国家秘密".

    Returns:
        (numbering, rest), both normalised: ("三", "不予公开"), ("1", "属于国家秘密"); numbering is "" where none is
        printed. The rest has unified brackets, no quotes, no full stops and no white space.
    """
    squeezed = squeeze(text).translate(_UNIFY_BUT_DOTS)
    match = _NUMBERING.match(squeezed)
    number = ""
    if match:
        rest = squeezed[match.end() :]
        if rest:
            number = next((group for group in match.groups() if group), "")
            squeezed = rest
    return number, squeezed.translate(_UNIFY)


def normalise(text: str) -> str:
    """Return the comparable form of a label, without its leading numbering."""
    return split_numbering(text)[1]
