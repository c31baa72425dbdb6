"""Years are grouped in order, none twice, none left out."""

from hypothesis import given
from hypothesis import strategies as st

from gongkai.warehouse.portions import portions

ROWS = st.dictionaries(st.integers(2008, 2030), st.integers(0, 100))


@given(rows=ROWS, most=st.integers(1, 200))
def test_groups_are_in_order_and_as_large_as_they_may_be(rows, most):
    found = list(portions(rows, most))
    assert [year for some in found for year in some] == sorted(rows)
    sizes = [sum(rows[year] for year in some) for some in found]
    assert all(size <= most or len(some) == 1 for size, some in zip(sizes, found, strict=True))
    assert all(size + rows[after[0]] > most for size, after in zip(sizes, found[1:], strict=False))


def test_nothing_is_no_group():
    assert list(portions({}, 10)) == []
