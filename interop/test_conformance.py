"""The MLflow protocol in its corners, as values that were seen on MLflow's own server (3.17.2) with the same client and requests.

Where a test says that we differ on purpose, the reference server answers 5xx to a client's mistake or stores what nobody sent.
"""

import math
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import matplotlib.figure
import mlflow
import numpy as np
import pandas as pd
import pytest
import requests
from click.testing import CliRunner
from mlflow.cli import cli
from mlflow.entities import LoggedModelInput, LoggedModelOutput, LoggedModelStatus, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


def call(url, method, path, prefix="/api/2.0/mlflow/", **kwargs):
    return requests.request(method, url + prefix + path, timeout=30, **kwargs)


def refusal(answer):
    """What a client branches on."""
    return answer.status_code, answer.json()["error_code"]


NOT_FOUND = (404, "RESOURCE_DOES_NOT_EXIST")
INVALID = (400, "INVALID_PARAMETER_VALUE")


# Experiments


@pytest.fixture
def birds(client, name):
    """Four experiments of one team, made in this order."""
    names = ["Auk", "auklet", "Bee_eater", "Crow%"]
    ids = {one: client.create_experiment(f"{one}-{name}", tags={"team": name, "odd key": one}) for one in names}
    return {"team": name, "ids": ids}


def found_birds(client, birds, filter_string="", **kwargs):
    both = f"tags.team = '{birds['team']}'" + (f" AND {filter_string}" if filter_string else "")
    return [one.name.removesuffix(f"-{birds['team']}") for one in client.search_experiments(filter_string=both, **kwargs)]


def test_experiments_are_found_by_every_operator(client, birds):
    team, ids = birds["team"], birds["ids"]
    expected = {
        "": ["Crow%", "Bee_eater", "auklet", "Auk"],
        f"name = 'Auk-{team}'": ["Auk"],
        f"name != 'Auk-{team}'": ["Crow%", "Bee_eater", "auklet"],
        "name LIKE 'auk%'": ["auklet"],
        "name ILIKE 'AUK%'": ["auklet", "Auk"],
        "name LIKE 'Bee_eater%'": ["Bee_eater"],
        f"attribute.name = 'Auk-{team}'": ["Auk"],
        "tags.`odd key` = 'auklet'": ["auklet"],
        "tag.\"odd key\" != 'auklet'": ["Crow%", "Bee_eater", "Auk"],
        "tags.`odd key` ILIKE 'CROW%'": ["Crow%"],
        "tags.absent IS NULL": ["Crow%", "Bee_eater", "auklet", "Auk"],
        "tags.absent IS NOT NULL": [],
        "creation_time > 0": ["Crow%", "Bee_eater", "auklet", "Auk"],
        "last_update_time < 5": [],
        f"experiment_id = '{ids['auklet']}'": ["auklet"],
        f"experiment_id IN ('{ids['Auk']}', '{ids['Crow%']}')": ["Crow%", "Auk"],
        f"experiment_id NOT IN ('{ids['Auk']}', '{ids['Crow%']}')": ["Bee_eater", "auklet"],
    }
    assert {clause: found_birds(client, birds, clause) for clause in expected} == expected


def test_experiments_are_ordered(client, birds):
    expected = {
        ("name",): ["Auk", "Bee_eater", "Crow%", "auklet"],
        ("name DESC",): ["auklet", "Crow%", "Bee_eater", "Auk"],
        ("creation_time ASC",): ["Auk", "auklet", "Bee_eater", "Crow%"],
        ("experiment_id DESC",): ["Crow%", "Bee_eater", "auklet", "Auk"],
    }
    assert {order: found_birds(client, birds, order_by=list(order)) for order in expected} == expected


NO_FILTERS_OF_EXPERIMENTS = ["name > 'x'", "nope = 'x'", "name = x", "name = 'a' or name = 'b'", "creation_time = 'x'", "name IN ('a')"]


@pytest.mark.parametrize("clause", NO_FILTERS_OF_EXPERIMENTS)
def test_what_is_no_filter_of_experiments_is_refused(client, clause):
    with pytest.raises(MlflowException) as refused:
        client.search_experiments(filter_string=clause)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_mlflow_search_experiments_pages_through_all_and_sees_the_deleted(birds):
    mlflow.delete_experiment(birds["ids"]["Auk"])
    clause = f"tags.team = '{birds['team']}'"
    assert len(mlflow.search_experiments(filter_string=clause, max_results=2)) == 2
    assert len(mlflow.search_experiments(filter_string=clause)) == 3
    assert len(mlflow.search_experiments(filter_string=clause, view_type=ViewType.ALL)) == 4
    assert len(mlflow.search_experiments(filter_string=clause, view_type=ViewType.DELETED_ONLY)) == 1


def test_the_form_of_a_get_is_that_of_a_post(url, birds):
    clause = f"tags.team = '{birds['team']}'"
    posted = call(url, "POST", "experiments/search", json={"max_results": 3, "filter": clause, "order_by": ["name DESC", "creation_time"]})
    got = call(
        url,
        "GET",
        "experiments/search",
        prefix="/ajax-api/2.0/mlflow/",
        params=[("max_results", "3"), ("filter", clause), ("order_by", "name DESC"), ("order_by", "creation_time")],
    )
    assert posted.json()["experiments"] == got.json()["experiments"] and len(got.json()["experiments"]) == 3


def test_experiments_are_refused_as_clients_expect(url, client, birds):
    first = birds["ids"]["Auk"]
    assert refusal(call(url, "GET", "experiments/get", params={"experiment_id": "abc"})) == INVALID
    assert refusal(call(url, "GET", "experiments/get-by-name", params={"experiment_name": "absent"})) == NOT_FOUND
    assert refusal(call(url, "POST", "experiments/update", json={"experiment_id": first})) == INVALID
    assert refusal(call(url, "POST", "experiments/create", json={"name": "x" * 501})) == INVALID
    client.delete_experiment(first)
    assert refusal(call(url, "POST", "experiments/delete", json={"experiment_id": first})) == NOT_FOUND
    assert refusal(call(url, "POST", "experiments/set-experiment-tag", json={"experiment_id": first, "key": "k", "value": "v"})) == INVALID
    assert refusal(call(url, "POST", "runs/create", json={"experiment_id": first})) == INVALID
    client.restore_experiment(first)
    assert refusal(call(url, "POST", "experiments/restore", json={"experiment_id": first})) == NOT_FOUND


