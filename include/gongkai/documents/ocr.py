"""Recognition of printed lines: the recogniser that rapidocr ships, run by onnxruntime on one thread, offline."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gongkai.documents.scan_page import Grey
from gongkai.errors import RunError

HEIGHT = 48
"""Pixels that a line is scaled to: what the model was trained on."""

_STEP = 16
_NARROWEST = 32
_WIDEST = 2400
_BATCH_WIDTH = 1024
"""Pixels of a batch: 2048 are no faster and take 60 MB more."""

_SURE = 0.5
_MODEL = "*_rec_*.onnx"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was recognised: text, and the probability of each of its characters."""

    text: str
    probabilities: tuple[float, ...]

    @property
    def confidence(self) -> float:
        """Probability of the least certain character; 0 for no text."""
        return min(self.probabilities, default=0.0)

    @property
    def mean(self) -> float:
        """Mean probability of its characters; 0 for no text."""
        return sum(self.probabilities) / len(self.probabilities) if self.probabilities else 0.0


class Recogniser:
    """Recognises lines of text. Make it by `recogniser()`: it takes half a second and 100 MB."""

    def __init__(self, model: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # --jobs shares the cores among documents
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False  # it keeps a plan and a block for each width that was ever read
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        listed = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = np.array(["", *listed, " "], dtype=object)

    def read(self, lines: Sequence[Grey], *, squeeze: float = 1.0) -> list[Reading]:
        """Recognise lines, in batches of about equal width.

        Args:
            lines: Pictures of one line each.
            squeeze: Width by which lines are scaled beyond what their height asks for. Time goes with width, and
                Chinese print is read nearly as well at half of it (sample scans: below 1 % of characters differ, most
                of them brackets); what is read with doubt is read again at its own width.
        """
        readings = self._read(lines, squeeze)
        doubtful = (
            [index for index, reading in enumerate(readings) if reading.confidence < _SURE] if squeeze < 1 else []
        )
        for index, again in zip(doubtful, self._read([lines[index] for index in doubtful], 1.0), strict=True):
            if again.mean > readings[index].mean:
                readings[index] = again
        return readings

    def _read(self, lines: Sequence[Grey], squeeze: float) -> list[Reading]:
        import cv2

        scaled: list[Any] = []
        for line in lines:
            width = round(line.shape[1] * HEIGHT / line.shape[0] * squeeze)
            size = (min(max(width, 8), _WIDEST), HEIGHT)
            method = cv2.INTER_AREA if line.shape[0] > HEIGHT else cv2.INTER_CUBIC
            scaled.append(cv2.resize(line, size, interpolation=method))
        readings = [Reading("", ())] * len(lines)
        for batch in _batches([_padded_width(picture.shape[1]) for picture in scaled]):
            width = max(_padded_width(scaled[index].shape[1]) for index in batch)
            block = np.zeros((len(batch), 1, HEIGHT, width), dtype=np.float32)
            for place, index in enumerate(batch):
                picture = scaled[index]
                block[place, 0, :, : picture.shape[1]] = picture.astype(np.float32) / 127.5 - 1.0
            for index, reading in zip(batch, self._run(np.repeat(block, 3, axis=1)), strict=True):
                readings[index] = reading
        return readings

    def _run(self, block: NDArray[np.float32]) -> list[Reading]:
        (output,) = self._session.run(None, {self._input: block})
        best = output.argmax(axis=2)
        found = []
        for row, codes in zip(output, best, strict=True):
            kept = codes != 0
            kept[1:] &= codes[1:] != codes[:-1]
            places = np.flatnonzero(kept)
            found.append(Reading("".join(self._characters[codes[places]]), tuple(row[places, codes[places]].tolist())))
        return found


@cache
def recogniser() -> Recogniser:
    """Return the recogniser of this process.

    Raises:
        RunError: rapidocr is not installed, or its wheel holds no model.
    """
    spec = importlib.util.find_spec("rapidocr")
    folder = Path(spec.origin).parent / "models" if spec and spec.origin else Path()
    model = next(iter(sorted(folder.glob(_MODEL))), None) if spec else None
    if model is None:
        raise RunError(
            "no model to recognise characters with",
            where=str(folder),
            expected=_MODEL,
            do="make setup installs rapidocr",
        )
    return Recogniser(model)


def _padded_width(width: int) -> int:
    return max(_NARROWEST, -(-width // _STEP) * _STEP)


def _batches(widths: list[int]) -> list[list[int]]:
    """Group lines of about one width; a batch has a bounded area."""
    batches: list[list[int]] = []
    for index in sorted(range(len(widths)), key=lambda index: widths[index]):
        last = batches[-1] if batches else []
        if (
            last
            and widths[index] - widths[last[0]] <= _STEP + widths[last[0]] // 8
            and widths[index] * (len(last) + 1) <= _BATCH_WIDTH
        ):
            last.append(index)
        else:
            batches.append([index])
    return batches
