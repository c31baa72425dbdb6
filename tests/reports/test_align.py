from __future__ import annotations

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from gongkai.reports.align import Candidate, align


def candidate(row, target, weight):
    return Candidate(row, target, weight, 1.0, 0)


def test_order_decides_between_equal_labels():
    # 其他 (header), 自然人 row, 其他 (row): only one order fits the template.
    found = align([candidate(0, 2, 0.4), candidate(1, 1, 1.0), candidate(2, 2, 1.0)], 3)
    assert [(one.row, one.target) for one in found] == [(1, 1), (2, 2)]


def test_nothing_to_align():
    assert align([], 5) == []


def best_by_trying(candidates):
    """Weight of the best chain by trying all, for small inputs."""
    best = 0.0
    for size in range(1, len(candidates) + 1):
        for chain in combinations(candidates, size):
            pairs = list(pairwise(chain))
            if all(a.row < b.row and a.target < b.target for a, b in pairs):
                best = max(best, sum(one.weight for one in chain))
    return best


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(1, 9)), max_size=9))
def test_no_chain_is_heavier(triples):
    candidates = [candidate(row, target, weight) for row, target, weight in sorted(triples)]
    found = align(candidates, 5)
    assert all(a.row < b.row and a.target < b.target for a, b in pairwise(found))
    assert sum(one.weight for one in found) == best_by_trying(candidates)
