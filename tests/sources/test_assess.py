from datetime import date

import pytest

from gongkai.sources.assess import assess

COUNTS = {2021: 3, 2022: 1, 2023: 9, None: 2}


@pytest.mark.parametrize(
    ("assertions", "today", "short", "warnings"),
    [
        ({}, date(2025, 4, 1), (), ()),
        ({"min": 15, "max": 15}, date(2025, 4, 1), (), ()),
        ({"min": 16}, date(2025, 4, 1), (("15", "at least 16"),), ()),
        (
            {"max": 14},
            date(2025, 4, 1),
            (),
            ("15 reports are listed, more than the 14 that the source expects",),
        ),
        ({"per_year": {"min": 2}}, date(2025, 4, 1), (("2022: 1, 2024: 0", "at least 2 a year"),), ()),
        ({"per_year": {"min": 2}}, date(2025, 3, 31), (("2022: 1", "at least 2 a year"),), ()),
        (
            {"per_year": {"min": 1, "max": 5}},
            date(2025, 3, 31),
            (),
            ("9 reports of 2023 are listed, more than the 5 expected of a year",),
        ),
    ],
)
def test_counts_are_compared_as_a_whole_and_by_year(make_source, assertions, today, short, warnings):
    source = make_source("http://a/", assertions=assertions, expect={"years": {"first": 2021}})
    found = assess(source, COUNTS, today)
    assert (found.short, found.warnings) == (short, warnings)


def test_without_expected_years_no_year_is_missed(make_source):
    assert assess(make_source("http://a/", assertions={"per_year": {"min": 9}}), COUNTS, date(2025, 4, 1)).short == ()
