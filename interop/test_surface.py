"""The breadth of the client: every public function of `mlflow` and every method of `MlflowClient` is either called somewhere in this suite, or
named here with the reason why not. A release that brings a new one fails until somebody places it.

Below are tests of what the other files, each about one thing, do not touch.
"""

import inspect
import io
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient
from mlflow.entities import DatasetInput, InputTag, LoggedModelInput, LoggedModelOutput, LoggedModelStatus
from mlflow.models import infer_signature
from PIL import Image

# Why a name is not called here. The patterns meet whole names.
OUTSIDE = {
    "tracing, which is not spoken": r".*_traces?(_.*)?|.*_spans?(_.*)?|trace|search_sessions",
    "assessments of traces": r".*_assessment|log_expectation|log_feedback|log_issue|override_feedback",
    "evaluation of generated text, and its datasets": r"evaluate|validate_evaluation_results|.*_datasets?(_.*)?",
    "servers of tools for language models": r".*_mcp_.*",
    "workspaces, which their administrators make": r".*_workspaces?|get_workspace_store_uri",
    "what never asks a server, or asks a cloud": r"doctor|login|run|test|import_checkpoints|context|get_model_version_stages|parse_prompt_uri",
}


def placed_nowhere(public, receivers):
    source = "\n".join(path.read_text() for path in Path(__file__).parent.rglob("*.py"))
    outside = re.compile("|".join(OUTSIDE.values()))
    return [one for one in public if not outside.fullmatch(one) and not re.search(rf"(?:{receivers})\.{one}\b", source)]


def test_every_function_of_mlflow_is_tried_or_placed():
    public = [one for one in mlflow.__all__ if inspect.isfunction(getattr(mlflow, one, None))]
    assert len(public) > 100 and placed_nowhere(public, r"\bmlflow") == []


def test_every_method_of_the_client_is_tried_or_placed():
    public = [one for one in dir(MlflowClient) if not one.startswith("_")]
    assert len(public) > 100 and placed_nowhere(public, r"\bclient|MlflowClient\(\)|\bapi") == []


@pytest.fixture
def run(client, experiment):
    return client.create_run(experiment.experiment_id).info


# Where things are


def test_the_client_knows_where_it_logs(url, client, experiment):
    assert mlflow.is_tracking_uri_set() and mlflow.get_tracking_uri() == client.tracking_uri == url
    mlflow.set_registry_uri(url)
    assert mlflow.get_registry_uri() == url
    with mlflow.start_run() as run:
        assert mlflow.get_artifact_uri() == run.info.artifact_uri
        assert mlflow.get_artifact_uri("a/b") == f"{run.info.artifact_uri}/a/b"
    assert mlflow.get_run(run.info.run_id).info.artifact_uri == run.info.artifact_uri
    assert mlflow.get_experiment(experiment.experiment_id).name == experiment.name


