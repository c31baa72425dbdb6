"""The cheap proof that a key is unique says the same as grouping by it, and gives up where it cannot tell."""

from collections import Counter

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.warehouse import uniqueness
from gongkai.warehouse.uniqueness import is_unique

KEY = ("report", "part", "line")
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.integers(0, 70)), max_size=200)


def ask(rows):
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t (report VARCHAR, part VARCHAR, line INTEGER)")
        if rows:
            con.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        return is_unique(con, "t", KEY)


@settings(max_examples=40)
@given(rows=ROWS, sample=st.integers(1, 50))
def test_it_says_what_grouping_says(rows, sample):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uniqueness, "_SAMPLE", sample)
        assert ask(rows) is all(n == 1 for n in Counter(rows).values())
        assert ask(sorted(set(rows)))


@pytest.mark.parametrize("places", [1, 61, 62, 63, 124, 1000])
def test_each_place_has_a_bit_of_its_own(places):
    rows = [(report, "x", line) for report in "ab" for line in range(places)]
    assert ask(rows)
    assert not ask([*rows, rows[-1]])
    assert not ask([*rows, rows[0]])


def test_a_key_that_it_cannot_judge_is_left_to_grouping():
    assert not ask([("a", "x", line) for line in range(1001)])
    assert not ask([("a", None, 1), ("a", "x", 2)])
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT 'a' AS report")
        assert not is_unique(con, "t", ("report",))
