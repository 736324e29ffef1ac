"""The protocol as a whole, out of the released client's own descriptors: every procedure is served at both prefixes or answered as one that a server
does not have, and no request, however wrong, is called the server's mistake: clients ask again for minutes then.
"""

import importlib
import json
import re

import pytest
import requests
from google.protobuf.descriptor import FieldDescriptor
from mlflow.entities.webhook import WebhookEvent
from mlflow.protos import databricks_pb2

FILES = ("service_pb2", "model_registry_pb2", "mlflow_artifacts_pb2", "webhooks_pb2")

# What docs/mlflow.md says is not served.
NOT_SERVED = re.compile(
    r"/mlflow/(traces|unified-traces|get-online-trace-details|assessments|issues|datasets|scorers|prompt-optimization|gateway|workspaces"
    r"|label-schemas|review-queues)\b"
)

# Served at MLflow's side beside the descriptors: its server registers these by hand.
BY_HAND = [("GET", "/mlflow/metrics/get-history-bulk"), ("POST", "/mlflow/runs/create-promptlab-run"), ("POST", "/mlflow/upload-artifact")]


def procedures():
    """Every procedure of the descriptors: method, path, major version, message."""
    for file in FILES:
        descriptor = importlib.import_module(f"mlflow.protos.{file}").DESCRIPTOR
        for service in descriptor.services_by_name.values():
            for method in service.methods:
                for endpoint in method.GetOptions().Extensions[databricks_pb2.rpc].endpoints:
                    path = "/" + re.sub(r"<path:(\w+)>", r"{\1}", endpoint.path).lstrip("/")
                    yield endpoint.method, path, endpoint.since.major, method.input_type


ALL = list(procedures())
SERVED = [one for one in ALL if not NOT_SERVED.match(one[1])]


def plausible(given):
    """A value for most fields by their names."""
    run, model = given["run_id"], given["model_id"]
    return {
        "key": "k", "tag_key": "k", "metric_key": "m", "value": "1", "timestamp": 1, "step": 0, "max_results": 5, "path": "f.txt", "version": "1",
        "alias": "champion", "stage": "Staging", "source": "s3://bucket/a", "run_ids": [run], "experiment_ids": [given["experiment_id"]],
        "experiment_name": given["name"], "new_name": f"{given['name']}-new", "model_type": "t", "models": [{"model_id": model, "step": 0}],
        "model_json": json.dumps({"run_id": run, "artifact_path": "m", "flavors": {}, "utc_time_created": "now", "model_uuid": "u"}),
        "url": "https://example.com/hook", "events": [{"entity": "REGISTERED_MODEL", "action": "CREATED"}],
        "num_parts": 2, "upload_id": "u", "parts": [{"part_number": 1, "etag": "e"}], **given,
    }  # fmt: skip


def filled(message, given):
    """The message as it could be meant, so that what is wrong is only what a test makes wrong."""
    values = plausible(given)
    chosen = {}
    for field in message.fields:
        value = values.get(field.name)
        if field.type == FieldDescriptor.TYPE_ENUM:
            chosen[field.name] = field.enum_type.values[-1].name
        elif value is not None:
            chosen[field.name] = float(value) if field.type == FieldDescriptor.TYPE_DOUBLE else value
    return chosen


def send(url, prefix, method, path, message, given=None, session=requests):
    def part(match):
        value = message.get(match[1], (given or {}).get(match[1]))
        return requests.utils.quote("x" if value in (None, "") else str(value), safe="/" if match[1] == "artifact_path" else "")

    target = re.sub(r"\{(\w+)\}", part, path)
    if method == "GET":
        query = {name: value if isinstance(value, (str, int, float, list)) else str(value) for name, value in message.items()}
        return session.get(f"{url}{prefix}{target}", params=query, timeout=60)
    return session.request(method, f"{url}{prefix}{target}", json=message, timeout=60)


