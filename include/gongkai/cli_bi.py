"""The subcommands of `gongkai bi`: what other tools import to read the warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gongkai.warehouse.superset.language import Language

DONE = 0

app = typer.Typer(help="Write what BI tools import to read the warehouse.", no_args_is_help=True)


@app.callback()
def bi() -> None:
    """Write what BI tools import to read the warehouse."""


@app.command()
def superset(
    output: Annotated[Path, typer.Option("-o", "--output", help="ZIP file to write")],
    warehouse: Annotated[
        Path | None,
        typer.Option(help="folder of releases, or gongkai.duckdb in it, as Superset's host sees it; default ours"),
    ] = None,
    language: Annotated[Language, typer.Option(help="of titles and labels; descriptions have both")] = Language.BOTH,
) -> int:
    """Write the bundle that Apache Superset imports: database, datasets, charts, dashboard."""
    from gongkai.pipeline.superset import write_bundle

    made = write_bundle(output, warehouse, language)
    typer.echo(f"wrote {output}: {made.count('datasets')} datasets, {made.count('charts')} charts, 1 dashboard")
    return DONE
