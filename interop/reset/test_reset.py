"""A server that test suites may empty: what it is for. It runs against a server of its own, since emptying one under other tests would break
them."""

import subprocess
import sys
from pathlib import Path

import mlflow
import pytest
import requests

INTEROP = Path(__file__).parent.parent
#: Suites that were written for a server with other things in it.
SUITES = ["test_tracking.py", "test_refusals.py"]

pytestmark = pytest.mark.only_on("reset")


@pytest.fixture
def reset(url):
    def reset():
        answer = requests.post(f"{url}/test/reset", timeout=30)
        assert answer.status_code == 200, answer.text

    reset()
    return reset


def fill(client, tmp_path):
    """Names that are there for good, unless something takes them away; answers ids that count."""
    experiment_id = client.create_experiment("always the same")
    run = client.create_run(experiment_id)
    client.log_metric(run.info.run_id, "loss", 0.5)
    file = tmp_path / "file.txt"
    file.write_text("the same bytes")
    client.log_artifact(run.info.run_id, str(file))
    client.create_registered_model("always the same")
    version = client.create_model_version("always the same", run.info.artifact_uri, run.info.run_id)
    client.set_registered_model_alias("always the same", "champion", version.version)
    client.delete_experiment(client.create_experiment("deleted, and its name taken"))
    return experiment_id, version.version, run


def test_a_server_that_was_reset_is_as_it_was_at_first(url, client, reset, tmp_path):
    first = fill(client, tmp_path)
    location = first[2].info.artifact_uri.removeprefix("mlflow-artifacts:/")
    reset()
    assert [(one.experiment_id, one.name) for one in client.search_experiments(view_type=mlflow.entities.ViewType.ALL)] == [
        ("0", "Default")
    ]
    assert client.search_runs(["0", first[0]]) == []
    assert client.search_registered_models() == []
    assert requests.get(f"{url}/api/2.0/mlflow-artifacts/artifacts/{location}/file.txt", timeout=30).status_code == 404
    again = fill(client, tmp_path)
    assert again[:2] == first[:2]


def test_suites_pass_again_and_again_with_a_reset_between(client, reset):
    for _ in range(2):
        suites = [str(INTEROP / suite) for suite in SUITES]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *suites], cwd=INTEROP, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout[-4000:]
        assert len(client.search_experiments()) > 1
        reset()
        assert [one.name for one in client.search_experiments()] == ["Default"]