@pytest.fixture
def given(client, experiment, name):
    """What requests may name: a run with a point and a file, a logged model, a registered model with a version, a webhook."""
    run = client.create_run(experiment.experiment_id).info.run_id
    client.log_metric(run, "m", 1)
    client.log_text(run, "text", "f.txt")
    client.create_registered_model(name)
    client.create_model_version(name, "s3://bucket/a", run)
    webhook = client.create_webhook(name, "https://example.com/hook", [WebhookEvent.from_str("registered_model.created")], status="DISABLED")
    yield {
        "run_id": run,
        "experiment_id": experiment.experiment_id,
        "name": name,
        "model_id": client.create_logged_model(experiment.experiment_id).model_id,
        "artifact_path": f"{experiment.experiment_id}/{run}/artifacts/f.txt",
        "webhook_id": webhook.webhook_id,
    }
    # A workspace has places for two hundred.
    for one in client.list_webhooks(max_results=1000):
        client.delete_webhook(one.webhook_id)


def test_the_descriptors_hold_what_this_server_is_about():
    assert len({(method, path) for method, path, _, _ in SERVED}) >= 75 and len(ALL) > len(SERVED) + 80


@pytest.mark.parametrize("prefix", ["/api", "/ajax-api"])
def test_what_is_served_is_served_at_both_prefixes(url, prefix):
    missing = []
    for method, path, major, _ in SERVED:
        answer = send(url, f"{prefix}/{major}.0", method, path, {})
        if answer.status_code == 404 and not answer.content:
            missing.append((method, path))
    for method, path in BY_HAND if prefix == "/ajax-api" else []:
        answer = send(url, f"{prefix}/2.0", method, path, {})
        if answer.status_code == 404 and not answer.content:
            missing.append((method, path))
    assert missing == []


@pytest.mark.parametrize("prefix", ["/api", "/ajax-api"])
def test_what_is_not_served_is_not_found_and_says_nothing(url, prefix):
    answers = {
        (method, path): send(url, f"{prefix}/{major}.0", method, path, {}) for method, path, major, _ in ALL if NOT_SERVED.match(path)
    }
    assert {one: (answer.status_code, answer.content) for one, answer in answers.items() if (answer.status_code, answer.content) != (404, b"")} == {}


# A value of every kind, and of each some that lie at an edge.
WRONG = [
    True, False, 0, -1, 1.5, 1e300, 2**31, 2**53 + 1, 2**63, "", "x", "-1", "NaN", "a\0b", "\ud800", "😀" * 40, "'", '"`', "%", "../..",
    "a" * 70_000, [], [[]], [None], ["x"], [5], [{}], [{"key": 5}], {}, {"key": "x"}, {"a": {"b": []}}, None,
]  # fmt: skip


def is_message(field):
    return field.type == FieldDescriptor.TYPE_MESSAGE


def bent(message, base, in_address):
    """The message, then with one field after the other wrong, and with one field of the messages inside it."""
    # A line of HTTP has its own bound, behind which the connection ends, and holds no half of a character.
    yield base
    values = [value[:5_000] if isinstance(value, str) else value for value in WRONG if value != "\ud800"] if in_address else WRONG
    for field in message.fields:
        for value in values:
            yield {**base, field.name: value}
        if is_message(field) and not field.message_type.GetOptions().map_entry:
            for inner in field.message_type.fields:
                for value in values:
                    one = {inner.name: value}
                    yield {**base, field.name: [one] if field.is_repeated else one}


@pytest.mark.only_on("filesystem")
@pytest.mark.parametrize(("method", "path", "major", "message"), SERVED, ids=lambda part: part if isinstance(part, str) else None)
def test_no_request_is_called_the_servers_mistake(url, given, method, path, major, message):
    base = filled(message, given)
    wrong = []
    with requests.Session() as session:
        for sent in bent(message, base, in_address=method == "GET" or "{" in path):
            answer = send(url, f"/api/{major}.0", method, path, sent, given, session)
            # 501 is the answer to uploads that a store of files cannot take: the client goes another way then.
            if answer.status_code >= 500 and answer.status_code != 501:
                wrong.append((sent, answer.status_code, answer.text[:200]))
    assert wrong == []
