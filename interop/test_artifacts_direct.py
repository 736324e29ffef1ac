"""Files that the unmodified client sends straight to the object store, and fetches from it, where the server says that it can; and that it
takes the plain way where it cannot. Both ways are walked over: the suite runs on a folder and on an S3 server."""

import hashlib
import os

import mlflow
import pytest
import requests
from mlflow.store.artifact.mlflow_artifacts_repo import MlflowArtifactsRepository
from mlflow.utils import server_info

IS_S3 = os.environ.get("THROUGHLINE_STORE") == "s3"
MIB = 2**20
#: S3 takes no smaller part but the last.
CHUNK = 5 * MIB

on_s3 = pytest.mark.only_on("s3")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """Parts as small as S3 takes them, for files as small as they come."""
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "1")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(CHUNK))
    monkeypatch.setenv("MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE", str(CHUNK))
    server_info._clear_server_info_cache()


@pytest.fixture
def run(experiment):
    with mlflow.start_run(experiment_id=experiment.experiment_id) as run:
        yield run


@pytest.fixture
def direct(monkeypatch):
    """Counts what goes past the server: parts that were sent, and ranges that were fetched."""
    sent, fetched = [], []
    put, get = MlflowArtifactsRepository._upload_part, MlflowArtifactsRepository._multipart_download

    def counted_put(credential, **rest):
        sent.append(credential.part_number)
        return put(credential=credential, **rest)

    def counted_get(self, *args, **kwargs):
        fetched.append(kwargs["remote_file_path"])
        return get(self, *args, **kwargs)

    monkeypatch.setattr(MlflowArtifactsRepository, "_upload_part", staticmethod(counted_put))
    monkeypatch.setattr(MlflowArtifactsRepository, "_multipart_download", counted_get)
    return {"sent": sent, "fetched": fetched}


def write(tmp_path, name, size):
    path = tmp_path / name
    path.write_bytes(os.urandom(size))
    return path


def location(run):
    return run.info.artifact_uri.removeprefix("mlflow-artifacts:/")


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def begin(url, run, name="file.bin", parts=1, headers=None):
    return requests.post(
        f"{url}/api/2.0/mlflow-artifacts/mpu/create/{location(run)}",
        json={"path": f"/home/me/{name}", "num_parts": parts},
        headers=headers,
        timeout=30,
    )


def end(url, run, how, upload_id, name="file.bin", headers=None, **rest):
    return requests.post(
        f"{url}/api/2.0/mlflow-artifacts/mpu/{how}/{location(run)}",
        json={"path": f"/home/me/{name}", "upload_id": upload_id, **rest},
        headers=headers,
        timeout=60,
    )


def send(credential, data):
    answer = requests.put(credential["url"], data=data, headers=credential.get("headers"), timeout=60)
    assert answer.status_code == 200, answer.text
    return {"part_number": credential["part_number"], "etag": answer.headers["ETag"], "url": credential["url"]}


def test_the_server_says_whether_it_takes_uploads_in_parts(url):
    info = requests.get(f"{url}/api/3.0/mlflow/server-info", timeout=30).json()
    assert info["multipart_uploads_enabled"] is IS_S3
    assert info["multipart_downloads_enabled"] is False


