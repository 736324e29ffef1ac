"""Webhooks with the unmodified client, and a receiver that checks what it is sent as MLflow's documentation tells receivers to."""

import base64
import hashlib
import hmac
import json
import queue
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import mlflow
import pytest
import requests
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent, WebhookStatus
from mlflow.exceptions import MlflowException

SECRET = "a secret between the two"


class Receiver:
    """Keeps what it is sent; answers with the statuses in `statuses`, one after the other, and then with 200."""

    def __init__(self):
        self.received = queue.Queue()
        self.statuses = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status = outer.statuses.pop(0) if outer.statuses else 200
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"received")
                outer.received.put((dict(self.headers.items()), body))

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        headers, body = self.received.get(timeout=20)
        return headers, json.loads(body), body

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def create(client):
    """Makes webhooks, and removes them behind the test: they would hear of the others."""
    made = []

    def make(**options):
        webhook = client.create_webhook(**options)
        made.append(webhook.webhook_id)
        return webhook

    yield make
    for webhook_id in made:
        try:
            client.delete_webhook(webhook_id)
        except MlflowException as error:
            assert error.error_code == "RESOURCE_DOES_NOT_EXIST"


def signature(secret, headers, body):
    signed = f"{headers['X-MLflow-Delivery-Id']}.{headers['X-MLflow-Timestamp']}.{body}"
    return "v1," + base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()).decode()


def test_a_webhook_is_made_read_changed_and_deleted(client, create, receiver, name):
    made = create(
        name=name,
        url=receiver.url,
        events=["registered_model.created", "model_version_alias.created"],
        description="tells",
        secret=SECRET,
    )
    assert made.events == [
        WebhookEvent(WebhookEntity.REGISTERED_MODEL, WebhookAction.CREATED),
        WebhookEvent(WebhookEntity.MODEL_VERSION_ALIAS, WebhookAction.CREATED),
    ]
    assert (made.name, made.description, made.url, made.status) == (name, "tells", receiver.url, WebhookStatus.ACTIVE)
    assert made.secret is None
    assert client.get_webhook(made.webhook_id).creation_timestamp == made.creation_timestamp
    changed = client.update_webhook(made.webhook_id, status="DISABLED", events=["prompt.created"])
    assert (changed.status, changed.description) == (WebhookStatus.DISABLED, "tells")
    assert changed.events == [WebhookEvent.from_str("prompt.created")]
    assert changed.last_updated_timestamp >= made.last_updated_timestamp
    client.delete_webhook(made.webhook_id)
    with pytest.raises(MlflowException, match="not found") as refused:
        client.get_webhook(made.webhook_id)
    assert refused.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_webhooks_are_listed_page_by_page(client, create, receiver, name):
    made = {create(name=f"{name}-{i}", url=receiver.url, events=["prompt.created"]).webhook_id for i in range(3)}
    found, token = set(), None
    while True:
        page = client.list_webhooks(max_results=2, page_token=token)
        assert len(page) <= 2
        found |= {webhook.webhook_id for webhook in page}
        token = page.token
        if not token:
            break
    assert made <= found


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "-"},
        {"name": "a b"},
        {"name": "x" * 64},
        {"url": "ftp://example.com"},
        {"url": "no address"},
    ],
)
def test_what_mlflow_refuses_is_refused(client, receiver, wrong):
    with pytest.raises(MlflowException) as refused:
        client.create_webhook(**{"name": "fine", "url": receiver.url, "events": ["prompt.created"], **wrong})
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize(
    "event",
    [{"entity": "REGISTERED_MODEL", "action": "DELETED"}, {"entity": "MODEL_VERSION_TAG", "action": "CREATED"}, {"entity": "NO"}, {}],
)
def test_an_event_that_does_not_exist_is_refused(url, receiver, event):
    body = {"name": "fine", "url": receiver.url, "events": [event]}
    answer = requests.post(f"{url}/api/2.0/mlflow/webhooks", json=body, timeout=20)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


def test_a_test_sends_an_example_that_is_signed(client, create, receiver, name):
    webhook = create(name=name, url=receiver.url, events=["model_version.created"], secret=SECRET)
    result = client.test_webhook(webhook.webhook_id)
    assert (result.success, result.response_status, result.response_body) == (True, 200, "received")
    headers, told, body = receiver.next()
    assert headers["X-MLflow-Signature"] == signature(SECRET, headers, body)
    assert abs(time.time() - int(headers["X-MLflow-Timestamp"])) < 300
    assert told["entity"] == "model_version" and told["action"] == "created"
    assert told["data"]["source"] == "models:/123"
    client.test_webhook(webhook.webhook_id, event="prompt_alias.deleted")
    assert receiver.next()[1]["data"] == {"name": "example_prompt", "alias": "example_alias"}


