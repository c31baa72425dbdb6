"""gongkai review: what waits for a person, and what the person decides."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from gongkai.pipeline.output import Format, write_rows

DONE, LOOK = 0, 1

app = typer.Typer(help="Look at reports in quarantine and decide on them.", no_args_is_help=True)

Report = Annotated[str, typer.Argument(help="report_id, or 8 or more characters of its document's sha256")]
Why = Annotated[str, typer.Option("--why", help="the reason, for everybody who reads the decision later")]
Who = Annotated[str, typer.Option("--by", help="who decides", default_factory=getpass.getuser)]
Form = Annotated[Format, typer.Option("--format", help="how rows are written")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


@app.command("list")
def list_(
    year: Annotated[int | None, typer.Option("--year", help="report year; default all")] = None,
    form: Form = Format.TABLE,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="file to write")] = None,
) -> int:
    """List the reports in quarantine that nobody decided on, with the reason; exit status 1 where there are any."""
    from gongkai.pipeline.quarantine import WAITING, waiting

    rows = waiting(year)
    write_rows(rows, (*WAITING, "asked", "decided"), form, output, numbers=("report_year", "n_failed_rules"))
    return LOOK if rows else DONE


@app.command()
def show(
    report: Report,
    as_json: Json = False,
    evidence: Annotated[bool, typer.Option(help="write the page that shows where each value was read")] = True,
) -> int:
    """Show a report: its findings, doubtful cells, proposals and decisions, and a page with the evidence."""
    from gongkai.pipeline.evidence import write_evidence
    from gongkai.pipeline.quarantine import case
    from gongkai.pipeline.tables import print_table

    found = case(report)
    page = write_evidence([found.report]).get(found.report["report_id"]) if evidence else None
    if as_json:
        typer.echo(json.dumps(found.as_dict() | {"evidence": page}, ensure_ascii=False, default=str, indent=1))
        return DONE
    for title, rows in found.tables().items():
        print_table(rows, title)
    if page:
        typer.echo(f"evidence: {page}")
    return DONE


@app.command()
def accept(
    report: Report,
    why: Why,
    who: Who,
    rule: Annotated[str, typer.Option("--rule", help="only the failing of this rule, as the publisher's")] = "",
    as_json: Json = False,
) -> int:
    """Accept a report as it was read, or with --rule that one failing rule is the publisher's own error."""
    from gongkai.pipeline.review import Reviewer
    from gongkai.pipeline.review import accept as decide

    return _say(decide(report, Reviewer(who, why), rule), as_json=as_json)


@app.command()
def correct(
    report: Report,
    cell: Annotated[str, typer.Argument(help="table/row/column")],
    value: Annotated[str, typer.Argument(help='what the document prints: a number, "blank", or a sign such as "/"')],
    why: Why,
    who: Who,
    as_json: Json = False,
) -> int:
    """Say what the document prints in a cell that was misread; what was read stays beside it."""
    from gongkai.pipeline.review import Reviewer
    from gongkai.pipeline.review import correct as decide

    return _say(decide(report, cell, value, Reviewer(who, why)), as_json=as_json)


@app.command()
def reject(report: Report, why: Why, who: Who, as_json: Json = False) -> int:
    """Leave a report in quarantine for good."""
    from gongkai.pipeline.review import Reviewer
    from gongkai.pipeline.review import reject as decide

    return _say(decide(report, Reviewer(who, why)), as_json=as_json)


@app.command()
def undo(
    decision: Annotated[str, typer.Argument(help="decision_id, as `gongkai review show` lists it")],
    why: Why,
    who: Who,
    as_json: Json = False,
) -> int:
    """Undo a decision; both stay on record."""
    from gongkai.pipeline.review import Reviewer
    from gongkai.pipeline.review import undo as decide

    return _say(decide(decision, Reviewer(who, why)), as_json=as_json)


def _say(decision: Any, *, as_json: bool) -> int:
    from gongkai.pipeline.quarantine import decision_row

    row = decision_row(decision)
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        typer.echo(f"{row['decision_id']}: {row['kind']} {row['report_id']} {row['what']}".rstrip())
        typer.echo(f"takes effect with: gongkai load --year {decision.report_year}; gongkai publish", err=True)
    return DONE
