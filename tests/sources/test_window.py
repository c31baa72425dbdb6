from datetime import UTC, datetime

import pytest

from gongkai.sources.window import parse_window


@pytest.mark.parametrize(
    ("text", "opened", "closed"),
    [("22:00-06:00", (22, 23, 0, 5), (6, 12, 21)), ("12:30-13:30", (13,), (12, 14, 0))],
)
def test_hours_are_those_of_china(text, opened, closed):
    window = parse_window(text)
    assert str(window) == text
    for hour in (*opened, *closed):
        moment = datetime(2024, 1, 31, (hour - 8) % 24, tzinfo=UTC)
        assert (moment in window) is (hour in opened), hour


def test_the_end_is_not_in_it():
    window = parse_window("22:00-06:00")
    assert datetime(2024, 1, 31, 21, 59, 59, tzinfo=UTC) in window
    assert datetime(2024, 1, 31, 22, 0, tzinfo=UTC) not in window


def test_no_window_is_any_hour():
    assert parse_window("") is None


@pytest.mark.parametrize("text", ["22:00", "24:00-06:00", "22:60-06:00", "6-7", "06:00-06:00", "22:00–06:00"])
def test_other_forms_are_errors(text):
    with pytest.raises(ValueError, match="window"):
        parse_window(text)