@pytest.mark.parametrize("size", [1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_file_arrives_whole_by_the_way_that_the_client_finds_out(client, run, tmp_path, direct, size):
    file = write(tmp_path, "weights größe.bin", size)
    client.log_artifact(run.info.run_id, str(file), "models/large")
    assert sorted(direct["sent"]) == (list(range(1, -(-size // CHUNK) + 1)) if IS_S3 else [])
    assert [one.file_size for one in client.list_artifacts(run.info.run_id, "models/large")] == [size]
    back = mlflow.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path="models/large/weights größe.bin", dst_path=str(tmp_path / "back")
    )
    assert hashlib.sha256(open(back, "rb").read()).hexdigest() == digest(file)
    assert direct["fetched"] == []


@pytest.mark.parametrize("size", [0, 1, CHUNK, 2 * CHUNK + 7])
def test_both_directions_work_where_the_client_is_told_to_go_past_the_server(client, run, tmp_path, direct, monkeypatch, size):
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true")
    file = write(tmp_path, "some data.bin", size)
    client.log_artifact(run.info.run_id, str(file))
    back = mlflow.artifacts.download_artifacts(
        run_id=run.info.run_id, artifact_path="some data.bin", dst_path=str(tmp_path / "back")
    )
    assert hashlib.sha256(open(back, "rb").read()).hexdigest() == digest(file)
    assert (direct["sent"] != []) is (IS_S3 and size > 0)
    assert (direct["fetched"] != []) is IS_S3


def test_an_empty_file_goes_the_plain_way(client, run, tmp_path, direct, monkeypatch):
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "0")
    client.log_artifact(run.info.run_id, str(write(tmp_path, "empty", 0)))
    assert direct["sent"] == []
    assert [(one.path, one.file_size) for one in client.list_artifacts(run.info.run_id)] == [("empty", 0)]


def test_a_file_replaces_the_one_before_and_a_folder_of_many_arrives(client, run, tmp_path):
    for size in (CHUNK + 3, 11):
        file = write(tmp_path, "same.bin", size)
        client.log_artifact(run.info.run_id, str(file))
    assert [one.file_size for one in client.list_artifacts(run.info.run_id)] == [11]
    folder = tmp_path / "folder"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.bin", "b.bin", "deep/c.bin"):
        (folder / name).write_bytes(os.urandom(CHUNK + 1))
    client.log_artifacts(run.info.run_id, str(folder), "many")
    back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="many", dst_path=str(tmp_path / "back"))
    for name in ("a.bin", "b.bin", "deep/c.bin"):
        assert digest(folder / name) == hashlib.sha256(open(os.path.join(back, name), "rb").read()).hexdigest()


@pytest.mark.only_on("filesystem")
@pytest.mark.parametrize("way", ["create", "complete", "abort"])
def test_a_server_that_cannot_says_so_in_the_words_that_clients_look_for(url, run, way):
    answer = requests.post(
        f"{url}/api/2.0/mlflow-artifacts/mpu/{way}/{location(run)}",
        json={"path": "x", "num_parts": 1, "upload_id": "x", "parts": [{"part_number": 1, "etag": "x"}]},
        timeout=30,
    )
    assert answer.status_code == 501
    assert answer.json()["error_code"] == "NOT_IMPLEMENTED"
    assert answer.json()["message"].startswith("Multipart upload is not supported for the current artifact repository")
    download = requests.get(f"{url}/api/2.0/mlflow-artifacts/presigned/{location(run)}/x", timeout=30)
    assert download.status_code == 501


@on_s3
def test_nothing_is_seen_of_a_file_until_it_is_completed(url, client, run):
    created = begin(url, run, parts=1).json()
    part = send(created["credentials"][0], b"half")
    assert client.list_artifacts(run.info.run_id) == []
    assert end(url, run, "complete", created["upload_id"], parts=[part]).json() == {}
    assert [one.path for one in client.list_artifacts(run.info.run_id)] == ["file.bin"]


@on_s3
def test_completing_again_is_answered_the_same(url, client, run):
    created = begin(url, run).json()
    part = send(created["credentials"][0], b"once")
    for _ in range(3):
        assert end(url, run, "complete", created["upload_id"], parts=[part]).status_code == 200
    assert [(one.path, one.file_size) for one in client.list_artifacts(run.info.run_id)] == [("file.bin", 4)]


@on_s3
def test_an_address_takes_nothing_once_its_upload_was_completed(url, run):
    created = begin(url, run).json()
    credential = created["credentials"][0]
    part = send(credential, b"what was hashed")
    assert end(url, run, "complete", created["upload_id"], parts=[part]).status_code == 200
    assert requests.put(credential["url"], data=b"something else", timeout=30).status_code == 404
    got = requests.get(f"{url}/api/2.0/mlflow-artifacts/artifacts/{location(run)}/file.bin", timeout=30)
    assert got.content == b"what was hashed"


@on_s3
def test_a_part_that_was_replaced_behind_the_back_of_who_names_it_is_refused(url, client, run):
    created = begin(url, run).json()
    credential = created["credentials"][0]
    part = send(credential, b"what the run sent")
    send(credential, b"what a thief sent")
    refused = end(url, run, "complete", created["upload_id"], parts=[part])
    assert (refused.status_code, refused.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert client.list_artifacts(run.info.run_id) == []
    assert end(url, run, "abort", created["upload_id"]).status_code == 200


@on_s3
def test_an_upload_that_was_aborted_is_gone_and_may_be_aborted_again(url, client, run):
    created = begin(url, run).json()
    part = send(created["credentials"][0], b"never")
    for _ in range(2):
        assert end(url, run, "abort", created["upload_id"]).status_code == 200
    gone = end(url, run, "complete", created["upload_id"], parts=[part])
    assert (gone.status_code, gone.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert requests.put(created["credentials"][0]["url"], data=b"late", timeout=30).status_code == 404
    assert client.list_artifacts(run.info.run_id) == []


@on_s3
def test_parts_that_are_too_small_or_left_out_are_refused(url, run):
    created = begin(url, run, parts=2).json()
    parts = [send(one, b"tiny") for one in created["credentials"]]
    for wrong in (parts, parts[:1]):
        answer = end(url, run, "complete", created["upload_id"], parts=wrong)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert end(url, run, "abort", created["upload_id"]).status_code == 200


@on_s3
def test_an_upload_is_completed_for_what_it_was_begun_for(url, run):
    created = begin(url, run, name="one.bin").json()
    part = send(created["credentials"][0], b"x")
    answer = end(url, run, "complete", created["upload_id"], name="other.bin", parts=[part])
    assert answer.status_code == 404


@on_s3
def test_more_parts_than_an_upload_has_go_the_plain_way(url, run):
    answer = begin(url, run, parts=10_001)
    assert answer.status_code == 501
    assert answer.json()["message"].startswith("Multipart upload is not supported for the current artifact repository")
    assert begin(url, run, parts=-1).status_code == 400
    assert len(begin(url, run, parts=10_000).json()["credentials"]) == 10_000


@on_s3
@pytest.mark.parametrize("bad", ["..", "", "a\0b", "%2e%2e"])
def test_a_name_that_is_none_begins_nothing(url, run, bad):
    answer = begin(url, run, name=bad)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")


@on_s3
def test_the_name_of_a_file_on_windows_is_its_last_part(url, client, run):
    name = "C:\\Users\\me\\weights.bin"
    created = begin(url, run, name=name).json()
    part = send(created["credentials"][0], b"x")
    assert end(url, run, "complete", created["upload_id"], name=name, parts=[part]).status_code == 200
    assert [one.path for one in client.list_artifacts(run.info.run_id)] == ["weights.bin"]


@on_s3
def test_nothing_is_begun_for_a_run_that_takes_no_files(url, client, experiment):
    run = client.create_run(experiment.experiment_id)
    created = begin(url, run).json()
    client.delete_run(run.info.run_id)
    assert begin(url, run).status_code == 400
    assert end(url, run, "abort", created["upload_id"]).status_code == 200


@on_s3
def test_a_presigned_address_is_saved_and_never_shown_and_gives_ranges(url, client, run, tmp_path):
    page = tmp_path / "böse.html"
    page.write_text("<script>alert(1)</script>")
    client.log_artifact(run.info.run_id, str(page))
    told = requests.get(f"{url}/api/2.0/mlflow-artifacts/presigned/{location(run)}/böse.html", timeout=30).json()
    assert told["file_size"] == 25
    assert told["headers"] == {}
    answer = requests.get(told["url"], headers={"Range": "bytes=1-6"}, timeout=30)
    assert (answer.status_code, answer.content) == (206, b"script")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert requests.put(told["url"], data=b"x", timeout=30).status_code == 403
    missing = requests.get(f"{url}/api/2.0/mlflow-artifacts/presigned/{location(run)}/absent", timeout=30)
    assert (missing.status_code, missing.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")


CREATE_TOKEN = """
mutation ($input: CreateTokenInput!) {
  createToken(input: $input) { __typename ... on CreatedToken { secret } ... on Problem { code message } }
}
"""


def token_of(graphql, run):
    made = graphql(CREATE_TOKEN, input={"name": f"of {run.info.run_id[:8]}", "scope": "WRITE", "run": f"run:{run.info.run_id}"})
    return {"Authorization": f"Bearer {made['createToken']['secret']}"}


@on_s3
def test_a_run_sends_parts_with_its_own_token_for_itself_alone(url, client, graphql, experiment):
    mine, other = (client.create_run(experiment.experiment_id) for _ in range(2))
    token = token_of(graphql, mine)
    assert begin(url, other, headers=token).status_code == 403
    created = begin(url, mine, headers=token).json()
    part = send(created["credentials"][0], b"brought by the run")
    # Somebody else, with every right but that token, cannot complete it in the run's name.
    assert end(url, mine, "complete", created["upload_id"], parts=[part]).status_code == 404
    assert end(url, mine, "complete", created["upload_id"], headers=token, parts=[part]).status_code == 200
    assert [one.path for one in client.list_artifacts(mine.info.run_id)] == ["file.bin"]


@on_s3
def test_what_a_run_reads_with_its_own_token_passes_through_the_server(url, client, graphql, experiment, tmp_path, monkeypatch, direct):
    run = client.create_run(experiment.experiment_id)
    client.log_artifact(run.info.run_id, str(write(tmp_path, "data.bin", 100)))
    token = token_of(graphql, run)
    answer = requests.get(f"{url}/api/2.0/mlflow-artifacts/presigned/{location(run)}/data.bin", headers=token, timeout=30)
    assert (answer.status_code, answer.json()["error_code"]) == (501, "NOT_IMPLEMENTED")
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token["Authorization"].removeprefix("Bearer "))
    back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="data.bin", dst_path=str(tmp_path / "back"))
    assert digest(tmp_path / "data.bin") == hashlib.sha256(open(back, "rb").read()).hexdigest()
    assert direct["fetched"] == []


@on_s3
def test_a_model_of_parts_is_the_runs_own_and_its_registration_freezes_it(url, client, graphql, experiment, name):
    """The evidence of a version rests on who brought its bytes, whichever way they took."""
    run = client.create_run(experiment.experiment_id)
    token = token_of(graphql, run)
    created = begin(url, run, name="model.bin", headers=token).json()
    part = send(created["credentials"][0], b"weights")
    assert end(url, run, "complete", created["upload_id"], name="model.bin", headers=token, parts=[part]).status_code == 200
    client.create_registered_model(name)
    version = client.create_model_version(name, run.info.artifact_uri, run.info.run_id)
    answer = graphql(
        """query ($ref: ID!) { lineage(root: $ref, direction: UPSTREAM, depth: 1) { edges { evidence } } }""",
        ref=f"model:{name}/{version.version}",
    )
    assert [edge["evidence"] for edge in answer["lineage"]["edges"]] == ["OBSERVED"]


@pytest.mark.parametrize("what", ["upload", "download"])
def test_addresses_past_the_proxy_are_for_other_stores(url, run, what):
    answer = requests.post(
        f"{url}/api/2.0/mlflow/artifacts/presigned-{what}-url", json={"run_id": run.info.run_id, "path": "x"}, timeout=30
    )
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "not supported for" in answer.json()["message"]