def test_the_fluent_functions_make_delete_and_restore(client, name):
    experiment_id = mlflow.create_experiment(name, tags={"a": "1"})
    mlflow.set_experiment(experiment_id=experiment_id)
    mlflow.set_experiment_tag("b", "2")
    mlflow.delete_experiment_tag("a")
    assert {key: value for key, value in mlflow.get_experiment(experiment_id).tags.items() if len(key) == 1} == {"b": "2"}
    with mlflow.start_run() as run:
        pass
    assert mlflow.last_active_run().info.run_id == run.info.run_id
    mlflow.delete_run(run.info.run_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "deleted"
    mlflow.restore_run(run.info.run_id)
    mlflow.delete_experiment(experiment_id)
    mlflow.restore_experiment(experiment_id)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


def test_a_run_is_taken_up_again_where_it_was_left(client, experiment):
    with mlflow.start_run(run_name="twice") as first:
        mlflow.log_metric("loss", 2.0, step=1)
        mlflow.log_param("lr", 0.1)
    with mlflow.start_run(run_id=first.info.run_id) as second:
        assert client.get_run(second.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("loss", 1.0, step=2)
        mlflow.log_param("lr", 0.1)
    ended = client.get_run(first.info.run_id)
    assert (ended.info.status, ended.info.run_name, ended.data.params) == ("FINISHED", "twice", {"lr": "0.1"})
    assert [(one.step, one.value) for one in client.get_metric_history(first.info.run_id, "loss")] == [(1, 2.0), (2, 1.0)]


def test_a_child_knows_its_parent_three_deep(client, experiment):
    with mlflow.start_run() as top, mlflow.start_run(nested=True) as middle, mlflow.start_run(nested=True) as leaf:
        assert mlflow.get_parent_run(leaf.info.run_id).info.run_id == middle.info.run_id
    assert client.get_parent_run(middle.info.run_id).info.run_id == top.info.run_id
    assert client.get_parent_run(top.info.run_id) is None


# Logging


def test_metrics_of_many_steps_arrive_in_order(client, experiment):
    with mlflow.start_run() as run:
        for step in range(150):
            mlflow.log_metrics({"loss": 1 / (step + 1), "acc": step / 150}, step=step, synchronous=False)
        mlflow.flush_async_logging()
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [one.step for one in history] == list(range(150)) and history[-1].value == 1 / 150


def test_asynchronous_logging_can_be_the_rule(client, experiment):
    mlflow.config.enable_async_logging()
    try:
        with mlflow.start_run() as run:
            mlflow.log_params({"a": 1, "b": 2})
            mlflow.set_tags({"t": "x"})
            mlflow.log_metric("m", 1.5)
            mlflow.flush_async_logging()
            seen = client.get_run(run.info.run_id).data
    finally:
        mlflow.config.enable_async_logging(False)
    assert (seen.params, seen.tags["t"], seen.metrics) == ({"a": "1", "b": "2"}, "x", {"m": 1.5})


def test_pictures_by_step_arrive_in_the_background(client, experiment):
    picture = np.zeros((8, 8, 3), dtype=np.uint8)
    with mlflow.start_run() as run:
        mlflow.log_image(picture, "plain.png")
        mlflow.log_image(picture, key="seen", step=3, synchronous=False)
        mlflow.flush_artifact_async_logging()
    client.log_image(run.info.run_id, Image.new("RGB", (4, 4)), "small.png")
    assert [one.path for one in client.list_artifacts(run.info.run_id)] == ["images", "plain.png", "small.png"]
    names = [one.path for one in client.list_artifacts(run.info.run_id, "images")]
    assert sorted(name.rpartition(".")[2] for name in names) == ["png", "webp"]
    assert Image.open(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="small.png")).size == (4, 4)


def test_files_of_every_kind_come_back(client, run, tmp_path):
    import matplotlib.figure

    (tmp_path / "one.bin").write_bytes(b"\x00\xff")
    client.log_dict(run.run_id, {"a": [1, 2]}, "data/values.json")
    client.log_dict(run.run_id, {"a": [1, 2]}, "data/values.yaml")
    client.log_figure(run.run_id, matplotlib.figure.Figure(), "figure.png")
    client.log_stream(run.run_id, io.BytesIO(b"streamed"), "stream.bin")
    with mlflow.start_run(run_id=run.run_id):
        mlflow.log_artifact(tmp_path / "one.bin", "folder")
        mlflow.log_stream(io.BytesIO(b"fluent"), "fluent.bin")
    assert mlflow.artifacts.load_dict(f"runs:/{run.run_id}/data/values.json") == {"a": [1, 2]}
    assert mlflow.artifacts.load_image(f"runs:/{run.run_id}/figure.png").size[0] > 0
    read = {path: Path(mlflow.artifacts.download_artifacts(f"runs:/{run.run_id}/{path}")).read_bytes() for path in ("stream.bin", "fluent.bin", "folder/one.bin")}
    assert read == {"stream.bin": b"streamed", "fluent.bin": b"fluent", "folder/one.bin": b"\x00\xff"}
    assert {one.path for one in mlflow.artifacts.list_artifacts(run_id=run.run_id, artifact_path="data")} == {"data/values.json", "data/values.yaml"}


def test_tables_of_several_runs_are_read_as_one(client, experiment):
    for index in range(2):
        run = client.create_run(experiment.experiment_id).info
        client.log_table(run.run_id, {"question": [f"q{index}"], "answer": [index]}, "table.json")
        client.log_table(run.run_id, pd.DataFrame({"question": ["again"], "answer": [9]}), "table.json")
    table = client.load_table(experiment.experiment_id, "table.json", extra_columns=["run_id"])
    assert sorted(table["question"]) == ["again", "again", "q0", "q1"] and table["run_id"].nunique() == 2


def test_inputs_and_outputs_are_told_together(client, experiment):
    frame = mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="frame", targets="x")
    array = mlflow.data.from_numpy(np.arange(6).reshape(3, 2), name="array")
    model = client.create_logged_model(experiment.experiment_id, name="m")
    with mlflow.start_run() as run:
        mlflow.log_inputs(datasets=[frame, array], contexts=["training", "validation"], tags_list=[{"k": "v"}, None])
        client.log_inputs(run.info.run_id, models=[LoggedModelInput(model.model_id)])
        mlflow.log_outputs(models=[LoggedModelOutput(model.model_id, step=2)])
    held = client.get_run(run.info.run_id)
    told = {one.dataset.name: {tag.key: tag.value for tag in one.tags} for one in held.inputs.dataset_inputs}
    assert told == {"frame": {"mlflow.data.context": "training", "k": "v"}, "array": {"mlflow.data.context": "validation"}}
    assert {one.dataset.digest for one in held.inputs.dataset_inputs} == {frame.digest, array.digest}
    assert held.inputs.model_inputs[0].model_id == held.outputs.model_outputs[0].model_id == model.model_id
    again = DatasetInput(frame._to_mlflow_entity(), [InputTag("mlflow.data.context", "training")])
    client.log_inputs(run.info.run_id, [again])
    assert len(client.get_run(run.info.run_id).inputs.dataset_inputs) == 2


