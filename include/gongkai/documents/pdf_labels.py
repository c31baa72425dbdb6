"""Labels of rows without rules: which lines of text make one label, and which row of values it stands at."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from gongkai.documents.pdf_words import Word

ANCHORS: tuple[tuple[str, Callable[[Sequence[Word]], float]], ...] = (
    ("middle", lambda words: (words[0].y + words[-1].y) / 2),
    ("last", lambda words: words[-1].y),
    ("first", lambda words: words[0].y),
)
"""Where in a label of several lines its values may stand; the likelier ones first."""

NUMBERED = re.compile(r"[（(]?(?:[一二三四五六七八九十]{1,3}|[\d０-９]{1,2})[)）、.．](?![\d０-９])|其中[:：]")
"""How a label with a number of its own begins."""
_LEADING = 1.9
"""Font sizes from one line of a label to the next, at most."""
_FREE = 0.5
"""What a label without values costs, in font sizes of distance from a row."""
_UNNAMED = 100.0
_NO_WRAP = 0.9
_BESIDE = 2.5
_AS_LIKELY = 0.35
_NEAR = 0.45
_ON = 0.2
"""A line so near the height of a row is on it: no other row's label goes past it."""
_MOST_LINES = 6
_ALIGNED, _INDENT = 0.6, 2.3


