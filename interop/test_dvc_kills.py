"""Commands that are killed in their middle, by a signal that nothing can catch, and then repeated: nothing is lost, no object is ever half there,
and the real dvc finds the repository in order. The moments differ from run to run; each command is killed several times before it may end."""

import os
import random
import shutil
import signal
import subprocess
import time

import pytest
from dvc_tools import cache_of, clone, commit, contents_of, new_repository, objects_of, same_workspace, wrong_objects

pytestmark = pytest.mark.only_on("filesystem")

FILES = 4_000
KILLS = 4


def fill(folder, seed):
    """Many small files and some large ones, so that every part of a command takes its while."""
    source = random.Random(seed)
    for index in range(FILES):
        file = folder / f"{index % 40}" / f"{index}.bin"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source.randbytes(source.randrange(10, 2_000)))
    for index in range(3):
        (folder / f"large-{index}").write_bytes(source.randbytes(20_000_000))


def kill_then_repeat(tool, folder, *arguments, check):
    """Kills the command KILLS times, later and later; looks at what is left each time; then lets it end."""
    begun = time.monotonic()
    killed = 0
    for turn in range(KILLS):
        process = subprocess.Popen(
            [*tool.start, *map(str, arguments)], cwd=folder, env=tool.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            process.wait(timeout=0.12 * (turn + 1) ** 1.5 + random.random() * 0.1)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
        check()
    assert killed > 0, f"it was always done within {time.monotonic() - begun} s"
    tool(folder, *arguments)
    check()


@pytest.fixture
def repository(tools, tmp_path):
    folder = new_repository(tmp_path / "here", tools.ours)
    fill(folder / "data", 1)
    return folder


def test_add(tools, repository):
    before = contents_of(repository / "data")

    def check():
        assert contents_of(repository / "data") == before
        assert not cache_of(repository).exists() or wrong_objects(cache_of(repository), is_at_rest=False) == []

    kill_then_repeat(tools.ours, repository, "add", "data", check=check)
    assert wrong_objects(cache_of(repository)) == []
    assert tools.dvc.json(repository, "status") == {}
    shutil.rmtree(repository / "data")
    tools.dvc(repository, "checkout")
    assert contents_of(repository / "data") == before


def test_checkout(tools, repository):
    tools.ours(repository, "add", "data")
    before = contents_of(repository / "data")
    stored = objects_of(cache_of(repository))
    shutil.rmtree(repository / "data")
    kill_then_repeat(tools.ours, repository, "checkout", check=lambda: None)
    assert contents_of(repository / "data") == before
    assert objects_of(cache_of(repository)) == stored
    assert tools.dvc.json(repository, "status") == {}


@pytest.mark.parametrize("kind", ["folder", "server"])
def test_push_and_pull(tools, repository, tmp_path, url, kind):
    # Of this test alone: on a server everything else may be there already.
    (repository / "data" / "own").write_bytes(os.urandom(1_000_000))
    for index in range(0, FILES, 2):
        (repository / "data" / f"{index % 40}" / f"{index}.bin").write_bytes(os.urandom(200))
    tools.ours(repository, "add", "data")
    tools.ours(repository, "remote", "add", "-d", "shared", tmp_path / "remote" if kind == "folder" else f"{url}/dvc/default")
    commit(repository, tools.ours, "first")

    def remote_is_whole():
        assert kind == "server" or not (tmp_path / "remote").exists() or wrong_objects(tmp_path / "remote", is_at_rest=False) == []

    kill_then_repeat(tools.ours, repository, "push", check=remote_is_whole)

    there = clone(repository, tmp_path / "there", tools.ours)

    def cache_is_whole():
        assert not cache_of(there).exists() or wrong_objects(cache_of(there), is_at_rest=False) == []

    kill_then_repeat(tools.ours, there, "pull", check=cache_is_whole)
    assert wrong_objects(cache_of(there)) == []
    same_workspace(repository, there, with_modes=False)
    assert tools.dvc.json(there, "status") == {}

    # The other tool finds everything, too.
    elsewhere = clone(repository, tmp_path / "elsewhere", tools.dvc)
    tools.dvc(elsewhere, "pull")
    same_workspace(repository, elsewhere, with_modes=False)


def test_gc(tools, repository):
    tools.ours(repository, "add", "data")
    commit(repository, tools.ours, "first")
    before = contents_of(repository / "data")
    garbage = random.Random(3)
    for index in range(FILES):
        (repository / "data" / f"{index % 40}" / f"{index}.bin").write_bytes(garbage.randbytes(100))
    tools.ours(repository, "add", "data")
    tools.ours.process(repository, "checkout")
    subprocess.run(["git", "checkout", "-q", "data.dvc"], cwd=repository, env=tools.ours.env, check=True)
    tools.ours(repository, "checkout", "-f")

    def needed_is_there():
        assert contents_of(repository / "data") == before
        assert wrong_objects(cache_of(repository)) == []

    kill_then_repeat(tools.ours, repository, "gc", "-w", "-f", check=needed_is_there)
    shutil.rmtree(repository / "data")
    tools.dvc(repository, "checkout")
    assert contents_of(repository / "data") == before
