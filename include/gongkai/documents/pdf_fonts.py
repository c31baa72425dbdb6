"""The fonts that pdfium falls back on where a PDF embeds none: the same ones on every machine."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path

from pypdfium2 import raw

_PACKAGE = "pylopdf_fonts_zh_cn"
_CONFIG_VERSION = 2

_folders: ctypes.Array[ctypes.c_char_p] | None = None
"""pdfium keeps the pointer it was given, so the list must live as long as the process."""


def font_folder() -> Path:
    """Return the folder with Noto Sans SC and Noto Serif SC.

    Raises:
        RuntimeError: The package that holds them is not installed.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {_PACKAGE} is not installed: run make setup")
    return Path(spec.origin).parent


def use_own_fonts() -> None:
    """Start pdfium again with our fonts only; to be called before any document is open.

    Word and WPS often name 宋体 or 黑体 without embedding them. Without a Chinese font pdfium finds no glyphs, gives
    characters no height, takes lines of text for copies of one another and drops them: what is read would depend on
    the fonts of the machine, and so it does not look for those.
    """
    global _folders  # noqa: PLW0603
    if _folders is not None:
        return
    _folders = (ctypes.c_char_p * 2)(str(font_folder()).encode(), None)
    paths = ctypes.cast(_folders, ctypes.POINTER(ctypes.POINTER(ctypes.c_char)))
    raw.FPDF_DestroyLibrary()
    raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(version=_CONFIG_VERSION, m_pUserFontPaths=paths))
