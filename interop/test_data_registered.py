"""What the installed command tells the server beside the bytes: which versions it pushed, and what a run read. The rest of the world is the real dvc, Git
and mlflow."""

import uuid

import mlflow
import pytest
from dvc_tools import clone, commit, git, new_repository
from test_data_runs import inputs

pytestmark = pytest.mark.only_on("filesystem")

VERSION = "query ($id: ID!) { datasetVersion(id: $id) { number dvcMd5 fileCount sightings { repository path commit } } }"


@pytest.fixture
def repository(tools, tmp_path, url, name):
    """A repository with a folder that is named as no other, whose commits Git would push to a server of the team."""
    folder = new_repository(tmp_path / "here", tools.ours)
    git(folder, tools.ours, "remote", "add", "origin", f"https://me:secret@git.example/acme/{name}.git")
    (folder / name).mkdir()
    (folder / name / "train.csv").write_text(f"x\n{uuid.uuid4().hex}\n")
    (folder / name / "test.csv").write_text("x\n1\n")
    tools.ours(folder, "add", name)
    tools.ours(folder, "remote", "add", "-d", "server", f"{url}/dvc/default")
    return folder


def sighted(version):
    return [(one["repository"], one["path"], one["commit"]) for one in version["sightings"]]


def test_a_push_registers_what_it_pushed(tools, repository, graphql, name):
    head = commit(repository, tools.ours, "first")
    tools.ours(repository, "push")
    version = graphql(VERSION, id=f"data:{name}@1")["datasetVersion"]
    assert sighted(version) == [(f"https://git.example/acme/{name}", name, head)]
    assert f"md5: {version['dvcMd5']}" in (repository / f"{name}.dvc").read_text()
    assert version["fileCount"] == 2
    tools.ours(repository, "push")
    assert graphql(VERSION, id=f"data:{name}")["datasetVersion"]["number"] == 1


def test_what_the_real_dvc_pushed_is_registered_by_name(tools, repository, graphql, name):
    head = commit(repository, tools.dvc, "first")
    tools.dvc(repository, "push")
    assert graphql(VERSION, id=f"data:{name}@1")["datasetVersion"] is None
    tools.ours(repository, "register")
    assert sighted(graphql(VERSION, id=f"data:{name}@1")["datasetVersion"]) == [(f"https://git.example/acme/{name}", name, head)]


@pytest.mark.parametrize("verb", ["pull", "get"])
def test_what_is_read_inside_a_run_is_matched_where_the_run_itself_says_so(tools, repository, graphql, experiment, tmp_path, name, token_of, verb):
    commit(repository, tools.ours, "first")
    tools.ours(repository, "push")
    there = clone(repository, tmp_path / "there", tools.ours)
    line = (there, "pull") if verb == "pull" else (tmp_path, "get", repository, name, "--force")

    def known(run):
        return [(one["evidence"], one["datasetVersion"]["ref"]) for one in inputs(graphql, run)]

    with mlflow.start_run() as run:
        env = {"MLFLOW_RUN_ID": run.info.run_id}
        tools.ours(*line, env=env)
        # Anybody could say that.
        assert known(run) == [("ASSERTED", f"data:{name}@1")]
        tools.ours(*line, env={**env, "THROUGHLINE_TOKEN": token_of(run)})
    assert known(run) == [("MATCHED", f"data:{name}@1")]
