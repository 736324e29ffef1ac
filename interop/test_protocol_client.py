"""What the unmodified client does with the corners of the tracking protocol: pages, lists that it cuts itself, deleted things, and the parts of
MLflow that this server does not speak.
"""

import math

import mlflow
import numpy as np
import pytest
import requests
from mlflow.entities import LoggedModelParameter, LoggedModelStatus, Metric, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.tracking._tracking_service.utils import _get_store


def points(key, count, first_step=0):
    return [Metric(key, float(step), 1 + step, step) for step in range(first_step, first_step + count)]


# Metrics


def test_a_history_of_more_points_than_a_page_comes_whole(client, experiment):
    run_id = client.create_run(experiment.experiment_id).info.run_id
    for batch in range(26):
        client.log_batch(run_id, metrics=points("m", 1000, batch * 1000))
    history = client.get_metric_history(run_id, "m")
    assert [point.step for point in history] == list(range(26_000))


def test_a_metric_of_a_model_on_a_dataset_is_found_by_the_client(client, experiment):
    data = mlflow.data.from_numpy(np.arange(4), name="measured")
    model = client.create_logged_model(experiment.experiment_id, name="measured")
    with mlflow.start_run() as run:
        mlflow.log_metric("acc", 0.5, model_id=model.model_id, dataset=data)
        mlflow.log_metric("nan", math.nan, model_id=model.model_id)
    (acc,) = [metric for metric in client.get_logged_model(model.model_id).metrics if metric.key == "acc"]
    assert (acc.value, acc.run_id, acc.model_id) == (0.5, run.info.run_id, model.model_id)
    assert (acc.dataset_name, acc.dataset_digest) == ("measured", data.digest)


def test_the_largest_numbers_come_back_as_they_were_sent(client, experiment):
    run_id = client.create_run(experiment.experiment_id).info.run_id
    sent = {"max": 1.7976931348623157e308, "tiny": 5e-324, "third": 1 / 3, "big int": float(2**53 + 2), "minus": -0.1}
    for key, value in sent.items():
        client.log_metric(run_id, key, value, timestamp=2**53 - 1, step=2**53 - 1)
    assert client.get_run(run_id).data.metrics == sent
    assert client.get_metric_history(run_id, "third")[0].step == 2**53 - 1


# Experiments and runs


def test_an_experiment_tag_of_twenty_thousand_characters_is_kept_whole(client, experiment):
    client.set_experiment_tag(experiment.experiment_id, "long", "x" * 20_000)
    assert len(client.get_experiment(experiment.experiment_id).tags["long"]) == 20_000
    with pytest.raises(MlflowException, match="exceeds the maximum length"):
        client.set_experiment_tag(experiment.experiment_id, "long", "x" * 20_001)


def test_unknown_names_and_ids_are_what_the_client_makes_of_them(client):
    assert client.get_experiment_by_name("nobody made this one") is None
    for look in (lambda: client.get_experiment("987654321"), lambda: client.get_run("f" * 32), lambda: client.get_logged_model("m-" + "f" * 32)):
        with pytest.raises(MlflowException) as absent:
            look()
        assert absent.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_a_deleted_experiment_is_neither_renamed_nor_deleted_again(client, experiment):
    client.delete_experiment(experiment.experiment_id)
    with pytest.raises(MlflowException, match="Cannot rename a non-active experiment") as renamed:
        client.rename_experiment(experiment.experiment_id, f"{experiment.name} again")
    assert renamed.value.error_code == "INVALID_STATE"
    with pytest.raises(MlflowException) as deleted:
        client.delete_experiment(experiment.experiment_id)
    assert deleted.value.error_code == "RESOURCE_DOES_NOT_EXIST"


def test_every_status_of_a_run_comes_back(client, experiment):
    for status in ("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"):
        run_id = client.create_run(experiment.experiment_id).info.run_id
        client.update_run(run_id, status=status)
        assert RunStatus.from_string(client.get_run(run_id).info.status) == RunStatus.from_string(status)


