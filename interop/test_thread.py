"""From a data file to a deployment and back: what the MLflow client logs shows on the trace."""

import hashlib
import os
import subprocess
import sys

import mlflow
import pandas as pd
import pytest
from conftest import Graphql, upload
from sklearn.linear_model import LinearRegression

DEPLOY = """
mutation ($input: DeployInput!) {
  deploy(input: $input) { __typename ... on Deployment { id ref digest } ... on Problem { code message } }
}
"""

TRACE = """
query ($id: ID!) {
  traceDeployment(id: $id) {
    verified
    weakest { evidence }
    nodes { id kind label }
    edges { from to evidence }
    files { path sha256 sizeBytes integrity role }
    gaps { kind message hint }
  }
}
"""


def train(name, dataset=None, source=None):
    mlflow.set_experiment(name)
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 4.0, 6.0]})
    data = mlflow.data.from_pandas(frame, source=source, name="train")
    with mlflow.start_run(tags={} if dataset is None else {"throughline.dataset": dataset}) as run:
        mlflow.log_input(data, context="training")
        model = LinearRegression().fit(frame[["x"]], frame["y"])
        mlflow.sklearn.log_model(model, name="model", registered_model_name=name)
    mlflow.MlflowClient().set_registered_model_alias(name, "champion", "1")
    return run


def deploy(graphql, name):
    answer = graphql(DEPLOY, input={"version": f"model:{name}@champion", "environment": "production", "target": name})
    return answer["deploy"]


def test_a_deployment_leads_back_to_the_files_that_the_run_named(graphql, dataset):
    name = dataset["name"]
    train(name, dataset=dataset["version"]["ref"])
    deployment = deploy(graphql, name)
    trace = graphql(TRACE, id=deployment["id"])["traceDeployment"]
    hashes = {file["sha256"] for file in trace["files"] if file["role"] == "DATA"}
    assert hashes == {hashlib.sha256(content).hexdigest() for content in dataset["files"].values()}
    assert {node["kind"] for node in trace["nodes"]} >= {"DEPLOYMENT", "MODEL_VERSION", "RUN", "DATASET_VERSION"}
    assert trace["gaps"] == []
    assert trace["weakest"]["evidence"] == "ASSERTED" and trace["verified"] is False


def test_data_that_nobody_registered_is_a_gap_that_says_how_to_close_it(graphql, name):
    train(name)
    trace = graphql(TRACE, id=deploy(graphql, name)["id"])["traceDeployment"]
    (gap,) = [gap for gap in trace["gaps"] if gap["kind"] == "UNRESOLVED_INPUT"]
    assert gap["hint"] and trace["verified"] is False


def test_a_version_that_is_registered_later_resolves_the_input(url, graphql, name):
    from conftest import REGISTER_DATASET

    train(name, dataset=f"data:{name}@1")
    deployment = deploy(graphql, name)
    assert graphql(TRACE, id=deployment["id"])["traceDeployment"]["gaps"]
    sha256 = upload(url, f"x,y\n{name}\n".encode())
    graphql(REGISTER_DATASET, input={"dataset": name, "files": [{"path": "train.csv", "sha256": sha256}]})
    trace = graphql(TRACE, id=deployment["id"])["traceDeployment"]
    assert trace["gaps"] == []
    assert sha256 in {file["sha256"] for file in trace["files"]}


def test_a_token_works_as_bearer_and_as_basic_password(url, graphql, name, monkeypatch):
    created = graphql(
        "mutation ($input: CreateTokenInput!) { createToken(input: $input) { __typename ... on CreatedToken { secret } } }",
        input={"name": name, "scope": "WRITE", "principal": "ci"},
    )
    secret = created["createToken"]["secret"]
    viewer = Graphql(url, secret)("{ viewer { name scope } }")["viewer"]
    assert viewer == {"name": "ci", "scope": "WRITE"}
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", secret)
    assert mlflow.MlflowClient().create_experiment(name)
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anybody")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", secret)
    assert mlflow.MlflowClient().get_experiment_by_name(name).name == name
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "tl_wrong")
    with pytest.raises(mlflow.exceptions.MlflowException, match="401|UNAUTHENTICATED|unknown"):
        mlflow.MlflowClient().get_experiment_by_name(name)


def test_a_workspace_is_named_as_the_client_names_it(url, name):
    # The client keeps its stores between calls, so another workspace is another process's affair.
    code = "import mlflow, sys; print(mlflow.MlflowClient().create_experiment(sys.argv[1]))"
    environment = {**os.environ, "MLFLOW_TRACKING_URI": url}
    known = subprocess.run(
        [sys.executable, "-c", code, name], env={**environment, "MLFLOW_WORKSPACE": "default"}, capture_output=True, text=True, timeout=120
    )
    assert known.returncode == 0, known.stderr
    assert mlflow.get_experiment_by_name(name).experiment_id == known.stdout.strip()
    unknown = subprocess.run(
        [sys.executable, "-c", code, name], env={**environment, "MLFLOW_WORKSPACE": "nowhere"}, capture_output=True, text=True, timeout=120
    )
    assert unknown.returncode != 0 and "nowhere" in unknown.stderr


def test_data_read_from_its_address_is_known_again(url, graphql, dataset, experiment):
    source = f"{url}/api/v1/datasets/{dataset['name']}/versions/1/files/train.csv"
    frame = pd.read_csv(source)
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(frame, source=source, name="train"), context="training")
    answer = graphql("query ($id: ID!) { run(id: $id) { inputs { resolvedBy datasetVersion { ref } } } }", id=f"run:{run.info.run_id}")
    assert answer["run"]["inputs"] == [{"resolvedBy": "source", "datasetVersion": {"ref": dataset["version"]["ref"]}}]
