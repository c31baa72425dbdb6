"""Asks a real Superset through its web API; runs in Superset's own environment, one JSON answer for each line it reads.

Lines: `import ZIP`, `datasets`, `charts`, `dashboards`, `counts`, `state`, `hold`, `sql STATEMENT`.
"""

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).parents[2] / "include" / "superset"))
import local

HELD = ExitStack()
TIMES = (
    *("changed_on", "changed_on_delta_humanized", "changed_on_humanized"),
    *("created_on", "created_on_delta_humanized", "created_on_humanized"),
)


class Api:
    """Superset's API as the administrator sees it."""

    def __init__(self, home):
        self.client = local.application().test_client()
        password = (home / "admin_password").read_text()
        login = {"username": "admin", "password": password, "provider": "db", "refresh": False}
        token = self.client.post("/api/v1/security/login", json=login).json["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}
        self.headers["X-CSRFToken"] = self.get("security/csrf_token/")["result"]

    def get(self, path):
        return self._said(self.client.get(f"/api/v1/{path}", headers=self.headers))

    def post(self, path, body):
        return self._said(self.client.post(f"/api/v1/{path}", json=body, headers=self.headers))

    @staticmethod
    def _said(response):
        said = response.json or {"text": response.text}
        return said | {"http": response.status_code}

    def all(self, kind):
        return sorted(self.get(f"{kind}/?q=(page_size:100)")["result"], key=lambda one: one["id"])


def datasets(api):
    found = {}
    for listed in api.all("dataset"):
        one = api.get(f"dataset/{listed['id']}")["result"]
        place = f"name={one['table_name']}&schema={one['schema']}"
        source = api.get(f"database/{one['database']['id']}/table_metadata/?{place}")["columns"]
        found[f"{one['schema']}.{one['table_name']}"] = {
            "description": one["description"],
            "columns": {column["column_name"]: column["description"] for column in one["columns"]},
            "types": {column["type"]: column["type_generic"] for column in one["columns"]},
            "source": [column["name"] for column in source],
        }
    return found


def charts(api):
    found = {}
    for one in api.all("chart"):
        said = api.get(f"chart/{one['id']}/data/")
        result = (said.get("result") or [{}])[0]
        found[one["slice_name"]] = {
            "http": said["http"],
            "error": said.get("message") or result.get("error"),
            "rows": result.get("data") or [],
            "sql": result.get("query"),
        }
    return found


def dashboards(api):
    found = {}
    for one in api.all("dashboard"):
        page = api.get(f"dashboard/{one['id']}")["result"]
        found[page["slug"]] = {
            "charts": sorted(chart["slice_name"] for chart in api.get(f"dashboard/{one['id']}/charts")["result"]),
            "datasets": sorted(table["table_name"] for table in api.get(f"dashboard/{one['id']}/datasets")["result"]),
            "filters": [
                (one["id"], one["targets"]) for one in json.loads(page["json_metadata"])["native_filter_configuration"]
            ],
        }
    return found


def state(api):
    """All that an import can change, with the numbers that Superset gave, without the times of changes."""
    return {
        kind: [
            {key: value for key, value in api.get(f"{kind}/{one['id']}")["result"].items() if key not in TIMES}
            for one in api.all(kind)
        ]
        for kind in ("database", "dataset", "chart", "dashboard")
    }


def counts(api):
    found = {kind: len(api.all(kind)) for kind in ("database", "dataset", "chart", "dashboard")}
    details = state(api)["dataset"]
    return found | {kind: sum(len(one[kind]) for one in details) for kind in ("columns", "metrics")}


def sql(api, statement):
    (database,) = api.all("database")
    body = {"database_id": database["id"], "sql": statement, "runAsync": False, "client_id": uuid4().hex[:11]}
    said = api.post("sqllab/execute/", body)
    return {
        "http": said["http"],
        "rows": said.get("data"),
        "error": json.dumps(said.get("errors") or said.get("message")),
    }


def hold(_api):
    """Keep a connection to the release in force open, as a long query would, until the process ends."""
    from superset import db
    from superset.models.core import Database

    with local.application().app_context():
        held = HELD.enter_context(db.session.query(Database).one().get_raw_connection())
        cursor = held.cursor()
        cursor.execute("SELECT release_id FROM mart.latest_release")
        return cursor.fetchone()[0]


ASKED = {
    "hold": hold,
    "datasets": datasets,
    "charts": charts,
    "dashboards": dashboards,
    "counts": counts,
    "state": state,
}


def main():
    home = Path(sys.argv[1])
    api = None
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "import":
            local.set_up(home)
            local.import_bundle(Path(rest))
            answer = "imported"
            api = Api(home)
        elif word == "sql":
            answer = sql(api, rest)
        else:
            answer = ASKED[word](api)
        print("answer:" + json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
