"""What an answer was found to be, and which fate that is."""

from __future__ import annotations

from dataclasses import dataclass, field

from gongkai.archive.answers import AnswerKind
from gongkai.archive.log import Fate

_BLOCKED = frozenset({AnswerKind.BLOCK_PAGE, AnswerKind.JS_CHALLENGE, AnswerKind.LOGIN, AnswerKind.RATE_LIMITED})
_FAILED = frozenset({AnswerKind.TOO_LARGE})
_KEPT = frozenset(
    {
        *(AnswerKind.REPORT, AnswerKind.ATTACHMENT_PAGE, AnswerKind.PICTURE, AnswerKind.SHELL),
        AnswerKind.OTHER_FORMAT,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one answer is.

    Attributes:
        kind: Its class.
        reason: Why, in words; "" where there is nothing to say.
        targets: Where a page without text leads, each with "".
        files: Files that a page links: address and text.
        pictures: Pictures that a page shows.
    """

    kind: AnswerKind
    reason: str = ""
    targets: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()

    @property
    def fate(self) -> Fate | None:
        """The fate of a link that answers so; None for what is kept."""
        if self.kind in _KEPT:
            return None
        if self.kind in _BLOCKED:
            return Fate.BLOCKED
        return Fate.FAILED if self.kind in _FAILED else Fate.NOT_A_REPORT
