"""Scans of sample documents, made by code: printed, then seen by a scanner that is old, dirty, or fed carelessly."""

from __future__ import annotations

import io
import math

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from .truth import truths

Shot = NDArray[np.uint8]


def pages(name: str, dpi: float, *, colour: bool = False) -> list[Shot]:
    """The pages of a sample PDF as pictures; its fonts are embedded, so that every machine draws the same."""
    with pypdfium2.PdfDocument(truths()[name].data) as document:
        mode = "RGB" if colour else "L"
        return [np.array(page.render(scale=dpi / 72).to_pil().convert(mode)) for page in document]


def seen(shot: Shot, *, turn: float = 0.0, blur: float = 0.0, noise: float = 0.0, seed: int = 1) -> Shot:
    """A page as a scanner sees it: askew, unsharp, grained."""
    height, width = shot.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
    shot = cv2.warpAffine(shot, matrix, (width, height), borderValue=(255, 255, 255))
    if blur:
        shot = cv2.GaussianBlur(shot, (0, 0), blur)
    grain = np.random.default_rng(seed).normal(0, noise, shot.shape) if noise else 0.0
    return np.clip(shot + grain, 0, 255).astype(np.uint8)


def faint(shot: Shot, share: float = 0.25) -> Shot:
    """A page printed with hardly any toner."""
    return (255 - (255 - shot) * share).astype(np.uint8)


def shaded(shot: Shot) -> Shot:
    """A page lit from one side."""
    light = np.linspace(1.0, 0.55, shot.shape[1])
    return (shot * light).astype(np.uint8)


def edged(shot: Shot) -> Shot:
    """A page that did not cover the glass."""
    shot = shot.copy()
    shot[:, :30] = shot[-18:] = 20
    return shot


def sealed(shot: Shot) -> Shot:
    """A page in colour with a red seal over its table."""
    picture = Image.fromarray(shot)
    red = Image.new("RGB", picture.size, "white")
    draw = ImageDraw.Draw(red)
    radius, (x, y) = shot.shape[1] // 10, (shot.shape[1] // 2, shot.shape[0] // 2)
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], outline=(220, 40, 40), width=5)
    draw.regular_polygon((x, y, radius * 0.3), 3, fill=(220, 40, 40))
    for step in range(12):
        cx, cy = x + 0.7 * radius * math.cos(step * 0.5), y + 0.7 * radius * math.sin(step * 0.5)
        draw.rectangle([cx - 14, cy - 14, cx + 14, cy + 14], outline=(220, 40, 40), width=3)
    return np.minimum(shot, np.asarray(red))


def black_and_white(shot: Shot, limit: int) -> Image.Image:
    return Image.fromarray(np.where(shot > limit, 255, 0).astype(np.uint8)).convert("1")


def bound(shots: list[Shot] | list[Image.Image], dpi: float, quality: int = 75) -> bytes:
    """The pictures as a PDF, JPEG or CCITT G4."""
    pictures = [shot if isinstance(shot, Image.Image) else Image.fromarray(shot) for shot in shots]
    options = {} if pictures[0].mode == "1" else {"quality": quality}
    out = io.BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi, **options)
    return out.getvalue()