def test_the_machines_load_is_logged_with_the_run(client, experiment):
    mlflow.set_system_metrics_sampling_interval(0.05)
    mlflow.set_system_metrics_samples_before_logging(1)
    mlflow.set_system_metrics_node_id("node")
    mlflow.enable_system_metrics_logging()
    try:
        with mlflow.start_run() as run:
            arrived = threading.Event()
            for _ in range(600):
                if client.get_metric_history(run.info.run_id, "system/node/cpu_utilization_percentage"):
                    break
                arrived.wait(0.05)
    finally:
        mlflow.disable_system_metrics_logging()
        mlflow.set_system_metrics_sampling_interval(None)
        mlflow.set_system_metrics_samples_before_logging(None)
        mlflow.set_system_metrics_node_id(None)
    metrics = client.get_run(run.info.run_id).data.metrics
    assert {"system/node/cpu_utilization_percentage", "system/node/system_memory_usage_megabytes"} <= set(metrics)


WRITER = """
import sys, mlflow
run_id, index = sys.argv[1], int(sys.argv[2])
client = mlflow.MlflowClient()
for step in range(30):
    client.log_metric(run_id, "shared", index * 100 + step, step=step)
client.log_param(run_id, f"p{index}", index)
client.log_text(run_id, str(index), f"parts/{index}.txt")
"""


def test_processes_that_log_to_one_run_lose_nothing(url, client, run):
    env = {**os.environ, "MLFLOW_TRACKING_URI": url}
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, run.run_id, str(index)], env=env, stderr=subprocess.PIPE, text=True) for index in range(3)]
    said = [writer.communicate(timeout=300)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], said
    values = sorted(one.value for one in client.get_metric_history(run.run_id, "shared"))
    assert values == [index * 100 + step for index in range(3) for step in range(30)]
    assert client.get_run(run.run_id).data.params == {"p0": "0", "p1": "1", "p2": "2"}
    assert [one.path for one in client.list_artifacts(run.run_id, "parts")] == ["parts/0.txt", "parts/1.txt", "parts/2.txt"]


def test_runs_are_searched_as_a_table_and_as_a_list(experiment):
    for index in range(3):
        with mlflow.start_run(run_name=f"run {index}"):
            mlflow.log_metric("loss", index)
    table = mlflow.search_runs(experiment_names=[experiment.name], filter_string="metrics.loss > 0", order_by=["metrics.loss DESC"])
    listed = mlflow.search_runs([experiment.experiment_id], "metrics.loss > 0", order_by=["metrics.loss DESC"], output_format="list")
    assert table["metrics.loss"].tolist() == [2.0, 1.0] == [run.data.metrics["loss"] for run in listed]
    assert mlflow.search_runs([experiment.experiment_id], "metrics.loss > 9").empty


# Models


