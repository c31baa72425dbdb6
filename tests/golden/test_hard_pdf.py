"""Text PDFs in every layout that is hard to read: exact, or flagged with no wrong value."""

from __future__ import annotations

import random
import re
import zlib
from dataclasses import replace

import pytest
from reportlab.lib import pdfencrypt

from gongkai.documents.pdf import read_pdf
from gongkai.reports.build import build_report
from gongkai.settings import Limits
from samples.making.paper import Paper, Printed

from . import hard_looks as looks
from .hard_looks import LANDSCAPE
from .hard_pdf import A4, Look, print_hard
from .mutate import sample_entries
from .outcome import Outcome, judge_reading

PAPERS = [
    "yunling-health-2024.html",  # blanks
    "yunling-education-2019.docx",  # the form of 2019
    "xiajiang-government-2023.docx",  # thousands separators
    "yunling-government-2018.docx",  # the statistics of 2018
]

EXACT = {
    "ruled": Look(looks.full),
    "no rules": Look(looks.none),
    "no rules, left": Look(looks.none, align="left"),
    "no rules, right": Look(looks.none, align="right"),
    "no rules, values on the first line": Look(looks.none, anchor="first"),
    "no rules, values on the last line": Look(looks.none, anchor="last"),
    "no rules, header repeated": Look(looks.none, repeat=True),
    "no rules, rows cut": Look(looks.none, inside=True),
    "no rules, landscape": Look(looks.none, size=LANDSCAPE),
    "no rules, shown turned": Look(looks.none, start=looks.turned(270)),
    "three lines": Look(looks.three_lines),
    "horizontal rules": Look(looks.sides("top", "bottom")),
    "horizontal rules in a frame": Look(looks.framed(looks.sides("top", "bottom"))),
    "vertical rules in a frame": Look(looks.framed(looks.sides("left", "right"))),
    "frame": Look(looks.frame),
    "rows cut": Look(looks.full, inside=True),
    "landscape": Look(looks.full, size=LANDSCAPE),
    **{f"shown turned by {turn}": Look(looks.full, start=looks.turned(turn)) for turn in (90, 180, 270)},
    **{f"printed sideways by {turn}": Look(looks.full, start=looks.sideways(turn)) for turn in (90, 180, 270)},
    **{f"no {side} rule": Look(looks.without(side), inside=True) for side in ("left", "right", "top", "bottom")},
    "dashes": Look(looks.dashes(3, 4)),
    "dots": Look(looks.dashes(1, 5)),
    "rules are pictures": Look(looks.pictures),
    "rules are bars": Look(looks.bars),
    "rules are characters": Look(looks.drawn_with_characters),
    "double rules": Look(looks.double),
    "rules do not meet": Look(looks.not_meeting),
    "shaded cells": Look(looks.shaded),
    "shaded rows": Look(looks.zebra),
    "white rules on a ground": Look(looks.ground_with_white_rules),
    "white fills and rules of WPS": Look(looks.wps),
    "glyph by glyph": Look(looks.full, write=looks.glyph_by_glyph),
    "glyph by glyph, no rules": Look(looks.none, write=looks.glyph_by_glyph),
    "bold by printing twice": Look(looks.full, write=looks.twice),
    "labels overflow": Look(looks.full, write=looks.overflowing),
    "form fields": Look(looks.full, write=looks.in_fields),
    "form objects": Look(looks.full, write=looks.as_forms),
    "radicals": Look(looks.full, write=looks.radicals),
    "page number in the table": Look(looks.full, end=looks.page_numbers("— {} —", 776)),
    "page number under the table": Look(looks.none, end=looks.page_numbers("-{}-", 790)),
    "watermark aslant": Look(looks.full, start=looks.watermark),
    "watermark, no rules": Look(looks.none, end=looks.flat_watermark),
    "watermark level": Look(looks.full, end=looks.flat_watermark),
    "stamp": Look(looks.full, end=looks.stamp),
    **{f"hidden: {way}": Look(looks.full, start=looks.hidden_figures(way)) for way in ("white", "clipped", "mode 3")},
    "encrypted": Look(looks.full, options={"encrypt": pdfencrypt.StandardEncryption("", "owner", strength=128)}),
    "shifted page box": Look(looks.full, options={"cropBox": (20, 10, 585, 830)}),
}


def paper_of(name: str) -> Paper:
    return sample_entries()[PAPERS[sorted(EXACT).index(name) % len(PAPERS)]].paper


