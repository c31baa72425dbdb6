"""What reviewers decided: append-only, keyed by content, so that nothing but the content can make it void.

One immutable file of JSON lines for each batch, under a name that no other writer chooses: several people and tasks
decide at once and never overwrite each other. What a decision speaks of is said by the document's sha256, the cell or
the rule, and the texts that were printed there; never by a position, a reading or a release.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import TypeAdapter, ValidationError

from gongkai.errors import RunError
from gongkai.lake.files import Files
from gongkai.reports.labels import squeeze
from gongkai.reports.model import State
from gongkai.settings import get_settings

MOST_WORDS = 2000
"""Most characters of a reason."""

_END = ".jsonl"


class Kind(StrEnum):
    """What a decision says."""

    ACCEPT = "accept"
    """The report may be published as it was read; with a rule, that its failing is the publisher's."""
    CORRECT = "correct"
    """What the document prints in a cell."""
    REJECT = "reject"
    """The report stays in quarantine for good."""
    LATER = "later"
    """Nothing yet: the report stays in quarantine and will be asked about again."""
    UNDO = "undo"
    """An earlier decision no longer holds."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of one person, or of nobody in time.

    Attributes:
        decision_id: Hash of all the rest, so that the same decision written twice is one.
        kind: What it says.
        at: When, UTC.
        who: The person, as the command or Airflow knows them; "nobody" where nobody answered.
        why: The reason in words.
        via: "command" or "airflow".
        report_id: The report it was about when it was made; for people, not for matching.
        report_year: The year that it touches.
        document_sha256: The document in force when it was made.
        content: Hash of the printed texts it relies on, "" where it relies on the document alone; see content_of.
        rule_id: The rule whose failing is accepted, "" else.
        cells: What that rule looked at in the report itself, "table/row/column".
        table: Table of the cell corrected, or of the one the rule judges.
        row: Its row.
        column: Its column.
        raw: Text printed in that cell; None where it was not extracted.
        state: What the corrected cell holds: number, blank or not_applicable.
        value: The corrected number.
        undoes: The decision that is undone.
        is_default: Nobody answered in time.
    """

    decision_id: str
    kind: Kind
    at: datetime
    who: str
    why: str
    via: str
    report_id: str
    report_year: int
    document_sha256: str
    content: str = ""
    rule_id: str = ""
    cells: tuple[str, ...] = ()
    table: str = ""
    row: str = ""
    column: str = ""
    raw: str | None = None
    state: State | None = None
    value: Decimal | None = None
    undoes: str = ""
    is_default: bool = False

    @property
    def cell(self) -> tuple[str, str, str]:
        """Table, row and column, as the cell of a report names itself."""
        return self.table, self.row, self.column


_adapter = TypeAdapter(Decision)


def named(decision: Decision) -> Decision:
    """Return the decision with its id.

    Raises:
        RunError: It does not say who or why, or says too much.
    """
    if not decision.who.strip() or not decision.why.strip() or max(len(decision.who), len(decision.why)) > MOST_WORDS:
        raise RunError(
            "a decision says who made it and why",
            found=f"who {decision.who[:40]!r}, why {decision.why[:40]!r}",
            expected=f"some words each, at most {MOST_WORDS} characters",
        )
    said = asdict(replace(decision, decision_id="", at=decision.at.astimezone(UTC)))
    digest = hashlib.sha256(json.dumps(said, default=str, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return replace(decision, decision_id=f"d-{digest[:16]}", at=decision.at.astimezone(UTC))


def content_of(texts: Mapping[tuple[str, str, str], str | None]) -> str:
    """Hash the printed texts of cells: white space aside, which readers treat differently, equal where all are."""
    said = sorted(["/".join(key), None if raw is None else squeeze(raw)] for key, raw in texts.items())
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()[:32]


class Decisions:
    """All decisions, at any fsspec location.

    Args:
        location: Local folder or fsspec URL.
    """

    def __init__(self, location: str) -> None:
        self.location = location
        self._files = Files(location)

    def add(self, batch: Sequence[Decision]) -> None:
        """Append decisions, all or none."""
        if not batch:
            return
        name = f"{max(one.at for one in batch):%Y%m%dT%H%M%S%f}-{secrets.token_hex(8)}{_END}"
        self._files.put(name, b"".join(_adapter.dump_json(one) + b"\n" for one in batch))

    def all(self) -> list[Decision]:
        """Return every decision, oldest first.

        Raises:
            RunError: A file is damaged: to go on without its decisions would change what was decided.
        """
        found: dict[str, Decision] = {}
        names = [one for one in self._files.names("") if one.endswith(_END) and not one.startswith(".")]
        for name in names:
            for number, line in enumerate((self._files.read(name) or b"").splitlines(), start=1):
                decision = self._parse(line, f"{self._files.full(name)}:{number}")
                found[decision.decision_id] = decision
        return sorted(found.values(), key=lambda one: (one.at, one.decision_id))

    def _parse(self, line: bytes, where: str) -> Decision:
        try:
            decision = _adapter.validate_json(line)
        except ValidationError as error:
            raise RunError(
                f"a damaged decision: {error.errors()[0]['msg']}", where=where,
                found=line[:120].decode("utf-8", "replace"),
                do="restore the file from a backup, or remove the line to go without it",
            ) from error  # fmt: skip
        if named(decision).decision_id != decision.decision_id:
            raise RunError(
                "a decision was changed after it was made", where=where, found=named(decision).decision_id,
                expected=decision.decision_id, do="restore the file from a backup; to change a decision undo it",
            )  # fmt: skip
        return decision


def open_decisions() -> Decisions:
    """Return the decisions of the settings."""
    return Decisions(get_settings().decisions)


def fingerprint(decisions: Sequence[Decision], year: int, documents: Collection[str]) -> str:
    """Hash the decisions that touch a report year.

    Args:
        decisions: All decisions, of whatever year.
        year: The report year.
        documents: The documents of the year (sha256): a decision goes with its document, whatever year it was made for.
    """
    ids = {one.decision_id for one in decisions if one.report_year == year or one.document_sha256 in documents}
    return hashlib.sha256("\n".join(sorted(with_undone(decisions, ids))).encode()).hexdigest()[:16]


def with_undone(decisions: Sequence[Decision], ids: set[str]) -> set[str]:
    """Add to some decisions, by id, what undoes them and what they undo: it may be of another year, or be undone."""
    pairs = [{one.decision_id, one.undoes} for one in decisions if one.undoes]
    while reached := [pair for pair in pairs if pair & ids and not pair <= ids]:
        ids = ids.union(*reached)
    return ids


def undone(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """Return for each decision that no longer holds the one that undid it; an undo may be undone in turn."""
    found: dict[str, Decision] = {}
    for one in sorted(decisions, key=lambda one: (one.at, one.decision_id), reverse=True):
        if one.kind is Kind.UNDO and one.decision_id not in found:
            found.setdefault(one.undoes, one)
    return found
