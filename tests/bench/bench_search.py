"""How long a search over the narratives takes: python -m tests.bench.bench_search --reports 150000.

The text is that of tests.bench.searchable, in a file like a release; each search is sent as an analyst sends it, over
all years, and its answer read to the end.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
from tests.bench.common import Figure, interleaved, show
from tests.bench.searchable import RARE, write

SEARCHES = {
    "a rare phrase": (RARE, 1.5),
    "a common word": ("政府信息公开", 2.0),
    "two words": ("行政复议 公开", 3.0),
    "figures and signs": ("12345", 5.0),
}
"""Words, and the most processor seconds that a search over 150,000 reports may take; over fewer, no less."""


def searching(reports: int = 150_000, rounds: int = 3) -> Iterator[Figure]:
    """Yield the seconds of each kind of search over that many reports."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "release.duckdb"
        write(path, reports)
        with duckdb.connect(str(path), read_only=True) as con:
            size = con.execute("SELECT sum(n_chars) FROM narratives WHERE topic_no = 0").fetchall()[0][0]
            yield Figure(f"text of {reports:,} reports", size / 1e6, "million characters")
            queries = [f"FROM mart.search_narratives('{words}')" for words, _ in SEARCHES.values()]
            actions = [lambda query=query: con.execute(query).fetchall() for query in queries]
            times = interleaved(actions, rounds)
            for (name, (words, most)), seconds in zip(SEARCHES.items(), times, strict=True):
                yield Figure(
                    f"search for {name}", seconds, "s", most * max(reports / 150_000, 1), at_most=True, note=words
                )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=150_000)
    show("searching the text, processor seconds of all cores", searching(parser.parse_args().reports), 1.0)


if __name__ == "__main__":
    main()