def test_tags_of_experiments_are_set_together_and_taken_away(client, experiment):
    mlflow.set_experiment_tags({"a": "1", "b": "2"})
    client.delete_experiment_tag(experiment.experiment_id, "a")
    assert {key: value for key, value in client.get_experiment(experiment.experiment_id).tags.items() if len(key) == 1} == {"b": "2"}
    with pytest.raises(MlflowException) as absent:
        client.delete_experiment_tag(experiment.experiment_id, "a")
    assert absent.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_eight_that_set_an_experiment_at_once_share_it(name):
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: mlflow.set_experiment(name).experiment_id, range(8)))
    assert len(set(ids)) == 1


def test_a_deleted_experiment_cannot_be_set(client, experiment):
    client.delete_experiment(experiment.experiment_id)
    with pytest.raises(MlflowException, match="Cannot set a deleted experiment"):
        mlflow.set_experiment(experiment.name)


# Searching runs


def point(key, value, step=0):
    return Metric(key, value, 1 + step, step)


def dataset_json(name, digest, context=None):
    tags = [] if context is None else [{"key": "mlflow.data.context", "value": context}]
    return {"dataset": {"name": name, "digest": digest, "source_type": "local", "source": "s"}, "tags": tags}


@pytest.fixture(scope="module")
def flock(url):
    """Seven runs with every kind of gap: no metric, NaN, infinities, no param, no tag, no end."""
    mlflow.set_tracking_uri(url)
    client = mlflow.MlflowClient()
    experiment_id = client.create_experiment(f"flock-{time.time_ns()}")
    ids = {}

    def make(name, start, metrics=(), params=None, tags=None, end=None, datasets=()):
        info = client.create_run(experiment_id, start_time=start, run_name=name).info
        ids[name] = info.run_id
        client.log_batch(
            info.run_id,
            metrics,
            [Param(key, value) for key, value in (params or {}).items()],
            [RunTag(key, value) for key, value in (tags or {}).items()],
        )
        if datasets:
            call(url, "POST", "runs/log-inputs", json={"run_id": info.run_id, "datasets": datasets}).raise_for_status()
        if end is not None:
            call(url, "POST", "runs/update", json={"run_id": info.run_id, "status": end[0], "end_time": end[1]}).raise_for_status()

    train, test = dataset_json("train", "abc", "training"), dataset_json("test", "ghi", "test")
    red = {"team": "red", "mlflow.user": "ann"}
    adam = {"lr": "0.1", "opt": "Adam", "a/b": "x"}
    make("r1", 1000, [point("acc", 0.5), point("val loss", 1.0)], adam, red, ("FINISHED", 5000), [train])
    later = [dataset_json("train", "def", "training"), test]
    make("r2", 2000, [point("acc", math.nan)], {"lr": "0.01", "opt": "adam"}, {"team": "blue"}, ("FAILED", 4000), later)
    falling = [point("acc", 0.9), point("acc", 0.1, 5)]
    make("r3", 2000, falling, {"lr": "1", "opt": "sgd"}, {"team": "Red", "x.y": "1"}, ("FINISHED", 6000))
    make("r4", 3000, [point("acc", math.inf)], {"opt": "a_am"}, {"team": "50%"}, None, [dataset_json("train", "abc")])
    make("r5", 3000, [point("acc", -math.inf)], end=("KILLED", None))
    make("r6", 500)
    make("r7", 3000, [point("acc", 0.5)], {"lr": "0.1"}, {"team": "red"})
    return {"experiment_id": experiment_id, "ids": ids}


def names(client, flock, clause="", order_by=("tags.mlflow.runName",), **kwargs):
    return " ".join(run.info.run_name for run in client.search_runs([flock["experiment_id"]], clause, order_by=list(order_by), **kwargs))


FILTERS = {
    "metrics.acc > 0.4": "r1 r4 r7",
    "metric.acc >= 0.5": "r1 r4 r7",
    "metrics.acc = 0.5": "r1 r7",
    "metrics.acc < 0.5": "r3 r5",
    "metrics.acc <= 0.1": "r3 r5",
    "metrics.acc > -1e308": "r1 r3 r4 r7",
    "metrics.`val loss` = 1": "r1",
    'metrics."val loss" >= 1.0': "r1",
    "metrics.absent > 0": "",
    "params.lr = '0.1'": "r1 r7",
    "parameter.lr = '0.1'": "r1 r7",
    'params.lr = "0.1"': "r1 r7",
    "params.lr != '0.1'": "r2 r3",
    "params.opt LIKE 'a%'": "r2 r4",
    "params.opt ILIKE 'a%'": "r1 r2 r4",
    "params.opt LIKE '_dam'": "r1 r2",
    "params.lr IS NULL": "r4 r5 r6",
    "params.lr IS NOT NULL": "r1 r2 r3 r7",
    "params.`a/b` = 'x'": "r1",
    "params.lr = ''": "",
    "params.opt = 'Adam' AND metrics.acc > 0": "r1",
    "params.opt = 'a AND b'": "",
    "tags.team = 'red'": "r1 r7",
    "tag.team ILIKE 'RED'": "r1 r3 r7",
    "tags.team != 'red'": "r2 r3 r4",
    "tags.team IS NULL": "r5 r6",
    "tags.x.y = '1'": "r3",
    "tags.`mlflow.user` = 'ann'": "r1",
    "status = 'FINISHED'": "r1 r3",
    "attr.status != 'FINISHED'": "r2 r4 r5 r6 r7",
    "status ILIKE 'fin%'": "r1 r3",
    "run_name LIKE 'r%'": "r1 r2 r3 r4 r5 r6 r7",
    "attributes.`Run name` = 'r1'": "r1",
    "start_time > 1000": "r2 r3 r4 r5 r7",
    "created >= 3000": "r4 r5 r7",
    "end_time < 5000": "r2",
    "dataset.name = 'train'": "r1 r2 r4",
    "datasets.digest IN ('abc')": "r1 r4",
    "dataset.context = 'training'": "r1 r2",
    "dataset.name ILIKE 'TE%'": "r2",
    "dataset.name = 'train' AND dataset.digest = 'abc'": "r1 r4",
    "status = 'FINISHED'\n AND\trun_name = 'r1'": "r1",
}


