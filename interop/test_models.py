"""Artifacts, logged models and the registry, with the unmodified client."""

import os

import mlflow
import numpy as np
import pytest
from mlflow.exceptions import MlflowException
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression


def test_artifacts_go_up_and_come_down(client, experiment, tmp_path):
    folder = tmp_path / "up"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("alpha")
    (folder / "sub" / "b b+ü.bin").write_bytes(bytes(range(256)))
    (folder / "empty").write_bytes(b"")
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(folder), "files")
        mlflow.log_text("hello", "notes/hello.txt")
        mlflow.log_dict({"a": 1}, "notes/d.json")
    top = client.list_artifacts(run.info.run_id)
    assert [(entry.path, entry.is_dir) for entry in top] == [("files", True), ("notes", True)]
    inner = client.list_artifacts(run.info.run_id, "files")
    assert {entry.path: entry.file_size for entry in inner if not entry.is_dir} == {"files/a.txt": 5, "files/empty": 0}
    down = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="files", dst_path=str(tmp_path / "down"))
    assert (tmp_path / "down" / "files" / "sub" / "b b+ü.bin").read_bytes() == bytes(range(256))
    assert os.path.getsize(os.path.join(down, "empty")) == 0
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/hello.txt") == "hello"


def test_an_artifact_can_be_rewritten(client, experiment):
    with mlflow.start_run() as run:
        mlflow.log_text("one", "t.txt")
        mlflow.log_text("two", "t.txt")
    assert mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/t.txt") == "two"


@pytest.fixture
def iris():
    return load_iris(return_X_y=True)


def test_autologged_training_is_registered_promoted_and_predicts(client, experiment, iris, name):
    features, labels = iris
    mlflow.sklearn.autolog(registered_model_name=name)
    try:
        with mlflow.start_run() as run:
            model = LogisticRegression(max_iter=300).fit(features, labels)
    finally:
        mlflow.sklearn.autolog(disable=True)
    found = client.get_run(run.info.run_id)
    assert found.data.params["max_iter"] == "300" and "training_score" in found.data.metrics
    (version,) = client.search_model_versions(f"name = '{name}'")
    assert version.run_id == run.info.run_id
    client.set_registered_model_alias(name, "champion", version.version)
    loaded = mlflow.sklearn.load_model(f"models:/{name}@champion")
    assert np.array_equal(loaded.predict(features), model.predict(features))
    assert found.outputs.model_outputs, "the run names the logged model that it made"


def test_a_logged_model_is_registered_and_loaded_by_version(client, experiment, iris, name):
    features, labels = iris
    with mlflow.start_run() as run:
        info = mlflow.sklearn.log_model(LogisticRegression(max_iter=200).fit(features, labels), name="clf", input_example=features[:2])
    logged = client.get_logged_model(info.model_id)
    assert (logged.status, logged.source_run_id) == ("READY", run.info.run_id)
    version = mlflow.register_model(info.model_uri, name, tags={"k": "v"})
    assert (version.version, version.source) == ("1", f"models:/{info.model_id}")
    predictions = mlflow.pyfunc.load_model(f"models:/{name}/1").predict(features)
    assert len(predictions) == len(features)
    (found,) = mlflow.search_logged_models(
        experiment_ids=[experiment.experiment_id], filter_string=f"source_run_id = '{run.info.run_id}'", output_format="list"
    )
    assert found.model_id == info.model_id


def test_versions_aliases_and_tags(client, name):
    client.create_registered_model(name, tags={"t": "1"}, description="words")
    with pytest.raises(MlflowException) as taken:
        client.create_registered_model(name)
    assert taken.value.error_code == "RESOURCE_ALREADY_EXISTS"
    first = client.create_model_version(name, "s3://elsewhere/model")
    second = client.create_model_version(name, "s3://elsewhere/model2", description="second")
    assert (first.version, second.version) == ("1", "2")
    client.set_registered_model_alias(name, "champion", "1")
    client.set_registered_model_alias(name, "champion", "2")
    assert client.get_model_version_by_alias(name, "champion").version == "2"
    assert client.get_registered_model(name).aliases == {"champion": "2"}
    client.set_model_version_tag(name, "2", "k", "v")
    client.update_model_version(name, "2", "changed")
    found = client.get_model_version(name, "2")
    assert (found.tags, found.description, found.aliases) == ({"k": "v"}, "changed", ["champion"])
    client.delete_registered_model_alias(name, "champion")
    with pytest.raises(MlflowException) as unknown:
        client.get_model_version_by_alias(name, "champion")
    assert unknown.value.error_code == "INVALID_PARAMETER_VALUE"
    client.delete_model_version(name, "2")
    assert client.create_model_version(name, "s3://elsewhere/model3").version == "3"
    client.rename_registered_model(name, f"{name}-renamed")
    assert [model.name for model in client.search_registered_models(f"name LIKE '{name}%'")] == [f"{name}-renamed"]
    client.delete_registered_model(f"{name}-renamed")
    assert client.search_registered_models(f"name LIKE '{name}%'") == []


def test_a_registered_version_keeps_its_files_when_the_run_changes(client, experiment, name):
    client.create_registered_model(name)
    with mlflow.start_run() as run:
        mlflow.log_text("first", "model/weights.txt")
        version = client.create_model_version(name, f"runs:/{run.info.run_id}/model", run_id=run.info.run_id)
        mlflow.log_text("second", "model/weights.txt")
    path = mlflow.artifacts.download_artifacts(f"models:/{name}/{version.version}")
    with open(os.path.join(path, "weights.txt")) as weights:
        assert weights.read() == "first"
