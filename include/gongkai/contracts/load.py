"""Finds and loads the template contracts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gongkai.contracts.template import TemplateContract
from gongkai.contracts.yaml import load_model
from gongkai.errors import ContractError
from gongkai.settings import get_settings


def load_template(path: Path) -> TemplateContract:
    """Read one template contract.

    Raises:
        ContractError: With file, line and reason.
    """
    contract = load_model(path, TemplateContract)
    if contract.template != path.stem:
        raise ContractError(
            "the template's code is not its file's name", where=str(path), found=contract.template, expected=path.stem
        )
    return contract


def load_templates(folder: Path | None = None) -> dict[str, TemplateContract]:
    """Read all template contracts of a folder (default: data_contracts/templates), by code, newest form first.

    Raises:
        ContractError: One is broken, or the folder holds none.
    """
    return _load_templates(folder or get_settings().contracts / "templates")


@cache
def _load_templates(folder: Path) -> dict[str, TemplateContract]:
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        raise ContractError("no template contracts", where=str(folder), do="check GONGKAI_CONTRACTS")
    contracts = [load_template(path) for path in paths]
    contracts.sort(key=lambda contract: -(contract.report_years.first or 0))
    return {contract.template: contract for contract in contracts}