@pytest.mark.parametrize("clause", FILTERS)
def test_runs_are_found(client, flock, clause):
    assert names(client, flock, clause) == FILTERS[clause]


def test_runs_are_found_by_lists_of_ids(client, flock):
    first, second = flock["ids"]["r1"], flock["ids"]["r2"]
    assert names(client, flock, f"run_id IN ('{first}', '{second}')") == "r1 r2"
    assert names(client, flock, f"run_id IN ('{first.upper()}', '{second}')") == "r2"
    assert names(client, flock, f"attributes.run_id NOT IN ('{first}') and status = 'FINISHED'") == "r3"


NO_FILTERS = """
metrics.acc > '0.4'
metrics.acc LIKE '1'
metrics.acc IS NULL
metrics.acc IN (1)
metrics.acc >
metrics.acc > 0 OR metrics.acc < 0
metrics.acc BETWEEN 0 AND 1
(metrics.acc > 0)
NOT metrics.acc > 0
params.lr = 0.1
params.lr > '0.1'
params.lr IN ('0.1')
params.lr = `0.1`
params.lr = '0.1
params.opt not like 'a%'
tags.team = red
tags.team
status IN ('FINISHED')
start_time > 'x'
end_time IS NULL
run_id IN ()
run_id IN (1)
run_id > 'a'
dataset.nope = 'x'
dataset.name IS NULL
nope.x = 1
experiment_id = '1'
; drop table runs
""".strip().splitlines()


@pytest.mark.parametrize("clause", NO_FILTERS)
def test_what_is_no_filter_of_runs_is_refused(client, flock, clause):
    with pytest.raises(MlflowException) as refused:
        names(client, flock, clause)
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


ORDERS = {
    "metrics.acc": "r5 r3 r1 r7 r4 r2 r6",
    "metrics.acc DESC": "r4 r1 r7 r3 r5 r2 r6",
    "metrics.`val loss` DESC": "r1 r2 r3 r4 r5 r6 r7",
    "metrics.absent": "r1 r2 r3 r4 r5 r6 r7",
    "params.lr": "r2 r1 r7 r3 r4 r5 r6",
    "params.lr DESC": "r3 r1 r7 r2 r4 r5 r6",
    "tags.team DESC": "r1 r7 r2 r3 r4 r5 r6",
    "start_time": "r6 r1 r2 r3 r4 r5 r7",
    "attributes.end_time desc": "r3 r1 r2 r4 r5 r6 r7",
    "status": "r2 r1 r3 r5 r4 r6 r7",
    "run_name DESC": "r7 r6 r5 r4 r3 r2 r1",
}


@pytest.mark.parametrize("order", ORDERS)
def test_runs_are_ordered_numbers_first_then_nan_then_what_is_missing(client, flock, order):
    assert names(client, flock, order_by=[order, "tags.mlflow.runName"]) == ORDERS[order]


def test_ties_go_by_id_behind_the_latest_start(client, flock):
    runs = client.search_runs([flock["experiment_id"]])
    keys = [(-run.info.start_time, run.info.run_id) for run in runs]
    assert keys == sorted(keys)


@pytest.mark.parametrize("order", ["metrics.acc foo", "nope", "attributes.nope", "dataset.name"])
def test_what_is_no_order_is_refused(client, flock, order):
    with pytest.raises(MlflowException) as refused:
        names(client, flock, order_by=[order])
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_an_order_by_the_same_twice_is_the_clients_mistake(client, flock):
    """We differ on purpose: 500 there."""
    with pytest.raises(MlflowException) as refused:
        names(client, flock, order_by=["metrics.acc", "metrics.acc DESC"])
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_pages_of_an_order_with_gaps_make_the_whole(client, flock):
    seen, token = [], None
    while token != "":
        order = ["metrics.acc DESC", "tags.mlflow.runName"]
        page = client.search_runs([flock["experiment_id"]], order_by=order, max_results=2, page_token=token)
        seen += [run.info.run_name for run in page]
        token = page.token or ""
    assert " ".join(seen) == ORDERS["metrics.acc DESC"]


@pytest.mark.parametrize(
    "body", [{"max_results": 50_001}, {"max_results": -1}, {"max_results": "x"}, {"page_token": "zzzz"}, {"experiment_ids": ["abc"]}]
)
def test_a_search_of_runs_is_bounded(url, flock, body):
    assert refusal(call(url, "POST", "runs/search", json={"experiment_ids": [flock["experiment_id"]], **body})) == INVALID


def test_mlflow_search_runs_makes_a_table(flock):
    frame = mlflow.search_runs([flock["experiment_id"]], order_by=["tags.mlflow.runName"])
    assert frame["tags.mlflow.runName"].tolist() == ["r1", "r2", "r3", "r4", "r5", "r6", "r7"]
    assert frame["params.opt"].tolist()[:4] == ["Adam", "adam", "sgd", "a_am"]
    assert frame["metrics.acc"][2] == 0.1 and math.isnan(frame["metrics.acc"][1])
    assert frame["status"].tolist()[:3] == ["FINISHED", "FAILED", "FINISHED"]
    assert frame["start_time"][0] == pd.Timestamp(1000, unit="ms", tz="UTC")


# Logging


@pytest.fixture
def run_id(client, experiment):
    return client.create_run(experiment.experiment_id).info.run_id


def test_long_values_are_cut_since_the_client_sends_them_whole(client, run_id):
    client.log_param(run_id, "one", "x" * 7000)
    client.set_tag(run_id, "one", "y" * 9000)
    client.log_batch(run_id, params=[Param("two", "x" * 7000)], tags=[RunTag("two", "y" * 9000)])
    client.log_param(run_id, "one", "x" * 7000)
    data = client.get_run(run_id).data
    assert {key: len(value) for key, value in data.params.items()} == {"one": 6000, "two": 6000}
    assert (len(data.tags["one"]), len(data.tags["two"])) == (8000, 8000)


