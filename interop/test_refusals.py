"""Bad input, as raw requests: a clear answer in MLflow's own form, never a 5xx, and nothing changes."""

import json

import pytest
import requests


def call(url, method, path, **kwargs):
    return requests.request(method, f"{url}/api/2.0/mlflow/{path}", timeout=30, **kwargs)


@pytest.fixture
def run_id(client, experiment):
    return client.create_run(experiment.experiment_id).info.run_id


def assert_refused(answer, status=400, code="INVALID_PARAMETER_VALUE"):
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["error_code"] == code, body
    text = json.dumps(body)
    assert "SELECT" not in text and "prisma" not in text.lower() and "/libs/" not in text and "node_modules" not in text


def test_missing_and_mistyped_fields_are_named(url, run_id):
    answer = call(url, "POST", "runs/log-metric", json={"key": "m", "value": 1, "timestamp": 1})
    assert_refused(answer)
    assert "run_id" in answer.json()["message"]
    answer = call(url, "POST", "experiments/create", json={"name": 123})
    assert_refused(answer)
    assert "Invalid value 123 for parameter 'name' supplied" in answer.json()["message"]
    answer = call(url, "POST", "runs/log-batch", json={"run_id": run_id, "metrics": [{"key": "m", "value": "x", "timestamp": 1}]})
    assert_refused(answer)
    assert "metrics[0].value" in answer.json()["message"]


def test_broken_bodies_are_refused(url):
    headers = {"Content-Type": "application/json"}
    assert call(url, "POST", "runs/search", data="{bad", headers=headers).status_code == 400
    assert call(url, "POST", "runs/log-metric", data='{"value": NaN}', headers=headers).status_code == 400
    answer = call(url, "POST", "runs/search", data="{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 400 and "application/json" in answer.text


def test_unknown_things_are_not_found(url):
    assert_refused(call(url, "GET", "runs/get", params={"run_id": "f" * 32}), 404, "RESOURCE_DOES_NOT_EXIST")
    assert_refused(call(url, "GET", "experiments/get", params={"experiment_id": "987654321"}), 404, "RESOURCE_DOES_NOT_EXIST")
    assert_refused(call(url, "GET", "registered-models/get", params={"name": "absent"}), 404, "RESOURCE_DOES_NOT_EXIST")
    answer = requests.get(f"{url}/api/2.0/mlflow/no-such-rpc", timeout=30)
    assert answer.status_code == 404 and answer.text == ""


def test_limits_are_kept(url, run_id, client):
    point = {"key": "m", "value": 1, "timestamp": 1, "step": 0}
    assert_refused(call(url, "POST", "runs/log-batch", json={"run_id": run_id, "metrics": [point] * 1001}))
    assert_refused(call(url, "POST", "runs/log-parameter", json={"run_id": run_id, "key": "k" * 251, "value": "v"}))
    assert_refused(call(url, "POST", "runs/log-metric", json={**point, "run_id": run_id, "key": "../up"}))
    assert_refused(call(url, "POST", "runs/log-metric", json={**point, "run_id": run_id, "timestamp": -1}))
    assert_refused(call(url, "POST", "runs/set-tag", json={"run_id": run_id, "key": "nul", "value": "a\u0000b"}))
    assert client.get_run(run_id).data.metrics == {}


@pytest.mark.parametrize(
    "path",
    ["../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "%252e%252e/secret", "/etc/passwd", "..\\..\\x", "a%00b", "a/../../b", "./a", "a//b"],
)
@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_hostile_artifact_paths_are_refused(url, client, run_id, method, path):
    location = client.get_run(run_id).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    request = requests.Request(method, f"{url}/x", data=b"evil" if method == "PUT" else None).prepare()
    request.url = f"{url}/api/2.0/mlflow-artifacts/artifacts/{location}/{path}"
    answer = requests.Session().send(request, timeout=30)
    assert 400 <= answer.status_code < 500, answer.text
    assert client.list_artifacts(run_id) == []


@pytest.mark.parametrize("location", ["file:///etc", "/etc/passwd", "../x", "runs:/abc/x", "http://user@host/a?x=../..", "mlflow-artifacts:/../../x"])
def test_locations_on_the_server_are_refused(url, name, location):
    assert_refused(call(url, "POST", "experiments/create", json={"name": name, "artifact_location": location}))
    assert call(url, "GET", "experiments/get-by-name", params={"experiment_name": name}).status_code == 404


@pytest.mark.parametrize("source", ["file:///etc/passwd", "/etc/passwd", "../../secret"])
def test_sources_on_the_server_are_refused(url, client, name, source):
    client.create_registered_model(name)
    assert_refused(call(url, "POST", "model-versions/create", json={"name": name, "source": source}))
    assert client.search_model_versions(f"name = '{name}'") == []


def test_foreign_hosts_and_origins_are_refused(url, name):
    body = {"name": name}
    assert call(url, "POST", "experiments/create", json=body, headers={"Host": "evil.example"}).status_code == 403
    assert call(url, "POST", "experiments/create", json=body, headers={"Origin": "https://evil.example"}).status_code == 403
    assert call(url, "GET", "experiments/get-by-name", params={"experiment_name": name}).status_code == 404
