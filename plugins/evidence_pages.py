"""Serves the pages of evidence that review_reports links to: read-only, to users who are logged in.

The pages escape what documents say and carry a policy of their own; here it is said once more in the headers, so that
no page can ask Airflow's API in the name of who looks at it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from airflow.plugins_manager import AirflowPlugin

URL_PREFIX = "/gongkai/evidence"
_HEADERS = {
    # Narrowed further by the page's own policy, which names style and script by their hashes.
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


@cache
def _app() -> Any:
    """Make the application when the first page is asked for: every Airflow process reads this file."""
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi import Depends, FastAPI, HTTPException
    from fastapi.responses import Response

    app = FastAPI(title="Gongkai evidence", docs_url=None, redoc_url=None, openapi_url=None)

    def page(name: str) -> Response:
        from gongkai.pipeline.evidence import read_evidence

        content = read_evidence(name)
        if content is None:
            raise HTTPException(404, "no such page of evidence")
        kind = "text/html; charset=utf-8" if name.endswith(".html") else "image/png"
        return Response(content, media_type=kind, headers=_HEADERS)

    page.__annotations__["return"] = Response  # a name of this function, which FastAPI could not look up
    app.get("/{name}", dependencies=[Depends(get_user)])(page)
    return app


async def evidence(scope: Any, receive: Any, send: Any) -> None:
    """Answer as an ASGI application."""
    await _app()(scope, receive, send)


class EvidencePlugin(AirflowPlugin):
    """Registers the application."""

    name = "gongkai_evidence"
    fastapi_apps = [{"app": evidence, "url_prefix": URL_PREFIX, "name": "Gongkai evidence"}]  # noqa: RUF012