def test_more_than_a_hundred_params_are_logged_at_once(client, experiment):
    with mlflow.start_run() as run:
        mlflow.log_params({f"p{index}": index for index in range(250)})
        mlflow.log_metrics({f"m{index}": float(index) for index in range(1100)})
    data = client.get_run(run.info.run_id).data
    assert (len(data.params), len(data.metrics)) == (250, 1100)


@pytest.mark.parametrize(
    ("batch", "says"),
    [
        ({"metrics": [{"key": "m", "value": 1, "timestamp": 1}] * 1001}, "1000"),
        ({"params": [{"key": f"p{index}", "value": "1"} for index in range(101)]}, "100"),
        ({"tags": [{"key": f"t{index}", "value": "1"} for index in range(101)]}, "100"),
        ({"params": [{"key": "twice", "value": "1"}, {"key": "twice", "value": "2"}]}, "twice"),
        ({"metrics": [{"key": "a//b", "value": 1, "timestamp": 1}]}, "metrics[0].name|metrics[0].key"),
        ({"metrics": [{"key": "m", "value": 1}]}, "timestamp"),
        ({"metrics": "x"}, "metrics"),
    ],
)
def test_a_batch_that_breaks_a_rule_is_refused_whole(url, client, run_id, batch, says):
    answer = call(url, "POST", "runs/log-batch", json={"run_id": run_id, "tags": [{"key": "mark", "value": "1"}], **batch})
    assert refusal(answer) == INVALID and any(part in answer.json()["message"] for part in says.split("|"))
    assert "mark" not in client.get_run(run_id).data.tags


@pytest.mark.parametrize("key", ["a//b", "/b", "..", "a#b", "k" * 251, "😀", "a/", "./a", "a+b", ""])
def test_keys_that_could_be_other_paths_are_refused(url, run_id, key):
    for path in ("runs/log-parameter", "runs/set-tag"):
        assert refusal(call(url, "POST", path, json={"run_id": run_id, "key": key, "value": "x"})) == INVALID
    assert refusal(call(url, "POST", "runs/log-metric", json={"run_id": run_id, "key": key, "value": 1, "timestamp": 1})) == INVALID


def test_odd_keys_that_are_allowed_come_back(client, run_id):
    keys = ["a/b", "a:b", "ü", "val loss", "k" * 250, "x.y-z_1"]
    for key in keys:
        client.log_param(run_id, key, "v")
        client.set_tag(run_id, key, "v")
        client.log_metric(run_id, key, 1)
    data = client.get_run(run_id).data
    assert sorted(data.params) == sorted(data.metrics) == sorted(keys) and set(keys) <= set(data.tags)


def test_numbers_come_as_json_can_carry_them(url, client, run_id):
    for key, value in {"text": "3.5", "nan": "NaN", "inf": "Infinity", "minus": "-Infinity", "tiny": 5e-324, "int": 2}.items():
        body = {"run_id": run_id, "key": key, "value": value, "timestamp": "12", "step": "-5"}
        call(url, "POST", "runs/log-metric", json=body).raise_for_status()
    metrics = client.get_run(run_id).data.metrics
    assert math.isnan(metrics.pop("nan"))
    assert metrics == {"text": 3.5, "inf": 1.7976931348623157e308, "minus": -1.7976931348623157e308, "tiny": 5e-324, "int": 2.0}
    assert (client.get_metric_history(run_id, "text")[0].timestamp, client.get_metric_history(run_id, "text")[0].step) == (12, -5)


def test_a_bare_nan_is_refused_and_stores_nothing(url, client, run_id):
    """We differ on purpose: the reference answers 200 and stores 0."""
    body = '{"run_id": "%s", "key": "m", "value": NaN, "timestamp": 1}' % run_id
    assert call(url, "POST", "runs/log-metric", data=body, headers={"Content-Type": "application/json"}).status_code == 400
    assert client.get_run(run_id).data.metrics == {}


def test_a_history_goes_by_time_step_and_value_each_point_once(url, client, run_id):
    for value, timestamp, step in [(3.0, 2, 0), (1.0, 1, 5), (2.0, 2, 0), (3.0, 2, 0), (9.0, 1, 4)]:
        client.log_metric(run_id, "m", value, timestamp=timestamp, step=step)
    history = [(point.timestamp, point.step, point.value) for point in client.get_metric_history(run_id, "m")]
    assert history == [(1, 4, 9.0), (1, 5, 1.0), (2, 0, 2.0), (2, 0, 3.0)]
    query = {"run_id": run_id, "metric_key": "m", "max_results": 3}
    page = call(url, "GET", "metrics/get-history", params=query).json()
    rest = call(url, "GET", "metrics/get-history", params={**query, "page_token": page["next_page_token"]}).json()
    assert [len(page["metrics"]), len(rest["metrics"]), "next_page_token" in rest] == [3, 1, False]


def test_a_history_without_a_limit_is_whole(url, client, run_id):
    """We differ on purpose: none at all there."""
    client.log_batch(run_id, metrics=[point("m", float(step), step) for step in range(1000)])
    answer = call(url, "GET", "metrics/get-history", params={"run_id": run_id, "metric_key": "m"}).json()
    assert len(answer["metrics"]) == 1000 and "next_page_token" not in answer
    assert call(url, "GET", "metrics/get-history", params={"run_id": run_id, "metric_key": "none", "max_results": 5}).json() == {}


def test_the_name_of_a_run_and_its_tag_are_one(client, experiment):
    run = client.create_run(experiment.experiment_id, tags={"mlflow.runName": "by tag"})
    assert run.info.run_name == "by tag"
    client.update_run(run.info.run_id, name="by name")
    assert client.get_run(run.info.run_id).data.tags["mlflow.runName"] == "by name"
    client.set_tag(run.info.run_id, "mlflow.runName", "by tag again")
    assert client.get_run(run.info.run_id).info.run_name == "by tag again"
    with pytest.raises(MlflowException):
        client.create_run(experiment.experiment_id, run_name="a", tags={"mlflow.runName": "b"})