def judge(paper: Paper, data: bytes) -> Outcome:
    return judge_reading(build_report(read_pdf(data, Limits())), paper.sheet)


@pytest.mark.parametrize("name", sorted(EXACT))
def test_hard_layouts_are_read_exactly(name):
    paper = paper_of(name)
    outcome = judge(paper, print_hard(paper, EXACT[name]))
    assert outcome.is_exact, (outcome.wrong, sorted(outcome.missing)[:5])


@pytest.mark.parametrize("name", PAPERS)
@pytest.mark.parametrize("rules", [looks.full, looks.none], ids=["ruled", "no rules"])
def test_every_form_is_read_exactly(name, rules):
    paper = sample_entries()[name].paper
    outcome = judge(paper, print_hard(paper, Look(rules)))
    assert outcome.is_exact, (outcome.wrong, sorted(outcome.missing)[:5])


@pytest.mark.parametrize("name", PAPERS)
def test_numbers_that_run_into_the_next_cell_are_left_out(name):
    paper = sample_entries()[name].paper
    outcome = judge(paper, print_hard(paper, Look(looks.full, write=looks.over_neighbours)))
    assert not outcome.wrong
    assert outcome.missing


def test_numbers_printed_over_others_are_left_out():
    paper = sample_entries()[PAPERS[1]].paper

    def two_numbers(canvas, cell, box, text, middle):
        looks.put(canvas, looks.place(cell, box, text, "centre"), middle, text)
        if cell.key and text.isdigit():
            looks.put(canvas, looks.place(cell, box, text, "centre") + 2.0, middle, "7")

    for rules in (looks.full, looks.none):
        outcome = judge(paper, print_hard(paper, Look(rules, write=two_numbers)))
        assert not outcome.wrong
        assert len(outcome.missing) > 100


def test_visible_white_text_on_a_dark_ground_is_read():
    paper = sample_entries()[PAPERS[0]].paper

    def rules(canvas, cells, box):
        for cell, area in cells:
            looks.fill(canvas, area, 0.2 if cell.key else 1.0)
        looks.full(canvas, cells, box)

    def write(canvas, cell, box, text, middle):
        canvas.setFillGray(1 if cell.key else 0)
        looks.put(canvas, looks.place(cell, box, text, "centre"), middle, text)
        canvas.setFillGray(0)

    assert judge(paper, print_hard(paper, Look(rules, write=write))).is_exact


# The file itself -----------------------------------------------------------------------------------------------------


def objects(data: bytes) -> dict[int, bytes]:
    return {int(number): body for number, body in re.findall(rb"(\d+) 0 obj\r?\n?(.*?)endobj", data, re.DOTALL)}


def with_object_streams(data: bytes) -> bytes:
    """The same file as version 1.5 writes it: objects in a compressed stream, the cross reference in another."""
    found = objects(data)
    root = re.search(rb"/Root (\d+) 0 R", data)[1]
    plain = {number: body.strip() for number, body in found.items() if b"stream" not in body}
    out, offsets = bytearray(b"%PDF-1.5\n"), {}
    for number in found.keys() - plain.keys():
        offsets[number] = len(out)
        out += b"%d 0 obj\n%sendobj\n" % (number, found[number])
    holder, table = max(found) + 1, max(found) + 2
    heads, body = b"", b""
    for number, text in plain.items():
        heads += b"%d %d " % (number, len(body))
        body += text + b" "
    packed = zlib.compress(heads + body)
    offsets[holder] = len(out)
    out += b"%d 0 obj\n<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>\nstream\n" % (
        (holder, len(plain), len(heads), len(packed))
    )
    out += packed + b"\nendstream\nendobj\n"
    offsets[table] = start = len(out)
    rows, order = b"", list(plain)
    for number in range(table + 1):
        if number in plain:
            rows += b"\x02" + holder.to_bytes(4) + order.index(number).to_bytes(2)
        else:
            rows += (b"\x01" if number in offsets else b"\x00") + offsets.get(number, 0).to_bytes(4) + b"\x00\x00"
    packed = zlib.compress(rows)
    out += b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 2]/Root %s 0 R/Filter/FlateDecode/Length %d>>\nstream\n" % (
        (table, table + 1, root, len(packed))
    )
    return bytes(out + packed + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)


