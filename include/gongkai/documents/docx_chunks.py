"""Documents of other formats inside a docx (altChunk, as report generators write them), put into their places."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from gongkai.documents.model import Block, Document, Grid


@dataclass(frozen=True, slots=True)
class Chunk:
    """A document inside another.

    Attributes:
        data: The document.
        path: Its place, e.g. "altChunk[1]".
        index: Number of the blocks before it.
    """

    data: bytes
    path: str
    index: int


@dataclass(slots=True)
class Chunks:
    """What reading them gave.

    Attributes:
        documents: Those that were read, in order.
        warnings: Why others were not.
    """

    documents: list[tuple[Chunk, Document]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def put_into(self, blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], list[int]]:
        """Return the blocks with those of the embedded documents, whose paths begin with that of their chunk.

        Returns:
            The blocks, and for each old number of blocks before a place the new one.
        """
        if not self.documents:
            return blocks, list(range(len(blocks) + 1))
        merged: list[Block] = []
        places: list[int] = []
        waiting = list(self.documents)
        for index in range(len(blocks) + 1):
            while waiting and waiting[0][0].index <= index:
                chunk, document = waiting.pop(0)
                merged += (_below(chunk.path, block) for block in document.blocks)
                self.warnings += (f"{chunk.path}: {warning}" for warning in document.warnings)
            places.append(len(merged))
            merged += blocks[index : index + 1]
        return tuple(merged), places


def _below(path: str, block: Block) -> Block:
    if isinstance(block, Grid):
        cells = tuple(replace(cell, path=f"{path}/{cell.path}") for cell in block.cells)
        return replace(block, cells=cells, path=f"{path}/{block.path}")
    return replace(block, path=f"{path}/{block.path}")