@dataclass(frozen=True, slots=True)
class Label:
    """Words under each other that make a label, and the row of values it stands at (None: it has none).

    `is_blank`: it has none, but is numbered and the label of a row: all values of the row are blank. `is_doubtful`: it
    would have values if they hung otherwise, which is about as likely.
    """

    words: tuple[Word, ...]
    row: int | None
    is_blank: bool = False
    is_doubtful: bool = False

    @property
    def text(self) -> str:
        """Its lines."""
        return "\n".join(word.text for word in self.words)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Its box."""
        return (
            min(word.x0 for word in self.words),
            self.words[0].top,
            max(word.x1 for word in self.words),
            self.words[-1].bottom,
        )


def find_labels(
    words: Sequence[Word], rows: Sequence[float], parted: Callable[[Word, Word], bool]
) -> tuple[list[Label], set[int]]:
    """Make labels of words.

    All labels of a table hang on their values alike: on the middle, on the last or on the first line. That which leaves
    the fewest rows without a label is taken, then that which brings the labels nearest to their rows and the lines of a
    label nearest to each other.

    Args:
        words: Words beside the values.
        rows: Heights of the rows of values, ascending.
        parted: Tells whether a rule stands between two words under each other.

    Returns:
        The labels, and the rows that would have another label if values hung otherwise, where that is about as likely.
    """
    chains = _chains(sorted(words, key=lambda word: word.y), parted)
    gaps = [lower.y - upper.y for chain in chains for upper, lower in pairwise(chain) if len(lower.text) > 1]
    pitch = median([after - before for before, after in pairwise(rows)] or [0.0])
    leading = min(gaps, default=0.0)
    if leading >= _NO_WRAP * pitch:
        leading = 0.0  # lines stand as far apart as rows do: no label has several
    ways: list[list[tuple[float, list[Label]]]] = [
        [_cut(chain, rows, anchor, leading) for chain in chains] for _, anchor in ANCHORS
    ]
    names = [_row_labels([label for _, found in way for label in found]) for way in ways]
    telling = {id(label.words[0]) for named in names for label in named.values()}
    costs = []
    for way, named in zip(ways, names, strict=True):
        # Labels of groups, which stand beside those of rows, say nothing of how values hang.
        of_rows = [
            cost for chain, (cost, _) in zip(chains, way, strict=True) if any(id(word) in telling for word in chain)
        ]
        costs.append(sum(of_rows) + _UNNAMED * (len(rows) - sum(map(_is_wordy, named.values()))))
    best = costs.index(min(costs))
    likely = [named for cost, named in zip(costs, names, strict=True) if cost <= costs[best] + _AS_LIKELY]
    unsure = {row for row in range(len(rows)) if len({named[row].text if row in named else "" for named in likely}) > 1}
    labels = [label for _, found in ways[best] for label in found]
    anchored = {id(word) for named in likely for label in named.values() for word in label.words}
    labels = [
        replace(label, is_blank=True, is_doubtful=any(id(word) in anchored for word in label.words))
        if _stands_alone(label, labels)
        else label
        for label in labels
    ]
    return sorted(labels, key=lambda label: (label.box[1], label.box[0])), unsure


def _stands_alone(label: Label, labels: Sequence[Label]) -> bool:
    """Tell whether a label without values is that of a row: numbered, and no label stands nearer to the values."""
    if label.row is not None or not NUMBERED.match(label.text):
        return False
    _, top, right, bottom = label.box
    reach = _BESIDE * label.words[0].size
    return not any(
        other.box[0] >= right and top - reach < other.box[3] and other.box[1] < bottom + reach and _is_wordy(other)
        for other in labels
    )


def _is_wordy(label: Label) -> bool:
    return any(len(word.text) > 1 for word in label.words)


def _row_labels(labels: Sequence[Label]) -> dict[int, Label]:
    """The label next to the values of each row."""
    found: dict[int, Label] = {}
    for label in labels:
        if label.row is not None and (label.row not in found or found[label.row].box[0] < label.box[0]):
            found[label.row] = label
    return found


def _chains(words: Sequence[Word], parted: Callable[[Word, Word], bool]) -> list[list[Word]]:
    """Group words that stand under each other, flush on the left or about one middle."""
    chains: list[list[Word]] = []
    near: list[list[Word]] = []
    for word in words:
        near = [chain for chain in near if word.y - chain[-1].y <= _LEADING * max(word.size, chain[-1].size)]
        fitting = [
            chain
            for chain in near
            if 0.3 * word.size < word.y - chain[-1].y and _is_aligned(chain[-1], word) and not parted(chain[-1], word)
        ]
        if fitting:
            max(fitting, key=lambda chain: chain[-1].y).append(word)
        else:
            chains.append([word])
            near.append(chains[-1])
    return chains


def _is_aligned(upper: Word, lower: Word) -> bool:
    reach = _ALIGNED * lower.size
    if not lower.meets(upper.x0, upper.x1):
        return False
    if 0 < upper.x0 - lower.x0 <= _INDENT * lower.size and not NUMBERED.match(lower.text):
        return True  # the first line is indented
    return abs(upper.x0 - lower.x0) <= reach or abs(upper.x0 + upper.x1 - lower.x0 - lower.x1) <= 2 * reach


def _cut(
    chain: Sequence[Word], rows: Sequence[float], anchor: Callable[[Sequence[Word]], float], leading: float
) -> tuple[float, list[Label]]:
    """Cut a chain into labels at the least cost: their distances from their rows, and something for those without."""
    best: list[tuple[float, int, int | None, int]] = [(0.0, 0, None, -1)]  # cost, start, row, last row used
    for end in range(1, len(chain) + 1):
        options: list[tuple[float, int, int | None, int]] = []
        for start in range(end - 1, max(0, end - _MOST_LINES) - 1, -1):
            if start < end - 1 and NUMBERED.match(chain[start + 1].text):
                break  # what begins with a number of its own is no second line
            before, _, _, used = best[start]
            block = chain[start:end]
            before += sum(max(lower.y - upper.y - leading, 0.0) for upper, lower in pairwise(block)) / block[0].size
            options.append((before + _FREE, start, None, used))
            at, size = anchor(block), block[0].size
            place = bisect_left(rows, at - _NEAR * size)
            inside = bisect_left(rows, block[0].y - _ON * size), bisect_left(rows, block[-1].y + _ON * size)
            while place < len(rows) and rows[place] <= at + _NEAR * size:
                is_own = inside[1] - inside[0] == (inside[0] <= place < inside[1])
                if place > used and is_own:
                    options.append((before + abs(rows[place] - at) / size, start, place, place))
                place += 1
        best.append(min(options, key=lambda option: option[0]))
    labels: list[Label] = []
    end = len(chain)
    while end:
        _, start, row, _ = best[end]
        labels.append(Label(tuple(chain[start:end]), row))
        end = start
    return best[-1][0], labels[::-1]
