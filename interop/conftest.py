"""Every test here talks to a running server, named by THROUGHLINE_URL, with clients that nobody changed for it."""

import hashlib
import os
import uuid

import dvc_tools
import mlflow
import pytest
import requests
from mlflow import MlflowClient

URL = os.environ["THROUGHLINE_URL"].rstrip("/")

# A mistake of ours must fail at once, not after the client's minutes of patience.
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "1"


def pytest_configure(config):
    config.addinivalue_line("markers", "only_on(*servers): what is about one kind of server alone: filesystem, s3, reset")


def pytest_collection_modifyitems(config, items):
    """Leaves out what is about another kind of server than this one. It is no test of this server, and so not a skipped one either."""
    kind = os.environ.get("THROUGHLINE_STORE", "filesystem")
    others = [item for item in items if any(kind not in marker.args for marker in item.iter_markers("only_on"))]
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


@pytest.fixture(scope="session")
def url():
    return URL


@pytest.fixture(autouse=True)
def tracking_uri():
    """The one thing that a user changes."""
    mlflow.set_tracking_uri(URL)
    yield
    while mlflow.active_run() is not None:
        mlflow.end_run()


@pytest.fixture
def client():
    return MlflowClient()


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"interop-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def experiment(name):
    mlflow.set_experiment(name)
    return mlflow.get_experiment_by_name(name)


class Graphql:
    """Asks the GraphQL API; a problem or an error is a failure."""

    def __init__(self, url, token=None):
        self.url = url
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def raw(self, query, **variables):
        answer = requests.post(
            f"{self.url}/graphql", json={"query": query, "variables": variables}, headers=self.headers, timeout=60
        )
        return answer.json()

    def __call__(self, query, **variables):
        body = self.raw(query, **variables)
        assert "errors" not in body, body["errors"]
        for result in body["data"].values():
            if isinstance(result, dict):
                assert result.get("__typename") != "Problem", result
        return body["data"]


@pytest.fixture(scope="session")
def graphql():
    return Graphql(URL)


def upload(url, content, headers=None):
    """Sends bytes by their hash, as any client without a library would; answers the hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    answer = requests.put(f"{url}/api/v1/files/{sha256}", data=content, headers=headers or {}, timeout=60)
    assert answer.status_code in (200, 201), answer.text
    return sha256


REGISTER_DATASET = """
mutation ($input: RegisterDatasetVersionInput!) {
  registerDatasetVersion(input: $input) {
    __typename
    ... on DatasetVersion { id ref number digest }
    ... on Problem { code message }
  }
}
"""


@pytest.fixture
def dataset(url, graphql, name):
    """A registered dataset version of two small files: its name, version and files' contents."""
    files = {"train.csv": b"x,y\n1,2\n2,4\n3,6\n", "holdout/test.csv": b"x,y\n4,8\n"}
    entries = [{"path": path, "sha256": upload(url, content)} for path, content in files.items()]
    version = graphql(REGISTER_DATASET, input={"dataset": name, "files": entries, "message": "for a test"})
    return {"name": name, "files": files, "version": version["registerDatasetVersion"]}


@pytest.fixture(scope="session")
def tools(tmp_path_factory):
    """The real dvc, and our command as people install it."""
    return dvc_tools.install(tmp_path_factory.mktemp("tools"))


@pytest.fixture
def token_of(graphql):
    """A token that is a run speaking."""

    def make(run):
        made = graphql(
            "mutation ($input: CreateTokenInput!) { createToken(input: $input) { __typename ... on CreatedToken { secret } ... on Problem { code message } } }",
            input={"name": f"run {uuid.uuid4().hex}", "scope": "WRITE", "principal": "trainer", "run": f"run:{run.info.run_id}"},
        )
        return made["createToken"]["secret"]

    return make
