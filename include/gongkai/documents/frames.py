"""Tables of Word and OpenDocument files that only frame one value or label: they are no tables of their own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from lxml import etree

_LONGEST = 60
"""Characters of a value or label; more in one cell is a box around text."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Tells frames from tables in one kind of XML.

    Attributes:
        table: Tag of a table.
        cell: Tag of a cell.
        texts: Tags whose text counts, all where none is named.
    """

    table: str
    cell: str
    texts: tuple[str, ...] = ()

    def only_cell(self, table: etree._Element) -> etree._Element | None:
        """Return the cell of a table that is only a frame around one value or label."""
        found = list(islice(table.iterdescendants(self.cell, self.table), 2))
        if len(found) != 1 or sum(map(len, found[0].itertext(*self.texts))) > _LONGEST:
            return None
        return found[0]

    def inner_cells(self, element: etree._Element, enough: int) -> int:
        """Count the cells of the tables inside up to `enough`, without those that only frame a value or label."""
        count = 0
        for table in element.iterdescendants(self.table):
            if self.only_cell(table) is None:
                count += sum(1 for _ in islice(table.iterdescendants(self.cell), enough))
                if count >= enough:
                    break
        return count
