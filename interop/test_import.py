"""Moving over: what the unmodified client made in another store is copied by the command, and the same client reads the same from both.

Three forms of a source: a real MLflow server by its address, the SQLite file of such a server with its folder of files, and a folder of runs.
"""

import json
import math
import os
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import ViewType
from reference import mlflow_server

pytestmark = pytest.mark.only_on("filesystem")

COMMAND = ["node", str(Path(__file__).resolve().parent.parent / "apps/api/bin/throughline.mjs"), "import", "mlflow"]

# Fills a store as a team would, in a process of its own as theirs is. A folder of runs keeps no prompts.
FILL = r"""
import sys
import mlflow
import pandas as pd
from mlflow import MlflowClient

address, name = sys.argv[1:]
mlflow.set_tracking_uri(address)
client = MlflowClient()


class Double(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input * 2


mlflow.set_experiment(f"{name}/birds")
mlflow.set_experiment_tags({"team": "birds", "mlflow.note.content": "two\nlines: 'quoted'"})
with mlflow.start_run(run_name="first", tags={"kind": "a"}) as first:
    mlflow.log_params({"lr": 0.1, "deep/key": "v", "odd": "ä𝄞"})
    for step in range(40):
        mlflow.log_metrics({"loss": 1 / (step + 1), "val/acc": step / 40}, step=step)
    mlflow.log_text("hello", "notes/ü.txt")
    mlflow.log_text("", "empty.txt")
    frame = pd.DataFrame({"x": [1, 2], "y": [3.0, 4.0]})
    mlflow.log_input(mlflow.data.from_pandas(frame, name="frame"), context="training", tags={"k": "v"})
    model = mlflow.pyfunc.log_model(name="double", python_model=Double(), params={"p": 1}, tags={"t": "1"}, pip_requirements=[])
    mlflow.log_metric("model_acc", 0.5, step=1, model_id=model.model_id)
with mlflow.start_run(run_name="second") as second:
    mlflow.set_tag("kind", "b")
    for step, value in enumerate([float("nan"), float("inf"), float("-inf"), 0.0]):
        mlflow.log_metric("strange", value, step=step)
    with mlflow.start_run(run_name="child", nested=True):
        mlflow.log_metric("q", 1)
with mlflow.start_run(run_name="gone") as gone:
    mlflow.log_param("x", 1)
client.delete_run(gone.info.run_id)
for index in range(30):
    run = client.create_run(mlflow.get_experiment_by_name(f"{name}/birds").experiment_id, run_name=f"many {index}").info
    client.log_metric(run.run_id, "index", index)
    client.log_text(run.run_id, str(index), "index.txt")
    client.set_terminated(run.run_id, "FAILED" if index % 2 else "FINISHED")
client.delete_experiment(client.create_experiment(f"{name}/gone"))

client.create_registered_model(f"{name}-model", {"rt": "1"}, "words")
for source, model_id in ((model.model_uri, model.model_id), (model.model_uri, model.model_id), (f"runs:/{first.info.run_id}/notes", None)):
    client.create_model_version(f"{name}-model", source, first.info.run_id, description="a version", model_id=model_id)
client.delete_model_version(f"{name}-model", "2")
client.set_registered_model_alias(f"{name}-model", "champion", "1")
client.set_model_version_tag(f"{name}-model", "1", "vt", "1")
client.transition_model_version_stage(f"{name}-model", "3", "Staging")
if not address.startswith("file:"):
    mlflow.genai.register_prompt(f"{name}-prompt", "Hello {{who}}", commit_message="first")
    mlflow.genai.register_prompt(f"{name}-prompt", "Bye {{who}}")
    mlflow.genai.set_prompt_alias(f"{name}-prompt", "best", 2)
"""


def fill(address, name):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FILL, address, name],
        env={**os.environ, "MLFLOW_TRACKING_URI": address},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr


def bring(*args, status=0):
    """Runs the command beside the server, with the server's settings, which the environment holds; answers its report."""
    done = subprocess.run([*COMMAND, *map(str, args), "--json"], capture_output=True, text=True, timeout=300)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A real MLflow server, its folder, and the name behind which everything on it stands."""
    folder = tmp_path_factory.mktemp("source")
    name = f"moved-{uuid.uuid4().hex[:8]}"
    with mlflow_server(folder) as address:
        fill(address, name)
        yield {"address": address, "folder": folder, "name": name}


# What the client sees


def plain(value):
    """A number that can be compared: NaN is one, and infinity is what the protocol makes of it."""
    if math.isnan(value):
        return "NaN"
    return math.copysign(sys.float_info.max, value) if math.isinf(value) else value


def told(tags):
    """The tags but for those by which the import knows its own again; the versions of a logged model as the set that they are."""
    kept = {key: value for key, value in tags.items() if not key.startswith("throughline.imported")}
    if "mlflow.modelVersions" in kept:
        kept["mlflow.modelVersions"] = {(one["name"], one["version"]) for one in json.loads(kept["mlflow.modelVersions"])}
    return kept


def files_of(client, run_id, path=None):
    found = {}
    for one in client.list_artifacts(run_id, path):
        if one.is_dir:
            found.update(files_of(client, run_id, one.path))
        else:
            found[one.path] = Path(client.download_artifacts(run_id, one.path)).read_bytes()
    return found


def seen_run(client, run):
    info, data = run.info, run.data
    return {
        "info": (info.run_name, info.status, info.start_time, info.end_time, info.lifecycle_stage, info.user_id),
        "params": data.params,
        "tags": told(data.tags),
        "latest": {key: plain(value) for key, value in data.metrics.items()},
        "histories": {key: sorted((one.step, one.timestamp, str(plain(one.value))) for one in client.get_metric_history(info.run_id, key)) for key in data.metrics},
        "inputs": [(one.dataset.to_dictionary(), sorted((tag.key, tag.value) for tag in one.tags)) for one in run.inputs.dataset_inputs],
        "outputs": [(one.model_id, one.step) for one in run.outputs.model_outputs] if run.outputs else [],
        "files": files_of(client, info.run_id) if info.lifecycle_stage == "active" else None,
    }  # fmt: skip


def seen(address, name):
    """Everything behind a name, as the client sees it there."""
    mlflow.set_tracking_uri(address)
    client = MlflowClient(address)
    scope = client.search_experiments(ViewType.ALL, filter_string=f"name LIKE '{name}/%'", order_by=["name"])
    ids = [one.experiment_id for one in scope]
    return {
        "experiments": [(one.name, told(one.tags), one.lifecycle_stage, one.creation_time) for one in scope],
        "runs": {run.info.run_id: seen_run(client, run) for run in client.search_runs(ids, run_view_type=ViewType.ALL)},
        "logged models": {one.model_id: seen_model(one) for one in client.search_logged_models(ids)},
        "registered models": {one.name: (one.tags, one.description, one.aliases) for one in client.search_registered_models(f"name LIKE '{name}%'")},
        "versions": {(one.name, one.version): seen_version(client, one) for one in client.search_model_versions(f"name = '{name}-model'")},
    }


def seen_model(one):
    metrics = sorted((metric.key, metric.value, metric.step, metric.run_id) for metric in one.metrics or [])
    files = Path(mlflow.artifacts.download_artifacts(f"models:/{one.model_id}"))
    # The library writes this one beside what it downloads.
    read = {str(path.relative_to(files)): path.read_bytes() for path in files.rglob("*") if path.is_file() and path.name != "registered_model_meta"}
    return {"said": (one.name, str(one.status), one.params, told(one.tags), one.source_run_id, one.creation_timestamp), "metrics": metrics, "files": read}


def seen_version(client, listed):
    one = client.get_model_version(listed.name, listed.version)
    return (one.run_id, one.tags, one.description, one.aliases, one.current_stage, one.status, one.creation_timestamp)


def test_a_server_is_copied_by_its_address_whole_and_once(url, server):
    report = bring(server["address"])
    assert report["counts"]["runs"]["skipped"] == 0 and report["leftOut"] == 0, report["notes"]
    assert seen(url, server["name"]) == seen(server["address"], server["name"])
    mlflow.set_tracking_uri(url)
    prompt = f"{server['name']}-prompt"
    assert mlflow.genai.load_prompt(f"prompts:/{prompt}@best").format(who="you") == "Bye you"
    assert mlflow.genai.load_prompt(f"prompts:/{prompt}/1").commit_message == "first"
    assert mlflow.pyfunc.load_model(f"models:/{server['name']}-model@champion").predict(4) == 8
    again = bring(server["address"])
    assert {kind: count["copied"] for kind, count in again["counts"].items() if count["copied"]} == {}


def test_a_file_of_sqlite_is_copied_through_a_kill_in_the_middle(url, server):
    name = f"moved-{uuid.uuid4().hex[:8]}"
    fill(server["address"], name)
    source = (f"sqlite:///{server['folder']}/mlflow.db", "--artifacts", server["folder"] / "artifacts")
    killed_in_the_middle(url, name, *source)
    report = bring(*source)
    assert report["leftOut"] == 0, report["notes"]
    assert seen(url, name) == seen(server["address"], name)


def killed_in_the_middle(url, name, *args):
    """Kills the command with all that it started as soon as its first run is seen."""
    client = MlflowClient(url)
    process = subprocess.Popen([*COMMAND, *map(str, args)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        waiting = threading.Event()
        while process.poll() is None:
            experiment = client.get_experiment_by_name(f"{name}/birds")
            if experiment is not None and client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL, max_results=1):
                break
            waiting.wait(0.02)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def as_servers_say(theirs):
    """What a folder tells, in the three ways in which the client's servers tell the same otherwise than its reader of folders does.

    That reader answers a point that was logged twice twice, versions as numbers, and no word at a logged model of the versions made of it.
    """
    for run in theirs["runs"].values():
        run["histories"] = {key: sorted(set(points)) for key, points in run["histories"].items()}
    theirs["versions"] = {(model, str(version)): said for (model, version), said in theirs["versions"].items()}
    return theirs


def test_a_folder_of_runs_is_copied_and_a_dry_run_only_counts(url, tmp_path, monkeypatch):
    # The client reads and writes folders only when it is asked to.
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    name = f"moved-{uuid.uuid4().hex[:8]}"
    folder = tmp_path / "mlruns"
    fill(folder.as_uri(), name)
    theirs = as_servers_say(seen(folder.as_uri(), name))
    dry = bring(folder, "--dry-run")
    assert dry["dryRun"] and dry["counts"]["runs"]["found"] == 34
    assert MlflowClient(url).get_experiment_by_name(f"{name}/birds") is None
    report = bring(folder)
    assert report["leftOut"] == 0, report["notes"]
    ours = seen(url, name)
    for model in ours["logged models"].values():
        model["said"][3].pop("mlflow.modelVersions")
    assert len(theirs["versions"]) == 2 and ours == theirs
    mlflow.set_tracking_uri(url)
    assert mlflow.pyfunc.load_model(f"models:/{name}-model@champion").predict(4) == 8
    again = bring(folder)
    assert {kind: count["copied"] for kind, count in again["counts"].items() if count["copied"]} == {}


def test_an_address_that_is_no_store_is_refused(tmp_path):
    done = subprocess.run([*COMMAND, str(tmp_path / "absent")], capture_output=True, text=True, timeout=120)
    assert done.returncode != 0 and "absent" in done.stderr