def updated(old: bytes, new: bytes) -> bytes:
    """A file to whose end the changed contents of its pages were appended, as editors save."""
    before, after, out, rows = objects(old), objects(new), bytearray(old), b""
    for number, body in after.items():
        if before[number] != body and b"stream" in body:
            rows += b"%d 1\n%010d 00000 n \n" % (number, len(out))
            out += b"%d 0 obj\n%sendobj\n" % (number, body)
    last = int(old.rsplit(b"startxref", 1)[1].split()[0])
    root = re.search(rb"/Root \d+ 0 R", old)[0]
    start = len(out)
    out += b"xref\n" + rows + b"trailer\n<</Size %d/Prev %d%s>>\n" % (max(before) + 1, last, root)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def test_object_streams_are_read():
    paper = sample_entries()[PAPERS[0]].paper
    assert judge(paper, with_object_streams(print_hard(paper, EXACT["ruled"]))).is_exact


def test_only_the_last_state_of_an_updated_file_is_read():
    paper = sample_entries()[PAPERS[0]].paper
    key = ("review", "review", "upheld")
    corrected = replace(paper, sheet={**paper.sheet, key: Printed.of("4711")})
    old, new = (print_hard(one, EXACT["ruled"]) for one in (paper, corrected))
    assert judge(corrected, updated(old, new)).is_exact


@pytest.mark.parametrize("end", [b"", b"startxref\n99\n%%EOF\n", b"startxref\n0\n%%EOF\n"])
def test_a_damaged_cross_reference_is_no_matter(end):
    paper = sample_entries()[PAPERS[1]].paper
    data = print_hard(paper, EXACT["ruled"])
    assert judge(paper, data[: data.rindex(b"startxref")] + end).is_exact


# Any mixture ---------------------------------------------------------------------------------------------------------

FEW_RULES = [
    *[looks.none] * 4,
    looks.sides("top", "bottom"),
    looks.sides("left", "right"),
    looks.framed(looks.sides("top", "bottom")),
    looks.framed(looks.sides("left", "right")),
    looks.frame,
    looks.three_lines,
    looks.zebra,
]


def case(number: int) -> tuple[Paper, Look]:
    """A paper with other values, printed with few rules, in a manner of its own."""
    rng = random.Random(number)
    paper = sample_entries()[rng.choice(sorted(sample_entries()))].paper
    sheet, manner = dict(paper.sheet), rng.choice(["as it is", "blanks", "two columns", "no zeros", "large", "dashes"])
    share = rng.choice([0.1, 0.4, 0.7])
    for key, printed in paper.sheet.items():
        if (
            (manner == "blanks" and rng.random() < share)
            or (manner == "no zeros" and printed.value == 0)
            or (manner == "two columns" and key[0] == "applications" and key[2] not in ("natural_person", "total"))
        ):
            sheet[key] = Printed.of("")
        elif manner == "large" and printed.value is not None and rng.random() < 0.5:
            sheet[key] = Printed.of(str(rng.randrange(10 ** rng.randint(1, 5))))
        elif manner == "dashes" and rng.random() < 0.3:
            sheet[key] = Printed.of(rng.choice("/—-"))
    look = Look(
        rng.choice(FEW_RULES),
        align=rng.choice(["centre", "left", "right"]),
        anchor=rng.choice(["middle", "last", "first"]),
        air=rng.choice([1.5, 3, 5, 8]),
        repeat=rng.random() < 0.4,
        inside=rng.random() < 0.4,
        size=rng.choice([A4, A4, LANDSCAPE]),
        write=rng.choice([None, None, None, looks.glyph_by_glyph, looks.twice, looks.overflowing]),
    )
    return replace(paper, sheet=sheet), look


def check_cases(numbers: range, least: float) -> None:
    values = missing = 0
    for number in numbers:
        paper, look = case(number)
        document = read_pdf(print_hard(paper, look), Limits())
        try:
            outcome = judge_reading(build_report(document), paper.sheet)
        except Exception as error:
            assert type(error).__name__ == "NoTablesError", number
            continue
        assert not outcome.wrong, (number, outcome.wrong)
        values += sum(printed.value is not None for printed in paper.sheet.values())
        missing += len(outcome.missing)
    assert missing <= (1 - least) * values


def test_tables_of_few_rules_give_no_wrong_value():
    check_cases(range(30), 0.95)


@pytest.mark.slow
def test_many_tables_of_few_rules_give_no_wrong_value():
    check_cases(range(30, 430), 0.95)