def test_a_test_that_fails_says_so(client, create, receiver, name):
    webhook = create(name=name, url=receiver.url, events=["model_version.created"])
    receiver.statuses = [500]
    result = client.test_webhook(webhook.webhook_id)
    assert (result.success, result.response_status) == (False, 500)
    client.update_webhook(webhook.webhook_id, url="http://127.0.0.1:9/")
    result = client.test_webhook(webhook.webhook_id)
    assert (result.success, result.response_status) == (False, None)
    assert "refused" in result.error_message


MODEL_EVENTS = [
    "registered_model.created",
    "model_version.created",
    "model_version_tag.set",
    "model_version_tag.deleted",
    "model_version_alias.created",
    "model_version_alias.deleted",
]


def test_what_happens_to_a_model_is_told_and_signed(client, create, receiver, name):
    create(name=name, url=receiver.url, events=MODEL_EVENTS, secret=SECRET)
    client.create_registered_model(name, tags={"team": "blue"}, description="d")
    client.create_model_version(name, "s3://bucket/model", tags={"k": "v"}, description="first")
    client.set_model_version_tag(name, "1", "checked", "yes")
    client.delete_model_version_tag(name, "1", "checked")
    client.set_registered_model_alias(name, "champion", "1")
    client.delete_registered_model_alias(name, "champion")
    told = []
    for _ in MODEL_EVENTS:
        headers, one, body = receiver.next()
        assert headers["X-MLflow-Signature"] == signature(SECRET, headers, body)
        told.append((f"{one['entity']}.{one['action']}", one["data"]))
    assert told == [
        ("registered_model.created", {"name": name, "tags": {"team": "blue"}, "description": "d"}),
        (
            "model_version.created",
            {
                "name": name,
                "version": "1",
                "source": "s3://bucket/model",
                "run_id": None,
                "tags": {"k": "v"},
                "description": "first",
            },
        ),
        ("model_version_tag.set", {"name": name, "version": "1", "key": "checked", "value": "yes"}),
        ("model_version_tag.deleted", {"name": name, "version": "1", "key": "checked"}),
        ("model_version_alias.created", {"name": name, "alias": "champion", "version": "1"}),
        ("model_version_alias.deleted", {"name": name, "alias": "champion"}),
    ]


def test_what_happens_to_a_prompt_is_told(create, receiver, name):
    create(name=name, url=receiver.url, events=["prompt.created", "prompt_version.created", "prompt_alias.created"])
    mlflow.genai.register_prompt(name, "Say {{what}}", tags={"tone": "kind"})
    mlflow.genai.set_prompt_alias(name, "live", 1)
    told = {f"{one['entity']}.{one['action']}": one["data"] for _, one, _ in (receiver.next() for _ in range(3))}
    assert told["prompt.created"]["name"] == name
    assert told["prompt_version.created"]["template"] == "Say {{what}}"
    assert told["prompt_version.created"]["tags"] == {"tone": "kind"}
    assert told["prompt_alias.created"] == {"name": name, "alias": "live", "version": "1"}


def test_a_receiver_that_is_busy_is_told_again_under_the_same_id(client, create, receiver, name):
    create(name=name, url=receiver.url, events=["registered_model.created"])
    receiver.statuses = [503]
    client.create_registered_model(name)
    first, second = receiver.next(), receiver.next()
    assert first[0]["X-MLflow-Delivery-Id"] == second[0]["X-MLflow-Delivery-Id"]
    assert first[2] == second[2]


def test_the_log_of_deliveries_is_read_and_one_is_sent_again(client, create, receiver, name, graphql):
    webhook = create(name=name, url=receiver.url, events=["registered_model.created"])
    receiver.statuses = [404]
    client.create_registered_model(name)
    receiver.next()
    query = """query ($id: ID!) { webhook(id: $id) { name hasSecret deliveries { nodes { id event state attempts responseStatus error } } } }"""
    node = f"webhook_{webhook.webhook_id}"
    for _ in range(100):
        (delivery,) = graphql(query, id=node)["webhook"]["deliveries"]["nodes"]
        if delivery["state"] != "PENDING":
            break
        time.sleep(0.1)
    assert (delivery["state"], delivery["event"], delivery["attempts"], delivery["responseStatus"]) == (
        "FAILED",
        "REGISTERED_MODEL_CREATED",
        1,
        404,
    )
    again = graphql(
        "mutation ($id: ID!) { redeliverWebhook(delivery: $id) { __typename ... on WebhookDelivery { state } } }",
        id=delivery["id"],
    )
    assert again["redeliverWebhook"]["state"] == "PENDING"
    assert receiver.next()[1]["data"]["name"] == name
