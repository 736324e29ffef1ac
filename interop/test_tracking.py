"""Runs, metrics, params, tags and search, with the unmodified client."""

import math
import re
import time
from concurrent.futures import ThreadPoolExecutor

import mlflow
import pytest
import requests
from mlflow.entities import Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException


def test_a_logged_metric_can_be_read_back(client, experiment):
    run = client.create_run(experiment.experiment_id)
    client.log_metric(run.info.run_id, "loss", 0.25, step=3)
    assert client.get_run(run.info.run_id).data.metrics == {"loss": 0.25}
    (point,) = client.get_metric_history(run.info.run_id, "loss")
    assert (point.value, point.step) == (0.25, 3)


def test_the_server_says_which_release_it_speaks(url):
    assert requests.get(f"{url}/version", timeout=10).text == mlflow.__version__
    assert requests.get(f"{url}/health", timeout=10).text == "OK"


def test_the_default_experiment_is_there(client):
    assert client.get_experiment("0").name == "Default"


def test_the_fluent_api_logs_params_metrics_and_tags(client, experiment):
    with mlflow.start_run(run_name="first", tags={"team": "birds"}, description="words") as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"depth": 3, "empty": ""})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"a": 1.0, "b": 2.0})
        mlflow.set_tag("k", "v")
    found = client.get_run(run.info.run_id)
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "first"
    assert found.data.params == {"lr": "0.1", "depth": "3", "empty": ""}
    assert found.data.metrics == {"loss": 0.2, "a": 1.0, "b": 2.0}
    assert found.data.tags["team"] == "birds" and found.data.tags["mlflow.note.content"] == "words"
    assert [point.step for point in client.get_metric_history(run.info.run_id, "loss")] == [0, 1, 2, 3, 4]


