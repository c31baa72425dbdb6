"""Who wrote the same overview."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gongkai.quality.copied import Overviews, Wrote

WROTE = st.builds(Wrote, st.sampled_from("abcd"), st.integers(2022, 2024), st.sampled_from("xy"))


@given(st.lists(st.tuples(WROTE, st.sampled_from(["one", "two"]))), WROTE, st.integers(0, 12))
def test_the_year_before_and_the_first_other_agency_are_found(taken, asked, when):
    overviews = Overviews()
    for at, (wrote, digest) in enumerate(taken):
        if at == when:
            overviews.copies(asked, "one")  # asking in between changes nothing
        overviews.add(wrote, digest)
    same = sorted({wrote for wrote, digest in taken if digest == "one"})
    before = [one for one in same if one.agency == asked.agency and one.year == asked.year - 1]
    others = [one for one in same if one.agency != asked.agency]
    assert overviews.copies(asked, "one") == (next(iter(before), None), next(iter(others), None))
    assert overviews.copies(asked, "no such text") == (None, None)
