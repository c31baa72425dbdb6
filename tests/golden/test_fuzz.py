"""Thousands of damaged documents: no crash, no hang, no wrong value without a flag.

Every case is named by its number; `case(number)` makes it again. make test runs a few hundred, make test-all 10,000.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from gongkai.documents.model import Document
from gongkai.documents.read import read
from gongkai.errors import DocumentError
from gongkai.reports.build import build_report
from gongkai.reports.model import Report, State

from .fuzz import as_doc, as_md, as_txt, damage, flip_bits
from .truth import truths

TABLES, FILES = 8000, 2000
"""Cases of damaged tables and of damaged files; together the 10,000 of make test-all."""
CHUNK = 250
QUICK_TABLES, QUICK_FILES = range(300), range(120)
MOST_SECONDS = 20
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
    """One file of every format that needs no other program."""
    chosen = [(name, truths()[name].data) for name in NAMES if "-2021" in name or "-2018" in name or "-2020" in name]
    source = sample("yunling-government-2023.docx")
    return (*chosen, ("report.txt", as_txt(source)), ("report.md", as_md(source)), ("report.doc", as_doc(source)))


def judge_files(numbers: range) -> tuple[int, int]:
    """Read files with flipped bits; the numbers of those read and of those refused."""
    done = refused = 0
    for number in numbers:
        name, data = files()[number % len(files())]
        try:
            with bounded(MOST_SECONDS):
                build_report(read(flip_bits(data, number), name))
            done += 1
        except DocumentError as refusal:
            assert refusal.what and len(str(refusal)) < 2000, (number, name)
            refused += 1
        except Exception as crash:
            raise AssertionError(f"case {number} ({name}) crashed: {crash!r}") from crash
    return done, refused


def test_the_files_to_be_damaged_are_read_undamaged():
    for name, data in files():
        assert build_report(read(data, name)).cells
    assert {name.rsplit(".", 1)[1] for name, _ in files()} == {"docx", "html", "pdf", "txt", "md", "doc"}


def test_flipped_bits_are_read_or_refused_with_a_reason():
    done, refused = judge_files(QUICK_FILES)
    assert done and refused


@pytest.mark.slow
@pytest.mark.parametrize("start", range(QUICK_FILES.stop, FILES, CHUNK))
def test_many_flipped_bits_are_read_or_refused_with_a_reason(start):
    done, refused = judge_files(range(start, min(start + CHUNK, FILES)))
    assert done and refused


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