def test_nested_runs_know_their_parent(client, experiment):
    with mlflow.start_run() as parent:
        with mlflow.start_run(nested=True) as child:
            pass
    assert client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id
    found = client.search_runs([experiment.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert [run.info.run_id for run in found] == [child.info.run_id]


def test_a_batch_is_logged_whole(client, experiment):
    run = client.create_run(experiment.experiment_id)
    now = int(time.time() * 1000)
    metrics = [Metric(f"m{key}", float(step), now, step) for key in range(20) for step in range(50)]
    client.log_batch(run.info.run_id, metrics=metrics)
    client.log_batch(run.info.run_id, metrics=metrics)  # a retry must not show twice
    assert len(client.get_metric_history(run.info.run_id, "m7")) == 50
    assert client.get_run(run.info.run_id).data.metrics["m19"] == 49.0


def test_a_batch_with_a_changed_param_changes_nothing(client, experiment):
    run = client.create_run(experiment.experiment_id)
    client.log_param(run.info.run_id, "lr", "1")
    with pytest.raises(MlflowException, match="Changing param values is not allowed|Params were already logged"):
        client.log_batch(run.info.run_id, metrics=[Metric("m", 1.0, 1, 0)], params=[Param("lr", "2")], tags=[RunTag("t", "x")])
    found = client.get_run(run.info.run_id)
    assert found.data.metrics == {} and "t" not in found.data.tags and found.data.params == {"lr": "1"}


def test_nan_and_infinity_survive(client, experiment):
    run = client.create_run(experiment.experiment_id)
    client.log_metric(run.info.run_id, "nan", float("nan"))
    client.log_metric(run.info.run_id, "inf", float("inf"))
    client.log_metric(run.info.run_id, "-inf", float("-inf"))
    metrics = client.get_run(run.info.run_id).data.metrics
    assert math.isnan(metrics["nan"])
    assert metrics["inf"] >= 1.7976931348623157e308 and metrics["-inf"] <= -1.7976931348623157e308


def test_the_latest_value_is_by_step_then_time_then_value(client, experiment):
    run = client.create_run(experiment.experiment_id)
    client.log_metric(run.info.run_id, "m", 9.0, timestamp=10, step=2)
    client.log_metric(run.info.run_id, "m", 1.0, timestamp=99, step=1)
    client.log_metric(run.info.run_id, "m", 3.0, timestamp=10, step=2)
    assert client.get_run(run.info.run_id).data.metrics["m"] == 9.0


def test_eight_writers_on_one_run_lose_nothing(client, experiment):
    run = client.create_run(experiment.experiment_id)

    def write(worker):
        for batch in range(5):
            points = [Metric(f"k{key}", float(worker), worker * 100 + batch, batch * 10 + key) for key in range(10)]
            client.log_batch(run.info.run_id, metrics=points)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert all(len(client.get_metric_history(run.info.run_id, f"k{key}")) == 40 for key in range(10))


def test_search_speaks_the_filter_grammar(client, experiment):
    ids = {}
    for index in range(4):
        with mlflow.start_run(run_name=f"r{index}") as run:
            mlflow.log_metric("acc", index / 10)
            mlflow.log_param("model", "mlp" if index % 2 else "tree")
            mlflow.set_tag("odd key", f"value-{index}")
        ids[f"r{index}"] = run.info.run_id

    def names(filter_string, order_by=("attributes.run_name ASC",)):
        return [run.info.run_name for run in client.search_runs([experiment.experiment_id], filter_string, order_by=list(order_by))]

    assert names("metrics.acc >= 0.2") == ["r2", "r3"]
    assert names("metrics.acc > 0.1 and params.model = 'mlp'") == ["r3"]
    assert names("params.model != 'mlp'") == ["r0", "r2"]
    assert names("tags.`odd key` LIKE 'value-%'") == ["r0", "r1", "r2", "r3"]
    assert names("tags.\"odd key\" ILIKE 'VALUE-1'") == ["r1"]
    assert names("attributes.status = 'FINISHED' and run_name = 'r1'") == ["r1"]
    assert names(f"run_id IN ('{ids['r0']}', '{ids['r3']}')") == ["r0", "r3"]
    assert names("params.absent IS NULL and params.model IS NOT NULL") == ["r0", "r1", "r2", "r3"]
    assert names("", ["metrics.acc DESC"]) == ["r3", "r2", "r1", "r0"]
    for broken in ("metrics.acc > 'x'", "nonsense", "metrics.acc = 1 OR metrics.acc = 2", "params.model = mlp"):
        with pytest.raises(MlflowException) as refused:
            names(broken)
        assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


def test_search_pages_through_everything_once(client, experiment):
    for index in range(25):
        client.create_run(experiment.experiment_id, run_name=f"p{index}")
    seen, token = [], None
    while True:
        page = client.search_runs([experiment.experiment_id], max_results=10, page_token=token)
        seen += [run.info.run_id for run in page]
        token = page.token
        if not token:
            break
    assert len(seen) == len(set(seen)) == 25


def test_deleted_things_come_back(client, experiment):
    run = client.create_run(experiment.experiment_id)
    client.delete_run(run.info.run_id)
    with pytest.raises(MlflowException, match="must be in the 'active' state"):
        client.log_metric(run.info.run_id, "m", 1.0)
    assert client.search_runs([experiment.experiment_id]) == []
    deleted = client.search_runs([experiment.experiment_id], run_view_type=ViewType.DELETED_ONLY)
    assert [found.info.run_id for found in deleted] == [run.info.run_id]
    client.restore_run(run.info.run_id)
    client.delete_experiment(experiment.experiment_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    with pytest.raises(MlflowException) as taken:
        client.create_experiment(experiment.name)
    assert taken.value.error_code == "RESOURCE_ALREADY_EXISTS"
    client.restore_experiment(experiment.experiment_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


def test_experiments_are_searched_renamed_and_tagged(client, name):
    experiment_id = client.create_experiment(name, tags={"team": name})
    client.set_experiment_tag(experiment_id, "k", "v")
    client.rename_experiment(experiment_id, f"{name}-renamed")
    (found,) = client.search_experiments(filter_string=f"tags.team = '{name}'")
    assert (found.name, found.tags["k"]) == (f"{name}-renamed", "v")
    assert client.get_experiment_by_name(name) is None


def test_dataset_inputs_are_kept(client, experiment):
    import pandas as pd

    frame = pd.DataFrame({"x": [1, 2], "y": [3, 4]})
    data = mlflow.data.from_pandas(frame, source="https://example.com/frame.csv", name="frame")
    with mlflow.start_run() as run:
        mlflow.log_input(data, context="training", tags={"extra": "1"})
    (logged,) = client.get_run(run.info.run_id).inputs.dataset_inputs
    assert (logged.dataset.name, logged.dataset.digest) == ("frame", data.digest)
    assert {tag.key: tag.value for tag in logged.tags} == {"mlflow.data.context": "training", "extra": "1"}
    found = client.search_runs([experiment.experiment_id], f"datasets.digest = '{data.digest}' and dataset.context = 'training'")
    assert [one.info.run_id for one in found] == [run.info.run_id]


def test_the_printed_links_are_those_that_the_dashboard_opens(url, experiment, capfd):
    with mlflow.start_run() as run:
        pass
    printed = capfd.readouterr()
    links = re.findall(re.escape(url) + r"/#/\S+", printed.out + printed.err)
    page = f"{url}/#/experiments/{experiment.experiment_id}"
    assert sorted(links) == [page, f"{page}/runs/{run.info.run_id}"]
