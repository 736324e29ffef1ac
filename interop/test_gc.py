"""Deleting for good: the unmodified client deletes, the command removes, and the client finds what it should."""

import hashlib
import json
import os
import subprocess
import uuid
from pathlib import Path

import mlflow
import pytest
import requests
from mlflow.exceptions import MlflowException

ROOT = Path(__file__).resolve().parent.parent


def gc(*args, expect=0):
    """Runs the command beside the server, with the server's settings, which the environment holds."""
    done = subprocess.run(
        ["node", str(ROOT / "apps/api/bin/throughline.mjs"), "gc", "--json", *args], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == expect, done.stderr
    return json.loads(done.stdout) if expect == 0 else done.stderr


def age(content):
    """Makes a stored file two days old."""
    command = ["node", str(ROOT / "scripts/run.mjs"), "interop/age.mjs", hashlib.sha256(content).hexdigest()]
    subprocess.run(command, capture_output=True, check=True, timeout=60)


def doctor():
    done = subprocess.run(
        ["node", str(ROOT / "apps/api/bin/throughline.mjs"), "doctor", "--deep", "--json"], capture_output=True, text=True, timeout=120
    )
    return json.loads(done.stdout)["deep"]


def code_of(error):
    return error.value.error_code


@pytest.fixture
def gone(client, experiment):
    """A run with everything that a run has, deleted."""
    with mlflow.start_run() as run:
        mlflow.log_param("lr", 0.1)
        mlflow.log_metrics({"loss": 1.0}, step=1)
        mlflow.log_text("bytes", "notes/a.txt")
    client.delete_run(run.info.run_id)
    return run.info


def test_a_dry_run_removes_nothing(client, gone):
    report = gc("--dry-run", "--run-ids", gone.run_id)
    assert report["runs"] == {"found": 1, "removed": 1, "kept": 0}
    assert client.get_run(gone.run_id).info.lifecycle_stage == "deleted"


def test_a_deleted_run_goes_with_its_artifacts(client, url, experiment, gone):
    assert gc("--run-ids", gone.run_id)["runs"]["removed"] == 1
    with pytest.raises(MlflowException) as error:
        client.get_run(gone.run_id)
    assert code_of(error) == "RESOURCE_DOES_NOT_EXIST"
    path = f"{experiment.experiment_id}/{gone.run_id}/artifacts/notes/a.txt"
    assert requests.get(f"{url}/api/2.0/mlflow-artifacts/artifacts/{path}", timeout=30).status_code == 404
    everything = client.search_runs([experiment.experiment_id], run_view_type=mlflow.entities.ViewType.ALL)
    assert [run.info.run_id for run in everything] == []


def test_the_name_of_an_experiment_is_free_again(client, experiment, gone):
    client.delete_experiment(experiment.experiment_id)
    with pytest.raises(MlflowException):
        client.create_experiment(experiment.name)
    report = gc("--experiment-ids", experiment.experiment_id)
    assert (report["runs"]["removed"], report["experiments"]["removed"]) == (1, 1)
    again = client.create_experiment(experiment.name)
    assert again != experiment.experiment_id or client.get_experiment(again).lifecycle_stage == "active"
    assert client.search_runs([again]) == []


def test_what_a_model_version_came_from_stays(client, experiment, name):
    with mlflow.start_run() as run:
        mlflow.log_param("depth", 3)
        mlflow.log_text("weights", "model/weights.txt")
    client.create_registered_model(name)
    version = client.create_model_version(name, f"runs:/{run.info.run_id}/model", run.info.run_id)
    client.delete_run(run.info.run_id)
    client.delete_experiment(experiment.experiment_id)
    report = gc("--experiment-ids", experiment.experiment_id)
    assert report["runs"] == {"found": 1, "removed": 0, "kept": 1}
    assert report["kept"] == {"MODEL_VERSION": 1, "HOLDS_KEPT": 1}
    assert client.get_run(run.info.run_id).data.params == {"depth": "3"}
    assert mlflow.artifacts.load_text(f"models:/{name}/{version.version}/weights.txt") == "weights"
    # The experiment stays for the run, and its name is free all the same.
    assert client.create_experiment(experiment.name) != experiment.experiment_id


def test_what_is_in_use_is_refused(client, experiment):
    with mlflow.start_run() as run:
        pass
    assert "is not deleted" in gc("--run-ids", run.info.run_id, expect=1)
    assert client.get_run(run.info.run_id).info.lifecycle_stage == "active"


def test_a_restored_run_is_not_taken(client, gone):
    client.restore_run(gone.run_id)
    gc()
    assert client.get_run(gone.run_id).data.params == {"lr": "0.1"}


@pytest.mark.only_on("filesystem")
def test_the_file_of_a_purged_run_leaves_the_disk(client, experiment):
    content = uuid.uuid4().hex
    run = client.create_run(experiment.experiment_id).info
    client.log_text(run.run_id, content, "only.txt")
    objects = Path(os.environ["THROUGHLINE_DATA_DIR"]) / "objects"

    def stored():
        return [path for path in objects.rglob("*") if path.is_file() and path.read_text(errors='replace') == content]

    assert len(stored()) == 1
    client.delete_run(run.run_id)
    age(content.encode())
    assert gc("--run-ids", run.run_id)["collected"]["blobs"] >= 1
    assert stored() == []


@pytest.mark.only_on("s3")
def test_the_file_of_a_purged_run_leaves_the_bucket(client, url, experiment):
    content = uuid.uuid4().hex
    kept, gone = (client.create_run(experiment.experiment_id).info for _ in range(2))
    client.log_text(kept.run_id, f"kept {content}", "only.txt")
    client.log_text(gone.run_id, f"gone {content}", "only.txt")

    def address(run):
        path = run.artifact_uri.removeprefix("mlflow-artifacts:/")
        return requests.get(f"{url}/api/2.0/mlflow-artifacts/presigned/{path}/only.txt", timeout=30).json()["url"]

    addresses = [address(kept), address(gone)]
    assert [requests.get(one, timeout=30).status_code for one in addresses] == [200, 200]
    client.delete_run(gone.run_id)
    for word in ("kept", "gone"):
        age(f"{word} {content}".encode())
    report = gc("--run-ids", gone.run_id)
    assert report["runs"]["removed"] == 1 and report["collected"]["blobs"] >= 1
    assert [requests.get(one, timeout=30).status_code for one in addresses] == [200, 404]
    deep = doctor()
    assert (deep["missing"]["count"], deep["damaged"]["count"]) == (0, 0)