def test_a_run_is_ended_by_any_status_and_taken_up_again(client, experiment):
    with mlflow.start_run() as run:
        mlflow.log_metric("m", 1.0, step=0)
    with mlflow.start_run(run_id=run.info.run_id):
        assert client.get_run(run.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("m", 2.0, step=1)
    assert [one.value for one in client.get_metric_history(run.info.run_id, "m")] == [1.0, 2.0]
    client.set_terminated(run.info.run_id, "KILLED", end_time=5000)
    info = client.get_run(run.info.run_id).info
    assert (info.status, info.end_time) == ("KILLED", 5000)


def test_a_run_that_failed_says_so(client, experiment):
    with pytest.raises(ZeroDivisionError):
        with mlflow.start_run() as run:
            1 / 0
    assert client.get_run(run.info.run_id).info.status == "FAILED"


def test_the_system_tags_of_the_client_are_kept(client, experiment):
    with mlflow.start_run() as run:
        mlflow.set_tags({"a": "1", "b": "2"})
        mlflow.delete_tag("a")
    tags = client.get_run(run.info.run_id).data.tags
    assert tags["mlflow.source.type"] == "LOCAL" and tags["mlflow.user"] and tags["mlflow.source.name"]
    assert "a" not in tags and tags["b"] == "2"
    with pytest.raises(MlflowException) as absent:
        client.delete_tag(run.info.run_id, "a")
    assert absent.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_what_is_logged_in_the_background_arrives(client, experiment, monkeypatch):
    with mlflow.start_run() as run:
        mlflow.log_metric("waited", 1.0, synchronous=False).wait()
        mlflow.log_param("waited", "1", synchronous=False).wait()
        monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_LOGGING", "true")
        for step in range(50):
            mlflow.log_metric("m", float(step), step=step)
        mlflow.set_tag("t", "v")
        mlflow.flush_async_logging()
    data = client.get_run(run.info.run_id).data
    assert (data.metrics, data.params, data.tags["t"]) == ({"waited": 1.0, "m": 49.0}, {"waited": "1"}, "v")
    assert len(client.get_metric_history(run.info.run_id, "m")) == 50


def test_runs_in_parallel_threads_keep_apart(client, experiment):
    def work(index):
        with mlflow.start_run(run_name=f"thread-{index}") as run:
            mlflow.log_metric("index", index)
            mlflow.log_text(str(index), "index.txt")
        return run.info.run_id

    with ThreadPoolExecutor(6) as pool:
        ids = list(pool.map(work, range(12)))
    assert [client.get_run(one).data.metrics["index"] for one in ids] == [float(index) for index in range(12)]
    assert [mlflow.artifacts.load_text(f"runs:/{one}/index.txt") for one in ids] == [str(index) for index in range(12)]


def test_inputs_of_arrays_are_kept_once(client, experiment):
    data = mlflow.data.from_numpy(np.arange(6).reshape(3, 2), targets=np.array([0, 1, 0]), name="grid")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training")
        mlflow.log_input(data, context="test")
    (logged,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert (logged.dataset.name, logged.dataset.digest, [tag.value for tag in logged.tags]) == ("grid", data.digest, ["training"])


@pytest.mark.parametrize("change", [{"name": "n" * 501}, {"digest": "g" * 37}, {"source": "s" * 65_536}, {"name": None}, {"source": ""}])
def test_a_dataset_that_breaks_a_limit_is_refused(url, client, run_id, change):
    body = dataset_json("d", "1")
    body["dataset"].update(change)
    assert refusal(call(url, "POST", "runs/log-inputs", json={"run_id": run_id, "datasets": [body]})) == INVALID
    assert client.get_run(run_id).inputs.dataset_inputs == []


def test_a_deleted_run_takes_no_writes(url, client, run_id):
    client.delete_run(run_id)
    client.delete_run(run_id)
    writes = {
        "log-metric": {"key": "m", "value": 1, "timestamp": 1},
        "log-parameter": {"key": "p", "value": "1"},
        "set-tag": {"key": "t", "value": "1"},
        "delete-tag": {"key": "mlflow.runName"},
        "log-batch": {"params": [{"key": "p", "value": "1"}]},
        "update": {"status": "FINISHED"},
        "log-inputs": {"datasets": [dataset_json("d", "1")]},
    }
    for path, body in writes.items():
        assert refusal(call(url, "POST", f"runs/{path}", json={"run_id": run_id, **body})) == INVALID, path
    client.restore_run(run_id)
    client.restore_run(run_id)
    assert client.get_run(run_id).data.params == {}


def test_the_legacy_record_of_models_is_checked(url, client, run_id):
    whole = '{"run_id": "%s", "artifact_path": "m", "utc_time_created": "x", "flavors": {}}' % run_id
    for broken in ("{", "{}", '"text"'):
        assert refusal(call(url, "POST", "runs/log-model", json={"run_id": run_id, "model_json": broken})) == INVALID
    call(url, "POST", "runs/log-model", json={"run_id": run_id, "model_json": whole}).raise_for_status()
    assert '"artifact_path"' in client.get_run(run_id).data.tags["mlflow.log-model.history"]


# Artifacts


def test_a_figure_is_stored_as_a_picture(client, experiment):
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([0, 1], [1, 0])
    with mlflow.start_run() as run:
        mlflow.log_figure(figure, "plots/line.png")
    with open(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="plots/line.png"), "rb") as picture:
        assert picture.read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_table_that_is_logged_in_parts_comes_back_whole(experiment):
    with mlflow.start_run() as run:
        mlflow.log_table({"question": ["a", "b"], "score": [1, 2]}, "eval/table.json")
        mlflow.log_table({"question": ["c"], "score": [3]}, "eval/table.json")
    table = mlflow.load_table("eval/table.json", run_ids=[run.info.run_id])
    assert table["question"].tolist() == ["a", "b", "c"] and table["score"].tolist() == [1, 2, 3]


# Not a#b and a?b: the client puts names into addresses as they are, and never sends what is behind these.
ODD_NAMES = ["a b.txt", "ü.txt", "a+b.txt", "a%b.txt", "a&b=c.txt", "semi;colon.txt", "日本.txt", "q'uote.txt", "dot..dot.txt"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_files_with_odd_names_come_back(client, run_id, tmp_path, name):
    (tmp_path / name).write_text(name)
    client.log_artifact(run_id, str(tmp_path / name), "some folder/ü")
    assert [one.path for one in client.list_artifacts(run_id, "some folder/ü")] == [f"some folder/ü/{name}"]
    down = tmp_path / "down"
    down.mkdir()
    with open(client.download_artifacts(run_id, f"some folder/ü/{name}", str(down))) as file:
        assert file.read() == name


def test_a_large_file_goes_up_and_down_unchanged(client, run_id, tmp_path):
    block = np.random.default_rng(7).bytes(1 << 20)
    with open(tmp_path / "large.bin", "wb") as file:
        for _ in range(64):
            file.write(block)
    client.log_artifact(run_id, str(tmp_path / "large.bin"))
    (entry,) = client.list_artifacts(run_id)
    assert entry.file_size == 64 << 20
    (tmp_path / "down").mkdir()
    with open(client.download_artifacts(run_id, "large.bin", str(tmp_path / "down")), "rb") as file:
        assert all(file.read(1 << 20) == block for _ in range(64)) and file.read() == b""


def test_a_client_that_wants_to_upload_in_parts_falls_back(client, run_id, tmp_path, monkeypatch):
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "1")
    (tmp_path / "parts.bin").write_bytes(b"parts")
    client.log_artifact(run_id, str(tmp_path / "parts.bin"))
    assert [one.file_size for one in client.list_artifacts(run_id)] == [5]


def test_a_client_that_wants_presigned_downloads_falls_back(client, run_id, tmp_path, monkeypatch):
    client.log_text(run_id, "text", "t.txt")
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE", "1")
    with open(client.download_artifacts(run_id, "t.txt", str(tmp_path))) as file:
        assert file.read() == "text"


def test_listings_of_what_is_no_folder_are_empty(client, run_id):
    client.log_text(run_id, "text", "d/t.txt")
    assert client.list_artifacts(run_id, "d/t.txt") == []
    assert client.list_artifacts(run_id, "absent") == []


def test_all_files_of_a_run_are_downloaded_at_once(client, run_id, tmp_path):
    for path in ("a.txt", "d/b.txt", "d/e/c.txt"):
        client.log_text(run_id, path, path)
    root = mlflow.artifacts.download_artifacts(artifact_uri=f"runs:/{run_id}/", dst_path=str(tmp_path))
    found = {str(path.relative_to(root)): path.read_text() for path in Path(root).rglob("*.txt")}
    assert found == {"a.txt": "a.txt", "d/b.txt": "d/b.txt", "d/e/c.txt": "d/e/c.txt"}


def test_an_artifact_that_is_deleted_twice_is_gone(url, client, run_id):
    client.log_text(run_id, "text", "t.txt")
    location = client.get_run(run_id).info.artifact_uri.removeprefix("mlflow-artifacts:/")
    for _ in range(2):
        assert requests.delete(f"{url}/api/2.0/mlflow-artifacts/artifacts/{location}/t.txt", timeout=30).status_code == 200
    assert client.list_artifacts(run_id) == []


# Logged models


@pytest.fixture
def models(client, experiment):
    """Three models: `a` and `b` of a run, `c` of none; `a` and `b` were measured on datasets, `c` is NaN."""
    with mlflow.start_run() as run:
        made = {}
        for name, kind in (("a", "agent"), ("b", "tree")):
            made[name] = mlflow.create_external_model(name=name, model_type=kind, params={"p": name}, tags={"t": name}).model_id
            time.sleep(0.01)
        now = int(time.time() * 1000)
        client.log_metric(run.info.run_id, "acc", 0.9, timestamp=now, model_id=made["a"], dataset_name="d1", dataset_digest="g1")
        client.log_metric(run.info.run_id, "acc", 0.5, timestamp=now + 1, model_id=made["b"], dataset_name="d1", dataset_digest="g1")
    made["c"] = client.create_logged_model(experiment.experiment_id, name="c", params={"p": "c"}).model_id
    return {"experiment_id": experiment.experiment_id, "run_id": run.info.run_id, "ids": made}


def found_models(client, models, clause=None, **kwargs):
    page = client.search_logged_models([models["experiment_id"]], filter_string=clause, **kwargs)
    return " ".join(model.name for model in page)


def test_logged_models_are_found(client, models):
    ids, run_id = models["ids"], models["run_id"]
    expected = {
        None: "c b a",
        "name = 'a'": "a",
        "name IN ('a', 'c')": "c a",
        "name NOT IN ('a')": "c b",
        "name ILIKE 'A'": "a",
        f"model_id = '{ids['b']}'": "b",
        "model_type = 'agent'": "a",
        "model_type != 'agent'": "c b",
        f"source_run_id = '{run_id}'": "b a",
        f"source_run_id != '{run_id}'": "c",
        "attributes.creation_timestamp > 0": "c b a",
        "metrics.acc > 0.6": "a",
        "metrics.acc >= 0.5": "b a",
        "params.p = 'b'": "b",
        "params.p != 'b'": "c a",
        "tags.t LIKE 'a%'": "a",
        "metrics.acc > 0.1 AND params.p = 'b'": "b",
    }
    assert {clause: found_models(client, models, clause) for clause in expected} == expected


def test_logged_models_are_ordered(client, models):
    by = lambda field, ascending=True, **scope: found_models(  # noqa: E731
        client, models, order_by=[{"field_name": field, "ascending": ascending, **scope}]
    )
    assert by("name") == "a b c"
    assert by("name", False) == "c b a"
    assert by("creation_timestamp") == "a b c"
    assert by("metrics.acc", False) == "a b c"
    assert by("metrics.acc", False, dataset_name="d1", dataset_digest="g1") == "a b c"


def test_logged_models_page_and_are_bound_to_datasets(client, models):
    first = client.search_logged_models([models["experiment_id"]], max_results=2)
    second = client.search_logged_models([models["experiment_id"]], max_results=2, page_token=first.token)
    assert [model.name for model in [*first, *second]] == ["c", "b", "a"]
    assert found_models(client, models, "metrics.acc > 0.1", datasets=[{"dataset_name": "d1", "dataset_digest": "g1"}]) == "b a"
    assert found_models(client, models, "metrics.acc > 0.1", datasets=[{"dataset_name": "absent"}]) == ""


def test_a_logged_model_keeps_what_is_said_about_it(client, models):
    model_id = models["ids"]["a"]
    client.set_logged_model_tags(model_id, {"k": "v", "t": "new"})
    client.delete_logged_model_tag(model_id, "k")
    client.finalize_logged_model(model_id, LoggedModelStatus.FAILED)
    model = mlflow.get_logged_model(model_id)
    assert ("k" in model.tags, model.tags["t"], model.params, str(model.status)) == (False, "new", {"p": "a"}, "FAILED")
    (metric,) = model.metrics
    assert (metric.key, metric.value, metric.dataset_name, metric.run_id) == ("acc", 0.9, "d1", models["run_id"])
    with pytest.raises(MlflowException):
        client.delete_logged_model_tag(model_id, "k")
    client.delete_logged_model(model_id)
    assert found_models(client, models) == "c b"


def test_runs_name_the_models_that_they_take_and_make(client, models):
    run_id = client.create_run(models["experiment_id"]).info.run_id
    client.log_inputs(run_id, models=[LoggedModelInput(model_id=models["ids"]["a"])])
    client.log_outputs(run_id, models=[LoggedModelOutput(model_id=models["ids"]["b"], step=3)])
    found = client.get_run(run_id)
    assert [one.model_id for one in found.inputs.model_inputs] == [models["ids"]["a"]]
    assert [(one.model_id, one.step) for one in found.outputs.model_outputs] == [(models["ids"]["b"], 3)]


def test_the_last_logged_model_is_the_one_that_was_made_last(models):
    assert mlflow.last_logged_model().model_id == models["ids"]["b"]


@pytest.mark.parametrize("name", ["a/b", "a:b", "a.b", "a%b", 'a"b', "a'b"])
def test_a_logged_model_has_no_odd_name(url, experiment, name):
    assert refusal(call(url, "POST", "logged-models", json={"experiment_id": experiment.experiment_id, "name": name})) == INVALID


# The registry


class Constant(mlflow.pyfunc.PythonModel):
    """Predicts one number, without a library that takes seconds to import."""

    def __init__(self, number):
        self.number = number

    def predict(self, context, model_input, params=None):
        return [self.number] * len(model_input)


def log_constant(number, **kwargs):
    return mlflow.pyfunc.log_model(name="model", python_model=Constant(number), pip_requirements=[], **kwargs)


def predicted(uri):
    return mlflow.pyfunc.load_model(uri).predict(pd.DataFrame({"x": [1, 2]}))


def test_a_model_is_registered_from_its_run_copied_and_loaded_in_every_way(client, experiment, name):
    with mlflow.start_run() as run:
        log_constant(1)
        log_constant(2)
    first = mlflow.register_model(f"runs:/{run.info.run_id}/model", name)
    assert (first.version, first.run_id) == ("1", run.info.run_id)
    with mlflow.start_run():
        log_constant(3, registered_model_name=name)
    client.set_registered_model_alias(name, "champion", "1")
    copied = client.copy_model_version(f"models:/{name}@champion", f"{name}-prod")
    assert (copied.name, copied.version, copied.source, copied.run_id) == (f"{name}-prod", "1", f"models:/{name}/1", run.info.run_id)
    assert predicted(f"models:/{name}/latest") == [3, 3]
    assert predicted(f"models:/{name}@champion") == predicted(f"models:/{name}/1") == predicted(f"models:/{name}-prod/1") == [2, 2]
    assert mlflow.models.get_model_info(f"models:/{name}/1").flavors["python_function"]["loader_module"] == "mlflow.pyfunc.model"
    assert "MLmodel" in {one.path for one in mlflow.artifacts.list_artifacts(f"models:/{name}/1")}


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_a_model_is_loaded_by_its_stage(client, experiment, name):
    with mlflow.start_run():
        log_constant(4, registered_model_name=name)
        log_constant(5, registered_model_name=name)
    client.transition_model_version_stage(name, "1", "Production")
    assert predicted(f"models:/{name}/Production") == [4, 4]


def test_a_model_is_logged_without_a_run(client, experiment):
    info = log_constant(6)
    assert client.get_logged_model(info.model_id).source_run_id in (None, "", info.run_id)
    assert predicted(f"models:/{info.model_id}") == [6, 6]


@pytest.fixture
def registered(client, name):
    client.create_registered_model(name)
    for index in range(3):
        client.create_model_version(name, f"s3://elsewhere/{index}", tags={"index": str(index)})
    return name


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_stages_follow_mlflows_rules(client, registered):
    client.transition_model_version_stage(registered, "1", "staging")
    client.transition_model_version_stage(registered, "2", "Staging")
    assert {one.version: one.current_stage for one in client.get_latest_versions(registered)} == {"2": "Staging", "3": "None"}
    client.transition_model_version_stage(registered, "3", "Staging", archive_existing_versions=True)
    stages = {one.version: one.current_stage for one in client.search_model_versions(f"name = '{registered}'")}
    assert stages == {"1": "Archived", "2": "Archived", "3": "Staging"}
    assert [one.version for one in client.get_latest_versions(registered, ["Staging"])] == ["3"]
    assert [one.version for one in client.get_latest_versions(registered, ["None", "Production"])] == []
    for stage, archive in (("nope", False), ("Archived", True)):
        with pytest.raises(MlflowException) as refused:
            client.transition_model_version_stage(registered, "1", stage, archive_existing_versions=archive)
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("alias", ["latest", "LATEST", "v1", "V12", "a b", "a.b", "a" * 256, ""])
def test_an_alias_that_could_be_something_else_is_refused(url, registered, alias):
    assert refusal(call(url, "POST", "registered-models/alias", json={"name": registered, "alias": alias, "version": "1"})) == INVALID


def test_aliases_are_told_apart_by_case_and_leave_with_their_version(url, client, registered):
    client.set_registered_model_alias(registered, "champion", "1")
    client.set_registered_model_alias(registered, "Champion", "2")
    assert client.get_registered_model(registered).aliases == {"champion": "1", "Champion": "2"}
    client.delete_model_version(registered, "1")
    assert client.get_registered_model(registered).aliases == {"Champion": "2"}
    client.delete_registered_model_alias(registered, "absent")
    assert refusal(call(url, "GET", "registered-models/alias", params={"name": registered, "alias": "champion"})) == INVALID
    assert refusal(call(url, "GET", "registered-models/alias", params={"name": "absent", "alias": "champion"})) == NOT_FOUND


def test_a_tag_of_the_registry_that_is_taken_away_twice_is_gone(client, registered):
    client.set_registered_model_tag(registered, "k", "v" * 100_000)
    client.set_model_version_tag(registered, "1", "k", "v")
    for _ in range(2):
        client.delete_registered_model_tag(registered, "k")
        client.delete_model_version_tag(registered, "1", "k")
    assert "k" not in client.get_registered_model(registered).tags and "k" not in client.get_model_version(registered, "1").tags
    with pytest.raises(MlflowException):
        client.set_registered_model_tag(registered, "k", "v" * 100_001)


def test_registered_models_are_found_and_ordered(client, name):
    for one in ("Auk", "auklet", "Crow%"):
        client.create_registered_model(f"{one}-{name}", tags={"team": name, "odd key": one})
        time.sleep(0.005)

    def found(clause="", order_by=None):
        both = f"tags.team = '{name}'" + (f" AND {clause}" if clause else "")
        return " ".join(model.name.removesuffix(f"-{name}") for model in client.search_registered_models(both, order_by=order_by))

    assert found() == "Auk Crow% auklet"
    assert found(f"name = 'Auk-{name}'") == "Auk"
    assert found(f"name != 'Auk-{name}'") == "Crow% auklet"
    assert found("name LIKE 'a%'") == "auklet" and found("name ilike 'A%'") == "Auk auklet"
    assert found(f"name IN ('Auk-{name}', 'auklet-{name}')") == "Auk auklet"
    assert found("tags.`odd key` = 'Crow%'") == "Crow%"
    assert found(order_by=["name DESC"]) == "auklet Crow% Auk"
    assert found(order_by=["timestamp DESC"]) == found(order_by=["last_updated_timestamp DESC"]) == "Crow% auklet Auk"
    first = client.search_registered_models(f"tags.team = '{name}'", max_results=2)
    second = client.search_registered_models(f"tags.team = '{name}'", max_results=2, page_token=first.token)
    assert [model.name for model in second] == [f"auklet-{name}"]
    for broken in ("name > 'x'", "nope = 'x'", "name = x", "name = 'a' or name = 'b'"):
        with pytest.raises(MlflowException) as refused:
            found(broken)
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_versions_are_found_and_ordered(client, registered):
    def found(clause="", order_by=None):
        both = f"name = '{registered}'" + (f" AND {clause}" if clause else "")
        return " ".join(version.version for version in client.search_model_versions(both, order_by=order_by))

    assert found(order_by=["version_number DESC"]) == "3 2 1"
    assert found(order_by=["creation_timestamp ASC"]) == "1 2 3"
    assert found("version_number >= 2", ["version_number"]) == "2 3"
    assert found("version_number != 2", ["version_number"]) == "1 3"
    assert found("source_path LIKE 's3://elsewhere/%'", ["version_number"]) == "1 2 3"
    assert found("run_id != 'absent'", ["version_number"]) == "1 2 3"
    assert found("run_id IN ('absent')") == ""
    assert found("tags.index = '1'") == "2" and found("tags.index != '1'", ["version_number"]) == "1 3"


def test_the_registry_refuses_as_clients_expect(url, client, registered):
    assert refusal(call(url, "POST", "registered-models/create", json={"name": registered})) == (400, "RESOURCE_ALREADY_EXISTS")
    for bad in ("", "  ", "a/b", "a:b", 5):
        assert refusal(call(url, "POST", "registered-models/create", json={"name": bad})) == INVALID
    assert refusal(call(url, "GET", "registered-models/get", params={"name": "absent"})) == NOT_FOUND
    assert refusal(call(url, "POST", "model-versions/create", json={"name": "absent", "source": "s3://b/m"})) == NOT_FOUND
    assert refusal(call(url, "GET", "model-versions/get", params={"name": registered, "version": "99"})) == NOT_FOUND
    assert refusal(call(url, "GET", "model-versions/get", params={"name": registered, "version": "abc"})) == INVALID
    assert refusal(call(url, "POST", "registered-models/rename", json={"name": registered, "new_name": "a/b"})) == INVALID
    client.delete_model_version(registered, "3")
    assert refusal(call(url, "GET", "model-versions/get", params={"name": registered, "version": "3"})) == NOT_FOUND
    assert client.create_model_version(registered, "s3://b/m").version == "4"


def test_a_prompt_is_registered_loaded_and_kept_out_of_the_models(client, name):
    mlflow.genai.register_prompt(name, "Say {{thing}}.", commit_message="first", tags={"k": "v"})
    second = mlflow.genai.register_prompt(name, "Say {{thing}} twice.")
    assert second.version == 2
    assert mlflow.genai.load_prompt(f"prompts:/{name}/1").format(thing="hello") == "Say hello."
    mlflow.genai.set_prompt_alias(name, "production", 2)
    assert mlflow.genai.load_prompt(f"prompts:/{name}@production").template == "Say {{thing}} twice."
    assert [prompt.name for prompt in mlflow.genai.search_prompts(f"name = '{name}'")] == [name]
    assert client.search_registered_models(f"name = '{name}'") == []


# The command line


@pytest.fixture
def command(monkeypatch):
    """Runs `mlflow …` as its script does, without the seconds that a process of its own needs to import everything."""

    def run(*arguments):
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow.get_tracking_uri())
    return run


def test_the_command_line_finds_experiments_and_runs(command, experiment, run_id):
    assert experiment.name in command("experiments", "search")
    assert run_id in command("runs", "list", "--experiment-id", experiment.experiment_id)


def test_the_command_line_lists_and_downloads_files(command, client, run_id, tmp_path):
    client.log_text(run_id, "hello", "notes/hello.txt")
    assert "notes/hello.txt" in command("artifacts", "list", "--run-id", run_id, "--artifact-path", "notes")
    command("artifacts", "download", "--run-id", run_id, "--artifact-path", "notes", "--dst-path", str(tmp_path))
    assert (tmp_path / "notes" / "hello.txt").read_text() == "hello"