class Double(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * 2


def test_a_logged_model_is_made_by_hand_and_said_to_be_ready(client, experiment, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")
    model = mlflow.initialize_logged_model(name="by-hand", params={"p": "1"}, model_type="agent")
    mlflow.log_model_params({"q": "2"}, model_id=model.model_id)
    mlflow.set_logged_model_tags(model.model_id, {"t": "1", "u": "2"})
    mlflow.delete_logged_model_tag(model.model_id, "u")
    client.log_model_artifact(model.model_id, str(tmp_path / "b.txt"))
    client.log_model_artifacts(model.model_id, str(tmp_path / "folder"))
    assert {one.path for one in client.list_logged_model_artifacts(model.model_id)} == {"a.txt", "b.txt"}
    mlflow.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    found = mlflow.get_logged_model(model.model_id)
    assert (found.params, found.tags["t"], "u" in found.tags, str(found.status)) == ({"p": "1", "q": "2"}, "1", False, "READY")
    assert (Path(mlflow.artifacts.download_artifacts(f"models:/{model.model_id}")) / "a.txt").read_text() == "a"


def test_metrics_are_bound_to_the_active_model(client, experiment):
    model = client.create_logged_model(experiment.experiment_id, name="active")
    mlflow.set_active_model(model_id=model.model_id)
    try:
        assert mlflow.get_active_model_id() == model.model_id
        with mlflow.start_run() as run:
            mlflow.log_metric("acc", 0.75)
    finally:
        mlflow.clear_active_model()
    (metric,) = mlflow.get_logged_model(model.model_id).metrics
    assert (metric.key, metric.value, metric.run_id) == ("acc", 0.75, run.info.run_id)


def test_what_a_model_says_of_itself_is_read_and_changed_in_place(experiment):
    frame = pd.DataFrame({"x": [1.0, 2.0]})
    with mlflow.start_run():
        logged = mlflow.pyfunc.log_model(name="double", python_model=Double(), pip_requirements=["pandas"], input_example=frame)
    mlflow.models.set_signature(logged.model_uri, infer_signature(frame, frame * 2))
    mlflow.models.update_model_requirements(logged.model_uri, "add", ["numpy"])
    info = mlflow.models.get_model_info(logged.model_uri)
    assert [one.name for one in info.signature.outputs] == ["x"]
    assert "numpy" in (Path(mlflow.artifacts.download_artifacts(logged.model_uri)) / "requirements.txt").read_text()
    assert mlflow.pyfunc.load_model(logged.model_uri).predict(frame)["x"].tolist() == [2.0, 4.0]


def test_the_registry_by_the_fluent_functions(client, experiment, name):
    with mlflow.start_run():
        logged = mlflow.pyfunc.log_model(name="double", python_model=Double(), pip_requirements=[])
    version = mlflow.register_model(logged.model_uri, name, tags={"a": "1"})
    mlflow.set_model_version_tag(name, version.version, "b", "2")
    (found,) = mlflow.search_model_versions(filter_string=f"name = '{name}'")
    assert (found.version, found.tags) == (version.version, {"a": "1", "b": "2"})
    assert client.update_registered_model(name, "words").description == "words"
    assert [one.description for one in mlflow.search_registered_models(filter_string=f"name = '{name}'")] == ["words"]
    copied = client.copy_model_version(f"models:/{name}/1", f"{name}-copy")
    assert mlflow.pyfunc.load_model(f"models:/{name}-copy/{copied.version}").predict(3) == 6


# Prompts, by the client's own methods


def test_a_prompt_by_every_method_of_the_client(client, name):
    client.create_prompt(name, description="words", tags={"team": "birds"})
    made = client.create_prompt_version(name, "Hello {{who}}", description="first", tags={"k": "v"})
    second = client.register_prompt(name, "Bye {{who}}")
    assert (made.version, second.version) == (1, 2)
    client.set_prompt_alias(name, "champion", 2)
    assert client.get_prompt_version_by_alias(name, "champion").version == 2
    assert client.load_prompt(f"prompts:/{name}@champion").format(who="you") == "Bye you"
    client.delete_prompt_alias(name, "champion")
    client.set_prompt_tag(name, "x", "1")
    client.delete_prompt_tag(name, "x")
    client.set_prompt_version_tag(name, "1", "y", "1")
    client.delete_prompt_version_tag(name, "1", "y")
    assert "x" not in client.get_prompt(name).tags and client.get_prompt_version(name, "1").tags.get("k") == "v"
    assert "y" not in client.get_prompt_version(name, "1").tags


def test_the_older_functions_of_prompts_still_work(name):
    mlflow.register_prompt(name, "Hello {{who}}")
    mlflow.set_prompt_alias(name, "a", 1)
    assert mlflow.load_prompt(f"prompts:/{name}@a").template == "Hello {{who}}"
    mlflow.delete_prompt_alias(name, "a")
    assert [one.name for one in mlflow.search_prompts(filter_string=f"name = '{name}'")] == [name]


def test_a_prompt_is_taken_from_a_run_again(client, run, name):
    prompt = client.register_prompt(name, "text")
    # The tag by which older clients linked the two, and by which this method still goes.
    client.set_prompt_version_tag(name, "1", "mlflow.prompt.associatedRunIds", run.run_id)
    assert [one.name for one in client.list_logged_prompts(run.run_id)] == [name]
    client.detach_prompt_from_run(run.run_id, prompt.uri)
    assert client.list_logged_prompts(run.run_id) == []
