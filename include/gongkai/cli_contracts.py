"""The subcommands of `gongkai contracts`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DONE = 0

contracts_app = typer.Typer(help="Check the contracts, write the dictionary.", no_args_is_help=True)


@contracts_app.command("lint")
def contracts_lint() -> int:
    """Check every contract and source: templates, rules, tables, reading forms, sources."""
    from gongkai.pipeline.contracts import lint

    for line in lint():
        typer.echo(line)
    return DONE


@contracts_app.command("accept")
def contracts_accept(
    drop: Annotated[list[str] | None, typer.Option("--drop", help="a table that is gone on purpose; repeat")] = None,
) -> int:
    """Note the shapes of the tables as published; refused where a breaking change lacks its major version step."""
    from gongkai.contracts.versions import accept

    typer.echo(f"wrote {accept(dropped=drop or ())}")
    return DONE


@contracts_app.command("docs")
def contracts_docs(
    release: Annotated[
        bool, typer.Option("--release", help="beside the current release, with its row counts and sample values")
    ] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="file of --release; default beside it")] = None,
) -> int:
    """Write the dictionary into docs/, and Data Docs below the data folder; or a dictionary of the current release."""
    from gongkai.pipeline.contracts import write_docs, write_release_docs
    from gongkai.pipeline.data_docs import write_data_docs

    if release:
        typer.echo(f"wrote {write_release_docs(output)}")
        return DONE
    for path in (*write_docs(), write_data_docs()):
        typer.echo(f"wrote {path}")
    return DONE
