"""The command line of the unmodified client. Most commands run as its script runs them, without the seconds that each process needs to
import everything; a few run as processes that know nothing but the server's address.
"""

import csv
import io
import json
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from click.testing import CliRunner
from mlflow.cli import cli

MLFLOW = Path(sys.executable).with_name("mlflow")


@pytest.fixture
def command(url, monkeypatch, tmp_path):
    """Runs a command in an empty folder, where it must succeed; answers what it printed."""

    def run(*arguments):
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, done.output
        return done.output

    monkeypatch.setenv("MLFLOW_TRACKING_URI", url)
    monkeypatch.chdir(tmp_path)
    return run


@pytest.fixture
def process(url, tmp_path):
    """Runs a command as a process; answers its exit code and everything that it said."""

    def run(*arguments):
        env = {**os.environ, "MLFLOW_TRACKING_URI": url, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
        done = subprocess.run([MLFLOW, *arguments], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    return run


def test_experiments_are_made_found_renamed_deleted_and_restored(command, client, name):
    said = command("experiments", "create", "--experiment-name", name)
    experiment = client.get_experiment_by_name(name)
    assert f"Created experiment '{name}' with id {experiment.experiment_id}" in said

    found = json.loads(command("experiments", "get", "--experiment-name", name, "--output", "json"))
    assert (found["experiment_id"], found["name"], found["lifecycle_stage"]) == (experiment.experiment_id, name, "active")

    command("experiments", "rename", "--experiment-id", experiment.experiment_id, "--new-name", f"{name}-b")
    command("experiments", "delete", "--experiment-id", experiment.experiment_id)
    assert f"{name}-b" in command("experiments", "search", "--view", "deleted_only")
    assert client.get_experiment(experiment.experiment_id).lifecycle_stage == "deleted"

    command("experiments", "restore", "--experiment-id", experiment.experiment_id)
    assert f"{name}-b" in command("experiments", "search", "--max-results", "50")
    assert client.get_experiment(experiment.experiment_id).name == f"{name}-b"


def test_runs_are_made_listed_described_deleted_and_restored(command, client, experiment):
    options = ["--run-name", "by hand", "--description", "words", "-t", "team=birds", "--status", "FAILED"]
    command("runs", "create", "--experiment-id", experiment.experiment_id, *options)
    (run,) = client.search_runs([experiment.experiment_id])
    run_id = run.info.run_id
    assert (run.info.run_name, run.info.status, run.data.tags["team"]) == ("by hand", "FAILED", "birds")

    client.log_metric(run_id, "loss", 0.5, step=2)
    client.log_param(run_id, "lr", "0.1")
    described = json.loads(command("runs", "describe", "--run-id", run_id))
    assert described["info"]["run_id"] == run_id
    assert (described["data"]["metrics"], described["data"]["params"]) == ({"loss": 0.5}, {"lr": "0.1"})

    assert "by hand" in command("runs", "list", "--experiment-id", experiment.experiment_id)
    command("runs", "delete", "--run-id", run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    assert run_id in command("runs", "list", "--experiment-id", experiment.experiment_id, "--view", "deleted_only")
    command("runs", "restore", "--run-id", run_id)
    assert client.get_run(run_id).info.lifecycle_stage == "active"


def test_the_runs_of_an_experiment_are_written_as_csv(command, client, experiment, tmp_path):
    for index in range(3):
        run_id = client.create_run(experiment.experiment_id, run_name=f"run {index}", start_time=1000 + index).info.run_id
        client.log_metric(run_id, "loss", index / 2)
        client.log_param(run_id, "text", f'comma, "quote" {index}')
    command("experiments", "csv", "--experiment-id", experiment.experiment_id, "--filename", "runs.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "runs.csv").read_text())))
    assert [row["tags.mlflow.runName"] for row in rows] == ["run 2", "run 1", "run 0"]
    assert [float(row["metrics.loss"]) for row in rows] == [1.0, 0.5, 0.0]
    assert rows[0]["params.text"] == 'comma, "quote" 2'


def test_files_go_up_are_listed_and_come_down(command, client, experiment, tmp_path):
    run_id = client.create_run(experiment.experiment_id).info.run_id
    (tmp_path / "note.txt").write_text("hello")
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "a.bin").write_bytes(bytes(range(256)))
    (tmp_path / "folder" / "deep" / "ü.txt").write_text("deep")
    command("artifacts", "log-artifact", "--local-file", "note.txt", "--run-id", run_id, "--artifact-path", "notes")
    command("artifacts", "log-artifacts", "--local-dir", "folder", "--run-id", run_id, "--artifact-path", "data")

    listed = json.loads(command("artifacts", "list", "--run-id", run_id))
    assert [(one["path"], one["is_dir"]) for one in listed] == [("data", True), ("notes", True)]
    (note,) = json.loads(command("artifacts", "list", "--run-id", run_id, "--artifact-path", "notes"))
    assert (note["path"], note["is_dir"], int(note["file_size"])) == ("notes/note.txt", False, 5)

    command("artifacts", "download", "--run-id", run_id, "--artifact-path", "data", "--dst-path", "down")
    assert (tmp_path / "down" / "data" / "a.bin").read_bytes() == bytes(range(256))
    assert (tmp_path / "down" / "data" / "deep" / "ü.txt").read_text() == "deep"
    command("artifacts", "download", "--artifact-uri", f"runs:/{run_id}/notes/note.txt", "--dst-path", "by-uri")
    assert (tmp_path / "by-uri" / "note.txt").read_text() == "hello"


def test_a_process_makes_reads_and_downloads(process, client, name, tmp_path):
    code, said = process("experiments", "create", "--experiment-name", name)
    assert code == 0 and f"Created experiment '{name}'" in said
    run_id = client.create_run(client.get_experiment_by_name(name).experiment_id, run_name="for a process").info.run_id
    client.log_text(run_id, "hello", "note.txt")
    code, said = process("runs", "describe", "--run-id", run_id)
    assert code == 0 and '"run_name": "for a process"' in said
    code, _ = process("artifacts", "download", "--run-id", run_id, "--artifact-path", "note.txt", "--dst-path", "down")
    assert code == 0 and (tmp_path / "down" / "note.txt").read_text() == "hello"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["runs", "describe", "--run-id", "f" * 32], f"Run with id={'f' * 32} not found"),
        (["runs", "link-traces", "--run-id", "f" * 32, "-t", f"tr-{uuid.uuid4().hex}"], "404"),
    ],
)
def test_what_cannot_be_done_fails_at_once_and_says_why(process, arguments, words):
    code, said = process(*arguments)
    assert code != 0 and words in said, said
