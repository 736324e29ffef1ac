"""A run finds its data: with nothing but mlflow, pandas and requests."""

import hashlib
import io

import mlflow
import pandas as pd
import pytest
import requests
from conftest import REGISTER_DATASET, upload
from mlflow.data.http_dataset_source import HTTPDatasetSource

CSV = b"x,y\n1.5,2.5\n3.5,4.5\n"

INPUTS = """
query ($id: ID!) { run(id: $id) { inputs { name evidence resolvedBy datasetVersion { ref } } } }
"""


@pytest.fixture
def files(name):
    return {"train.csv": CSV + f"0,{int(name[-6:], 16)}\n".encode(), "holdout/test.csv": CSV}


@pytest.fixture
def register(url, graphql, name, files):
    def make(dataset=name, **more):
        entries = [{"path": path, "sha256": upload(url, content)} for path, content in files.items()]
        return graphql(REGISTER_DATASET, input={"dataset": dataset, "files": entries, **more})["registerDatasetVersion"]["ref"]

    return make


def inputs(graphql, run):
    return graphql(INPUTS, id=f"run:{run.info.run_id}")["run"]["inputs"]


def resolved(graphql, run):
    return [(one["datasetVersion"] or {}).get("ref") for one in inputs(graphql, run)]


def test_by_the_address_of_a_file(url, graphql, experiment, name, files, register):
    ref = register()
    address = f"{url}/api/v1/datasets/{name}/versions/1/files/train.csv"
    with mlflow.start_run() as run:
        frame = pd.read_csv(address)
        mlflow.log_input(mlflow.data.from_pandas(frame, source=address, name="training data"), context="training")
    assert len(frame) == 3
    assert inputs(graphql, run) == [
        {"name": "training data", "evidence": "ASSERTED", "resolvedBy": "source", "datasetVersion": {"ref": ref}}
    ]


def test_by_an_address_that_mlflow_fetches_itself(url, graphql, experiment, name, files, register):
    ref = register()
    source = HTTPDatasetSource(f"{url}/api/v1/datasets/{name}/versions/1/files/holdout/test.csv")
    with mlflow.start_run() as run:
        frame = pd.read_csv(source.load())
        mlflow.log_input(mlflow.data.from_pandas(frame, source=source))
    assert resolved(graphql, run) == [ref]


def test_it_is_observed_once_the_run_itself_was_given_every_byte(url, graphql, experiment, name, files, register, token_of):
    ref = register()
    address = f"{url}/api/v1/datasets/{name}/versions/1/files"
    with mlflow.start_run() as run:
        headers = {"Authorization": f"Bearer {token_of(run)}"}
        frame = pd.read_csv(f"{address}/train.csv", storage_options=headers)
        mlflow.log_input(mlflow.data.from_pandas(frame, source=f"{address}/train.csv"))
        assert [one["evidence"] for one in inputs(graphql, run)] == ["ASSERTED"]
        requests.get(f"{address}/holdout/test.csv", headers=headers, timeout=60).raise_for_status()
    assert [(one["evidence"], one["datasetVersion"]["ref"]) for one in inputs(graphql, run)] == [("OBSERVED", ref)]


def test_by_a_tag(graphql, experiment, name, register):
    ref = register()
    with mlflow.start_run(tags={"throughline.dataset": ref}) as run:
        mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [1.0]})))
    assert [(one["resolvedBy"], one["datasetVersion"]["ref"]) for one in inputs(graphql, run)] == [("tag", ref)]


def test_by_one_tag_that_names_several(graphql, experiment, name, register):
    refs = [register(f"{name}-{part}") for part in ("train", "test")]
    with mlflow.start_run(tags={"throughline.dataset": ", ".join(refs)}) as run:
        for part, value in [("test", 1.0), ("train", 2.0)]:
            mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [value]}), name=f"{name}-{part}"), context=part)
    assert {one["name"]: one["datasetVersion"]["ref"] for one in inputs(graphql, run)} == {
        f"{name}-train": refs[0],
        f"{name}-test": refs[1],
    }


