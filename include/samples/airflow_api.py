"""The few calls of Airflow's REST API that starting and watching needs."""

from __future__ import annotations

import time
from typing import Any

import httpx

from gongkai.errors import RunError
from samples.airflow_env import USER, AirflowHome

POOLS = {"lake": "writes Parquet, one year at a time", "publish": "builds a release, one at a time"}


class Api:
    """A client of one embedded Airflow; an answer of 404 raises LookupError, any other error RunError."""

    def __init__(self, home: AirflowHome) -> None:
        self._home = home
        self._http = httpx.Client(base_url=home.url, timeout=90, trust_env=False)

    def log_in(self) -> None:
        """Get a token for the user of this home."""
        answer = self._http.post("/auth/token", json={"username": USER, "password": self._home.password})
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """GET /api/v2/`path`."""
        return self._send("GET", path, params=params)

    def every(self, path: str, key: str, **params: Any) -> list[dict[str, Any]]:
        """GET all pages of /api/v2/`path`; the items stand under `key`."""
        found: list[dict[str, Any]] = []
        while True:
            page = self.get(path, **params, limit=100, offset=len(found))
            found += page[key]
            if not page[key] or len(found) >= page["total_entries"]:
                return found

    def text(self, path: str, **params: Any) -> str:
        """GET /api/v2/`path` as text, one JSON object a line: the form of logs."""
        answer = self._http.get(f"/api/v2/{path}", params=params, headers={"Accept": "application/x-ndjson"})
        return answer.text if answer.is_success else f"(no log: {answer.status_code})"

    def patch(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """PATCH /api/v2/`path`."""
        return self._send("PATCH", path, json=body)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST /api/v2/`path`."""
        return self._send("POST", path, json=body)

    def put(self, path: str) -> dict[str, Any]:
        """PUT /api/v2/`path`."""
        return self._send("PUT", path)

    def ensure_pools(self) -> None:
        """Create the pools of one slot that the DAGs name; a task whose pool is missing would wait for ever."""
        present = {pool["name"] for pool in self.get("pools", limit=100)["pools"]}
        for name, description in POOLS.items():
            if name not in present:
                body = {"name": name, "slots": 1, "description": description, "include_deferred": False}
                self._send("POST", "pools", json=body)

    def _send(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        answer = self._http.request(method, f"/api/v2/{path}", **kwargs)
        for pause in (1, 2, 4, 8):
            if not answer.is_server_error:
                break
            time.sleep(pause)  # SQLite was locked, most likely
            answer = self._http.request(method, f"/api/v2/{path}", **kwargs)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise LookupError(f"{method} {path} answers 404")
        if answer.is_error:
            raise RunError(f"Airflow answers {answer.status_code}", where=f"{method} {path}", found=answer.text[:500])
        body: dict[str, Any] = answer.json()
        return body
