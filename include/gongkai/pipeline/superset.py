"""The bundle for Apache Superset."""

from __future__ import annotations

from pathlib import Path

from gongkai.pipeline.publish import warehouse_folder
from gongkai.warehouse.release import pointer
from gongkai.warehouse.superset.bundle import Bundle, build
from gongkai.warehouse.superset.language import Language


def write_bundle(output: Path, warehouse: Path | None = None, language: Language = Language.BOTH) -> Bundle:
    """Write the ZIP that Superset imports.

    Args:
        output: The file; its folder is made where it is missing.
        warehouse: The folder of releases, or the file in it, as Superset's host sees it; default: where we publish.
        language: Of titles and labels.

    Raises:
        ContractError: data_contracts/superset names what there is not.
        RunError: The path cannot stand in an address.
    """
    place = (warehouse or warehouse_folder()).absolute()
    # Never resolved: the link moves to each new release, and its target does not.
    bundle = build(place if place.suffix == ".duckdb" else pointer(place), language)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(bundle.to_bytes())
    return bundle