def test_nested_runs_are_found_below_their_parent(client, experiment):
    with mlflow.start_run() as parent:
        for index in range(3):
            with mlflow.start_run(nested=True, run_name=f"child {index}"):
                pass
    found = client.search_runs([experiment.experiment_id], f"tags.mlflow.parentRunId = '{parent.info.run_id}'")
    assert sorted(run.info.run_name for run in found) == ["child 0", "child 1", "child 2"]


# Logged models


def test_more_params_than_one_request_takes_reach_a_logged_model(client, experiment):
    params = {f"p{index}": "x" * 500 for index in range(250)}
    model = client.create_logged_model(experiment.experiment_id, name="many params", params=params)
    assert client.get_logged_model(model.model_id).params == params


def test_params_are_added_to_a_logged_model_later(client, experiment):
    model = client.create_logged_model(experiment.experiment_id, name="later", params={"a": "1"})
    client.log_model_params(model.model_id, {"b": "2"})
    assert client.get_logged_model(model.model_id).params == {"a": "1", "b": "2"}
    _get_store().log_logged_model_params(model.model_id, [LoggedModelParameter("b", "2")])
    with pytest.raises(MlflowException):
        client.log_model_params(model.model_id, {"b": "3"})


def test_a_deleted_logged_model_is_told_to_who_may_see_deleted_ones(client, experiment):
    model = client.create_logged_model(experiment.experiment_id, name="gone")
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    client.delete_logged_model(model.model_id)
    with pytest.raises(MlflowException):
        client.get_logged_model(model.model_id)
    assert _get_store().get_logged_model(model.model_id, allow_deleted=True).name == "gone"


def test_logged_models_are_asked_for_in_pages_of_any_size(client, experiment):
    for index in range(3):
        client.create_logged_model(experiment.experiment_id, name=f"m{index}")
    page = client.search_logged_models([experiment.experiment_id], max_results=5000)
    assert ([model.name for model in page], page.token) == (["m2", "m1", "m0"], None)
    assert len(mlflow.search_logged_models([experiment.experiment_id], output_format="list")) == 3


# The prompt lab


def test_a_model_of_the_prompt_lab_is_one_that_the_library_reads(url, experiment):
    body = {
        "experiment_id": experiment.experiment_id,
        "prompt_template": "Say {{ word }}",
        "prompt_parameters": [{"key": "word", "value": "yes: #1"}],
        "model_route": "route",
        "model_parameters": [{"key": "temperature", "value": 0.5}],
        "model_input": "Say yes",
        "model_output": "yes",
        "mlflow_version": mlflow.__version__,
    }
    answer = requests.post(f"{url}/ajax-api/2.0/mlflow/runs/create-promptlab-run", json=body, timeout=30)
    answer.raise_for_status()
    run_id = answer.json()["run"]["info"]["run_id"]
    info = mlflow.models.get_model_info(f"runs:/{run_id}/model")
    assert [column.name for column in info.signature.inputs] == ["word"]
    assert [column.name for column in info.signature.outputs] == ["output"]
    assert mlflow.pyfunc.load_model(f"runs:/{run_id}/model").metadata.run_id == run_id
    table = mlflow.load_table("eval_results_table.json", run_ids=[run_id])
    assert table.to_dict("records") == [{"word": "yes: #1", "prompt": "Say yes", "output": "yes"}]


# What this server does not speak


def test_a_traced_function_still_runs_and_its_run_is_logged(client, experiment):
    @mlflow.trace
    def double(number):
        return number * 2

    with mlflow.start_run() as run:
        mlflow.log_metric("doubled", double(21))
    mlflow.flush_trace_async_logging(terminate=False)
    assert client.get_run(run.info.run_id).data.metrics == {"doubled": 42.0}


def test_traces_and_evaluation_datasets_are_refused_at_once(experiment):
    for ask in (
        lambda: mlflow.search_traces(locations=[experiment.experiment_id]),
        lambda: mlflow.genai.datasets.create_dataset(name="questions", experiment_id=experiment.experiment_id),
    ):
        with pytest.raises(MlflowException) as refused:
            ask()
        assert refused.value.error_code == "ENDPOINT_NOT_FOUND"
