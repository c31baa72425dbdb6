"""The errors that Gongkai raises: each says what, where, found, expected, and what to do."""

from __future__ import annotations


class GongkaiError(Exception):
    """Base of all errors of this project.

    Args:
        what: One sentence that names the problem.
        where: File, line, URL, or cell the problem is in.
        found: What was there.
        expected: What should have been there.
        do: What the reader of the message can do next.
    """

    code = "error"

    def __init__(
        self, what: str, *, where: str = "", found: object = None, expected: object = None, do: str = ""
    ) -> None:
        self.what, self.where, self.found, self.expected, self.do = what, where, found, expected, do
        super().__init__(what)

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.found is not None:
            parts.append(f"found {self.found}")
        if self.expected is not None:
            parts.append(f"expected {self.expected}")
        if self.do:
            parts.append(self.do)
        return "; ".join(parts)

    def __reduce__(self) -> tuple[object, ...]:
        """Keep every part when the error crosses a process boundary."""
        return (_rebuild, (type(self), self.what, self.where, self.found, self.expected, self.do))


def _rebuild(kind: type[GongkaiError], what: str, where: str, found: object, expected: object, do: str) -> GongkaiError:
    return kind(what, where=where, found=found, expected=expected, do=do)


class RunError(GongkaiError):
    """A run cannot start or go on: settings, arguments, environment."""

    code = "run_error"


class ContractError(RunError):
    """A YAML file of data_contracts/ or include/sources/ is broken."""

    code = "broken_contract"


class GateError(RunError):
    """A release did not pass a gate of the publish protocol; the release before it stays."""

    code = "gate_failed"


class DiskError(RunError):
    """There is no room to write: the disk, a quota or a limit of file size is full; what was published stays."""

    code = "disk_full"


class SourceError(GongkaiError):
    """A portal did not give what its source describes."""

    code = "source_error"


class BlockedError(SourceError):
    """A portal refuses us for now (403, 429, block page, robots.txt)."""

    code = "blocked"


class GoneError(SourceError):
    """The address answers that there is nothing (404, 410)."""

    code = "gone"


class DocumentError(GongkaiError):
    """One document cannot be read; others go on."""

    code = "unreadable"


class EmptyDocumentError(DocumentError):
    """The document has no bytes, or no text."""

    code = "empty"


class DamagedDocumentError(DocumentError):
    """The document is cut off or corrupt."""

    code = "damaged"


class UnsupportedFormatError(DocumentError):
    """The content is of a format without a reader."""

    code = "unsupported_format"


class LimitError(DocumentError):
    """The document is larger or deeper than the limits in settings allow."""

    code = "over_limit"


class SlowDocumentError(DocumentError):
    """Reading the document took longer than the limits allow; its reader was ended."""

    code = "timeout"


class CrashedError(DocumentError):
    """The reader of the document failed in a way that it does not know; its process may be gone."""

    code = "crashed"


class NotAReportError(DocumentError):
    """The document was read but is not an annual disclosure report."""

    code = "not_a_report"


class UnknownTemplateError(DocumentError):
    """The document is a report, but its tables fit no template of data_contracts/templates."""

    code = "unknown_template"


class NoTablesError(DocumentError):
    """The document is a report whose text holds none of the template's tables."""

    code = "no_tables"


class UnknownIdentityError(DocumentError):
    """The document is a report that does not tell its year."""

    code = "unknown_identity"
