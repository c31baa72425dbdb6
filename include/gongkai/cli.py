"""The gongkai command: each subcommand calls the function that the DAG task calls.

Exit status: 0 done, 1 found something to look at, 2 could not run.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gongkai.cli_bi import app as bi_app
from gongkai.cli_contracts import contracts_app
from gongkai.cli_review import app as review_app
from gongkai.errors import GongkaiError
from gongkai.pipeline.output import Format, write_rows
from gongkai.settings import get_settings

DONE, LOOK, FAILED = 0, 1, 2

app = typer.Typer(
    name="gongkai",
    help="Annual information-disclosure reports: collected, read, checked, published.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
releases_app = typer.Typer(help="List, compare and choose releases of the warehouse.", no_args_is_help=True)
sources_app = typer.Typer(help="List, check and try the sources.", no_args_is_help=True)
app.add_typer(sources_app, name="sources")
app.add_typer(releases_app, name="releases")
app.add_typer(review_app, name="review")
app.add_typer(contracts_app, name="contracts")
app.add_typer(bi_app, name="bi")

Paths = Annotated[list[Path], typer.Argument(help="files, or folders of files")]
Form = Annotated[Format, typer.Option("--format", help="how rows are written")]
Target = Annotated[Path | None, typer.Option("-o", "--output", help="file to write; default standard output")]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, help="processes that read documents at once")]
Years = Annotated[list[int] | None, typer.Option("--year", help="report year; repeat for several; default all")]


@app.command()
def extract(
    paths: Paths,
    form: Form = Format.TABLE,
    output: Target = None,
    jobs: Jobs = None,
    explain: Annotated[Path | None, typer.Option(help="folder for pages that show where each value was read")] = None,
) -> int:
    """Read documents: one row a cell, found or not; one row with the reason for a document that is no report."""
    from gongkai.pipeline import cell_rows, extract

    files = extract.files_of(paths)
    incomplete = 0
    explanations = None
    if explain is not None:
        from gongkai.pipeline.explain import Explanations

        explanations = Explanations(explain)

    def rows() -> cell_rows.Rows:
        nonlocal incomplete
        for file, extraction in extract.extract_files(files, jobs or get_settings().jobs):
            incomplete += not cell_rows.is_complete(extraction)
            if explanations is not None:
                explanations.add(file, extraction)
            yield from cell_rows.cell_rows(str(file), extraction)

    write_rows(rows(), cell_rows.COLUMNS, form, output, numbers=("value", "confidence"))
    if explanations is not None:
        typer.echo(f"explained in {explanations.finish(jobs or get_settings().jobs)}", err=True)
    if incomplete:
        typer.echo(f"{incomplete} of {len(files)} documents were not read whole; see state not_extracted", err=True)
    return LOOK if incomplete else DONE


@app.command()
def check(
    paths: Paths,
    form: Form = Format.TABLE,
    output: Target = None,
    jobs: Jobs = None,
    engines: Annotated[str, typer.Option(help="sql, or both to have Great Expectations judge too")] = "sql",
) -> int:
    """Check documents: one row a verdict other than pass; several years of an agency are checked across years."""
    from gongkai.pipeline import check, extract

    files = extract.files_of(paths)
    reports, unread = {}, []
    for file, extraction in extract.extract_files(files, jobs or get_settings().jobs):
        if extraction.report is None:
            unread.append(check.error_row(str(file), extraction.error_code, extraction.reason))
        else:
            reports[str(file)] = extraction.report
    result = check.check_reports(reports, "both" if engines == "both" else "sql")
    rows = [*check.finding_rows(result, reports), *unread]
    write_rows(rows, check.COLUMNS, form, output, numbers=("printed", "expected"))
    failed = sum(row["outcome"] == "fail" for row in rows)
    typer.echo(
        f"{len(reports)} reports checked, {len(unread)} documents unread, {failed} rules failed, "
        f"{sum(row['outcome'] == 'undecidable' for row in rows) - len(unread)} undecidable",
        err=True,
    )
    return LOOK if failed or unread else DONE


@app.command()
def collect(
    source: Annotated[list[str] | None, typer.Option("--source", help="name of a source; default all")] = None,
    year: Years = None,
) -> int:
    """Ask the sources for reports and archive what is new; the only step that uses the network."""
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is for results
    from gongkai.pipeline.collect import collect_sources
    from gongkai.pipeline.tables import print_table

    run = collect_sources(year, source)
    print_table(run.rows(), "collected")
    return LOOK if run.needs_a_look else DONE


@app.command()
def load(year: Years = None) -> int:
    """Extract what is new, check, settle, and write the lake: years named, or those that something changed for."""
    from gongkai.pipeline.load import load_stale, load_year
    from gongkai.pipeline.tables import print_table

    rows = [load_year(one) for one in year] if year else load_stale()
    print_table(rows, "loaded")
    return LOOK if any(row.get("quarantined") or row.get("unread") for row in rows) else DONE


@app.command()
def publish(
    force: Annotated[bool, typer.Option(help="publish though a gate compares badly with the release before")] = False,
) -> int:
    """Build a release of the warehouse from the lake, gate it, and flip the link to it."""
    from gongkai.pipeline.publish import publish
    from gongkai.pipeline.tables import print_table

    made = publish(force=force)
    print_table([{"table": name, "rows": count} for name, count in made["rows"].items()], made["release_id"])
    typer.echo(f"{'published' if made['changed'] else 'unchanged since'} {made['release_id']}: {made['path']}")
    return DONE


@app.command()
def dashboard(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="folder; default <data>/dashboard")] = None,
) -> int:
    """Write a page of the current release that any browser opens without a network: coverage, trends, quality."""
    from gongkai.pipeline.dashboard import write_dashboard

    made = write_dashboard(output)
    typer.echo(f"wrote {made.page} ({made.n_reports} reports, {made.n_bytes / 2**20:.1f} MB)")
    if made.n_left_out:
        typer.echo(f"{made.n_left_out} reports without page: see GONGKAI_DASHBOARD_REPORTS", err=True)
    return DONE


@app.command()
def status(year: Annotated[int | None, typer.Option("--year", help="report year; default all")] = None) -> int:
    """Show the current release: reports, findings, documents that need a look; and which years are stale."""
    from gongkai.pipeline.load import open_lake
    from gongkai.pipeline.staleness import stale_rows
    from gongkai.pipeline.status import status
    from gongkai.pipeline.tables import print_table

    found = status(year)
    for title, rows in found.tables().items():
        print_table(rows, title)
    print_table(stale_rows(open_lake(), year), "stale years: run gongkai load")
    return DONE


@releases_app.command("list")
def releases_list() -> int:
    """List the releases that are kept, newest first."""
    from gongkai.pipeline.publish import releases
    from gongkai.pipeline.tables import print_table

    print_table(releases(), "releases")
    return DONE


@releases_app.command("diff")
def releases_diff(a: str, b: str) -> int:
    """Show what changed from release A to release B: reports added, removed, revised; values changed."""
    from gongkai.pipeline.publish import release_diff
    from gongkai.pipeline.tables import print_table

    for title, rows in release_diff(a, b).items():
        print_table(rows, title)
    return DONE


@releases_app.command("use")
def releases_use(release: str) -> int:
    """Make a kept release the current one."""
    from gongkai.pipeline.publish import use_release

    typer.echo(f"current release: {use_release(release)}")
    return DONE


@releases_app.command("export")
def releases_export(release: str, file: Path) -> int:
    """Write a kept release as one DuckDB file that stands alone, to take elsewhere."""
    from gongkai.pipeline.publish import export_release

    typer.echo(f"wrote {export_release(release, file)}")
    return DONE


@sources_app.command("list")
def sources_list() -> int:
    """List the sources: adapter, columns, what is expected, how hard they may be asked, when a person last looked."""
    from gongkai.pipeline.sources import list_rows
    from gongkai.pipeline.tables import print_table

    print_table(list_rows(), "sources")
    return DONE


@sources_app.command("check")
def sources_check(
    names: Annotated[list[str] | None, typer.Argument(help="names of sources; default all")] = None,
) -> int:
    """Check the source files without asking any portal: every reason with file and line."""
    from gongkai.pipeline.sources import check

    found = check(names or ())
    for finding in found:
        typer.echo(str(finding))
    typer.echo(f"{len(found)} to look at" if found else "nothing to look at", err=True)
    return LOOK if found else DONE


@sources_app.command("try")
def sources_try(
    name: Annotated[str, typer.Argument(help="name of a source")],
    pages: Annotated[int, typer.Option(min=1, max=50, help="list pages to fetch")] = 1,
) -> int:
    """Fetch the first list pages of a source and show what a run would take and skip, and why; archives nothing."""
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    from gongkai.pipeline.sources import attempt

    trial = attempt(name, pages)
    for line in trial.lines():
        typer.echo(line)
    return DONE if trial.taken and not trial.has_trouble else LOOK


@sources_app.command("schema")
def sources_schema() -> int:
    """Print the JSON Schema of source files."""
    from gongkai.sources.schema import schema

    typer.echo(schema(), nl=False)
    return DONE


def main() -> None:
    """Run the command line; a broken pipe and Ctrl-C end it quietly, our own errors in one line."""
    try:
        status_code = app(standalone_mode=False)
    except GongkaiError as error:
        typer.echo(f"gongkai: {error}", err=True)
        status_code = FAILED
    except typer.Exit as error:
        status_code = error.exit_code
    except typer.Abort:
        status_code = 130
    except KeyboardInterrupt:
        status_code = 130
    except BrokenPipeError:
        sys.stderr.close()
        status_code = DONE
    except Exception as error:
        show = getattr(error, "show", None)  # usage errors of the command line know how to show themselves
        if show is None:
            raise
        show()
        status_code = FAILED
    raise SystemExit(status_code if isinstance(status_code, int) else DONE)