@pytest.mark.parametrize("when", ["before", "after"])
def test_by_commit_and_path(graphql, experiment, name, register, when):
    commit = hashlib.sha1(name.encode()).hexdigest()
    sighting = {"repository": "https://git.example/acme/shop.git", "path": "data", "commit": commit}
    if when == "before":
        register(sighting=sighting)
    with mlflow.start_run(tags={"mlflow.source.git.commit": commit}) as run:
        mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [1.0]}), source="data/train.csv"))
        # A file that is none of the version's is something else.
        mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [2.0]}), source="data/other.csv", name="other"))
    if when == "after":
        assert resolved(graphql, run) == [None, None]
        register(sighting=sighting)
    assert [(one["resolvedBy"], (one["datasetVersion"] or {}).get("ref")) for one in inputs(graphql, run)] == [
        ("sighting", f"data:{name}@1"),
        (None, None),
    ]


def test_a_version_that_is_registered_later(url, graphql, experiment, name, register):
    with mlflow.start_run() as run:
        frame = pd.DataFrame({"x": [1.0]})
        mlflow.log_input(mlflow.data.from_pandas(frame, source=f"{url}/api/v1/datasets/{name}/versions/1/files/train.csv"))
    assert resolved(graphql, run) == [None]
    assert [register()] == resolved(graphql, run)


def test_it_is_matched_by_hashes_that_the_run_sends(url, graphql, experiment, name, files, register, token_of):
    ref = register()
    version = graphql("query ($id: ID!) { datasetVersion(id: $id) { dvcMd5 } }", id=ref)["datasetVersion"]
    with mlflow.start_run() as run:
        hashes = [{"path": path, "sha256": hashlib.sha256(content).hexdigest()} for path, content in files.items()]
        body = {"run": run.info.run_id, "id": version["dvcMd5"], "digest": None, "files": hashes}
        headers = {"Authorization": f"Bearer {token_of(run)}"}
        answer = requests.post(f"{url}/dvc/default/reads", json=body, headers=headers, timeout=60)
        assert answer.json() == {"version": ref}
    assert [(one["evidence"], one["datasetVersion"]["ref"]) for one in inputs(graphql, run)] == [("MATCHED", ref)]
    # MLflow's client sees it as any other input.
    logged = mlflow.get_run(run.info.run_id).inputs.dataset_inputs[0].dataset
    assert (logged.name, logged.source) == (name, ref)


def test_what_is_read_over_the_remote_is_observed(url, graphql, experiment, name, files, register, token_of):
    ref = register()
    with mlflow.start_run(tags={"throughline.dataset": ref}) as run:
        headers = {"Authorization": f"Bearer {token_of(run)}"}
        frames = []
        for content in files.values():
            md5 = hashlib.md5(content).hexdigest()
            got = requests.get(f"{url}/dvc/default/files/md5/{md5[:2]}/{md5[2:]}", headers=headers, timeout=60)
            # Nothing goes past the server to a run: it could not observe that.
            assert (got.content, got.history) == (content, [])
            frames.append(pd.read_csv(io.BytesIO(got.content)))
        mlflow.log_input(mlflow.data.from_pandas(pd.concat(frames)))
    assert [(one["evidence"], one["datasetVersion"]["ref"]) for one in inputs(graphql, run)] == [("OBSERVED", ref)]


def test_a_gap_says_how_to_close_it(graphql, experiment, name):
    with mlflow.start_run() as run:
        mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [1.0]}), source="data/nobody-knows.csv"))
    gaps = graphql("query ($id: ID!) { thread(id: $id) { gaps { kind hint } } }", id=f"run:{run.info.run_id}")["thread"]["gaps"]
    [hint] = [gap["hint"] for gap in gaps if gap["kind"] == "UNRESOLVED_INPUT"]
    assert "throughline.dataset" in hint
