"""Thousands of damaged documents: no crash, no hang, no wrong value without a flag.

Every case is named by its number; `case(number)` makes it again. make test runs a few hundred, make test-all 10,000.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from gongkai.documents import office
from gongkai.documents.model import Document
from gongkai.documents.read import read
from gongkai.errors import DocumentError
from gongkai.pipeline.extract import extract_bytes
from gongkai.reports.build import build_report
from gongkai.reports.model import Report, State

from .fuzz import damage
from .fuzz_files import damaged, heavy_files, light_files
from .mutate import sample_entries
from .truth import truths

TABLES, FILES = 8000, 2000
"""Cases of damaged tables and of damaged files; together the 10,000 of make test-all."""
CHUNK = 250
QUICK_TABLES, QUICK_FILES = range(300), range(16)
SLOW_FILES = 80
"""Cases of damaged pictures, scans and rich text, of a second or more each."""
MOST_SECONDS = 20
MOST_SECONDS_OF_FILES = 60
"""A damaged file may be read a second time, by recognition of its pages."""
NAMES = sorted(truths())


@contextmanager
def bounded(seconds: int) -> Iterator[None]:
    """Fail when the body takes longer: a hang must not hang the tests."""

    def stop(*_):
        raise TimeoutError(f"still busy after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@cache
def sample(name: str) -> Document:
    return read(truths()[name].data, name)


def places(report: Report) -> dict[tuple[str, str, str], tuple[object, ...]]:
    """Where every number was read, and which it is."""
    return {
        (c.table, c.row, c.column): (c.path, c.page, c.bbox, c.value) for c in report.cells if c.state is State.NUMBER
    }


@cache
def whole(name: str) -> dict[tuple[str, str, str], tuple[object, ...]]:
    return places(build_report(sample(name)))


def case(number: int) -> tuple[str, tuple[str, ...], Document]:
    """Name of the sample, what was done to it, and the damaged document."""
    name = NAMES[number % len(NAMES)]
    document, done = damage(sample(name), number)
    return name, done, document


def judge_tables(numbers: range) -> int:
    """Read cases; the number of values that were still found."""
    found = 0
    for number in numbers:
        name, done, document = case(number)
        try:
            with bounded(MOST_SECONDS):
                got = places(build_report(document))
        except DocumentError as refusal:
            assert str(refusal), (number, name, done)
            continue
        wrong = {key: value for key, value in got.items() if whole(name).get(key) != value}
        assert not wrong, f"case {number} ({name}, {', '.join(done)}): {dict(list(wrong.items())[:3])}"
        found += len(got)
    return found


def test_damaged_tables_give_no_wrong_value():
    expected = sum(len(whole(NAMES[number % len(NAMES)])) for number in QUICK_TABLES)
    assert judge_tables(QUICK_TABLES) > 0.8 * expected


@pytest.mark.slow
@pytest.mark.parametrize("start", range(QUICK_TABLES.stop, TABLES, CHUNK))
def test_many_damaged_tables_give_no_wrong_value(start):
    assert judge_tables(range(start, min(start + CHUNK, TABLES)))


@pytest.mark.parametrize("number", [4335, 5921, 6797, 7807])
def test_a_piece_of_a_table_below_a_page_break_is_not_taken_in_the_wrong_order(number):
    """Pieces without a header of their own, of tables whose columns moved or that lost blanks and gained others."""
    judge_tables(range(number, number + 1))


@cache
def files() -> tuple[tuple[str, bytes], ...]:
    """A file of every format that needs no other program, and the samples of some years."""
    chosen = [(name, truths()[name].data) for name in NAMES if "-2021" in name or "-2018" in name or "-2020" in name]
    made = light_files(
        sample("yunling-government-2023.docx"),
        truths()["yunling-education-2023.pdf"].data,
        truths()["yunling-health-2021.html"].data,
        truths()["yunling-education-2022.docx"].data,
    )
    return (*made.items(), *chosen)


@cache
def slow_files() -> tuple[tuple[str, bytes], ...]:
    """A file of every format whose characters are recognised, or that LibreOffice reads where it is installed."""
    paper = sample_entries()["xiajiang-government-2024.pdf"].paper
    found = heavy_files(sample("yunling-government-2023.docx"), paper)
    return tuple((name, data) for name, data in found.items() if office.available() or not name.endswith(".rtf"))


def judge_files(
    numbers: range, chosen: tuple[tuple[str, bytes], ...], seconds: int = MOST_SECONDS_OF_FILES
) -> tuple[int, int]:
    """Read files with flipped bits; the numbers of those that gave a report and of those refused."""
    done = refused = 0
    for number in numbers:
        name, data = chosen[number % len(chosen)]
        try:
            with bounded(seconds):
                found = extract_bytes(damaged(data, number), name)
        except Exception as crash:
            raise AssertionError(f"case {number} ({name}) crashed: {crash!r}") from crash
        if found.report:
            done += 1
        else:
            assert found.error_code, (number, name)
            assert 10 < len(found.reason) < 4000, (number, name, found.reason)
            refused += 1
    return done, refused


def test_the_files_to_be_damaged_are_read_undamaged():
    for name, data in files():
        found = extract_bytes(data, name)
        assert found.report or name.endswith(".gz"), (name, found.reason)
    assert {name.rsplit(".", 1)[1] for name, _ in files()} == {
        "docx", "html", "pdf", "txt", "md", "doc", "odt", "ofd", "mht", "zip", "7z", "rar", "gz",
    }  # fmt: skip


def test_flipped_bits_are_read_or_refused_with_a_reason():
    done, refused = judge_files(QUICK_FILES, files())
    assert done and refused


@pytest.mark.slow
@pytest.mark.parametrize("start", range(QUICK_FILES.stop, FILES, CHUNK))
def test_many_flipped_bits_are_read_or_refused_with_a_reason(start):
    done, refused = judge_files(range(start, min(start + CHUNK, FILES)), files())
    assert done and refused


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, SLOW_FILES, 20))
def test_flipped_bits_of_pictures_scans_and_rich_text_are_read_or_refused_with_a_reason(start):
    """A table alone is no report, so that most say what is missing; none may crash or hang."""
    assert sum(judge_files(range(start, start + 20), slow_files())) == 20


@pytest.mark.slow
@pytest.mark.corpus
def test_damaged_documents_of_the_corpus_give_no_wrong_value(shared):
    paths = [
        path
        for folder in ("seeds", "real", "sample")
        for path in sorted((shared / "corpus" / folder).iterdir())
        if path.suffix != ".json" and "scan" not in path.name and "attachment.html" not in path.name
    ]
    for position, path in enumerate(paths):
        document = read(path.read_bytes(), path.name)
        known = places(build_report(document))
        for seed in range(20):
            damaged, done = damage(document, 1000 * position + seed)
            try:
                with bounded(MOST_SECONDS):
                    got = places(build_report(damaged))
            except DocumentError:
                continue
            assert got.items() <= known.items(), (path.name, seed, done)
