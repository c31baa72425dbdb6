"""Scans of samples under many conditions: exact, or with doubtful figures left out; never a wrong value."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from gongkai.documents.read import read
from gongkai.reports.build import build_report

from .hard_scans import black_and_white, bound, edged, faint, pages, sealed, seen, shaded
from .truth import truths

NAME = "xiajiang-transport-2022.pdf"


def judged(data: bytes, name: str = NAME) -> tuple[list[object], float]:
    """What is stated and wrong, and the share of printed numbers that is read."""
    report = build_report(read(data, "scan"))
    truth = {key: value for key, (_, value, _) in truths()[name].cells.items()}
    stated = {
        (cell.table, cell.row, cell.column): cell.value
        for cell in report.cells
        if cell.state.value not in ("not_extracted", "text")
    }
    wrong = [(key, value, truth.get(key)) for key, value in stated.items() if value != truth.get(key)]
    printed = [key for key, value in truth.items() if value is not None]
    return wrong, sum(key in stated for key in printed) / len(printed)


CONDITIONS = {
    "askew, grained, 200 dpi": (200, lambda shot: seen(shot, turn=1.4, blur=0.6, noise=8), 70),
    "150 dpi": (150, lambda shot: seen(shot, turn=-0.7, noise=5), 75),
    "faint": (200, lambda shot: seen(faint(shot), turn=0.5, noise=4), 80),
    "lit from one side": (200, lambda shot: seen(shaded(shot), turn=0.5, noise=4), 75),
    "dark edges": (200, lambda shot: edged(seen(shot, turn=-0.6, noise=4)), 75),
    "300 dpi": (300, lambda shot: seen(shot, turn=1.0, noise=6), 60),
    "much compressed": (200, lambda shot: seen(shot, turn=0.4, noise=3), 35),
    "upside down": (200, lambda shot: np.ascontiguousarray(np.rot90(seen(shot, turn=0.3, noise=4), 2)), 75),
}
QUICK = {"faint"}


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in CONDITIONS]
)
def test_ordinary_scans_are_read(name):
    dpi, see, quality = CONDITIONS[name]
    wrong, share = judged(bound([see(shot) for shot in pages(NAME, dpi)], dpi, quality))
    assert not wrong
    assert share >= 0.995


@pytest.mark.slow
def test_print_under_a_red_seal_is_read():
    shots = [seen(sealed(shot), turn=0.4, noise=3) for shot in pages(NAME, 200, colour=True)]
    wrong, share = judged(bound(shots, 200))
    assert not wrong
    assert share >= 0.99


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "blur"), [(160, 0.4), (110, 0.6), (215, 0.8)])
def test_black_and_white_scans_lose_strokes_and_state_nothing_wrong(limit, blur):
    shots = [black_and_white(seen(shot, turn=0.6, blur=blur, noise=8), limit) for shot in pages(NAME, 200)]
    wrong, _ = judged(bound(shots, 200))
    assert not wrong


@pytest.mark.slow
@pytest.mark.parametrize(("dpi", "blur", "noise"), [(72, 0.0, 2.0), (100, 0.6, 6.0), (200, 2.4, 4.0), (200, 0.6, 25.0)])
def test_scans_that_can_hardly_be_read_state_nothing_wrong(dpi, blur, noise):
    shots = [seen(shot, turn=0.6, blur=blur, noise=noise) for shot in pages(NAME, dpi)]
    try:
        wrong, _ = judged(bound(shots, dpi))
    except Exception as error:  # no report is found: nothing is stated
        from gongkai.errors import GongkaiError

        assert isinstance(error, GongkaiError)
    else:
        assert not wrong


@pytest.mark.slow
def test_a_long_screenshot_of_a_whole_page_is_read():
    shots = pages(NAME, 105)
    tall = Image.fromarray(np.concatenate(shots)).convert("RGB")
    tall = tall.resize((840, round(tall.height * 840 / tall.width)))
    assert tall.height > 3 * tall.width
    out = io.BytesIO()
    tall.save(out, "WEBP", quality=90)
    wrong, share = judged(out.getvalue())
    assert not wrong
    assert share >= 0.95
