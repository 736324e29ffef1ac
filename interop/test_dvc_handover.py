"""One tool is killed in the middle of a command, by a signal that nothing can catch, and the other takes the repository up where it stands: nothing is
lost, and neither takes for data what the other left half done. The moment is told by what the command has done: so much is there, or gone."""

import os
import random
import re
import shutil
import signal
import subprocess

import pytest
from dvc_tools import cache_of, clone, commit, contents_of, new_repository, objects_of, same_workspace, wrong_objects

pytestmark = pytest.mark.only_on("filesystem")

FILES = 1_500
ORDERS = pytest.mark.parametrize("order", [("dvc", "throughline"), ("throughline", "dvc")], ids="-then-".join)


def fill(folder, seed):
    """Many small files, and some that take a while."""
    source = random.Random(seed)
    for index in range(FILES):
        file = folder / str(index % 30) / f"{index}.bin"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(source.randbytes(source.randrange(10, 2_000)))
    for index in range(4):
        (folder / f"large-{index}").write_bytes(source.randbytes(20_000_000))


def half_objects(store):
    """Objects whose bytes are not what their names say. What was being written has no object's name, in either tool."""
    return [path for path in wrong_objects(store) if re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{30}(\.dir)?", path)]


def count(folder):
    return sum(len(names) for _, _, names in os.walk(folder))


def kill_when(is_time, tool, folder, *arguments):
    """Answers whether the command was still at it."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([*tool.start, *map(str, arguments)], cwd=folder, env=tool.env, **quiet)
    while process.poll() is None and not is_time():
        pass
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def kill_as_it_fills(store, tool, folder, *arguments):
    """Kills it early, and what is begun again later on."""
    killed = [kill_when(lambda most=most: count(store) > most, tool, folder, *arguments) for most in (0, FILES // 3, 2 * FILES // 3)]
    assert killed[0], "it was done before it could be killed"


@pytest.fixture
def pair(tools, order):
    by_name = {tool.name: tool for tool in tools}
    return [by_name[name] for name in order]


@pytest.fixture
def repository(pair, tmp_path):
    folder = new_repository(tmp_path / "here", pair[0])
    fill(folder / "data", 1)
    return folder


@ORDERS
def test_an_add(pair, repository):
    killed, other = pair
    before = contents_of(repository / "data")
    kill_as_it_fills(cache_of(repository) / "files", killed, repository, "add", "data")
    assert contents_of(repository / "data") == before
    assert half_objects(cache_of(repository)) == []
    other(repository, "add", "data")
    assert half_objects(cache_of(repository)) == []
    shutil.rmtree(repository / "data")
    killed(repository, "checkout")
    assert contents_of(repository / "data") == before
    assert [tool.json(repository, "status") for tool in pair] == [{}, {}]


@ORDERS
def test_a_push_and_a_pull(pair, repository, tmp_path):
    killed, other = pair
    remote = tmp_path / "remote"
    other(repository, "add", "data")
    other(repository, "remote", "add", "-d", "shared", remote)
    commit(repository, other, "first")
    kill_as_it_fills(remote, killed, repository, "push")
    assert half_objects(remote) == []
    other(repository, "push")
    assert half_objects(remote) == []

    there = clone(repository, tmp_path / "there", killed)
    kill_as_it_fills(cache_of(there), killed, there, "pull")
    assert half_objects(cache_of(there)) == []
    other(there, "pull")
    assert half_objects(cache_of(there)) == []
    same_workspace(repository, there, with_modes=False)
    assert [tool.json(there, "status") for tool in pair] == [{}, {}]


@ORDERS
def test_a_gc(pair, repository, tmp_path):
    killed, other = pair
    other(repository, "add", "data")
    commit(repository, other, "first")
    before, needed = contents_of(repository / "data"), objects_of(cache_of(repository))
    garbage = random.Random(3)
    for index in range(FILES):
        (repository / "data" / str(index % 30) / f"{index}.bin").write_bytes(garbage.randbytes(100))
    other(repository, "add", "data")
    subprocess.run(["git", "checkout", "-q", "data.dvc"], cwd=repository, env=other.env, check=True)
    other(repository, "checkout", "-f")
    kept = shutil.copytree(cache_of(repository), tmp_path / "kept")
    full = count(kept / "files")
    for _ in range(5):
        if kill_when(lambda: count(cache_of(repository) / "files") < full, killed, repository, "gc", "-w", "-f"):
            break
        shutil.rmtree(cache_of(repository))
        shutil.copytree(kept, cache_of(repository))
    else:
        pytest.fail("it was always done before it could be killed")
    found = objects_of(cache_of(repository))
    assert {path: found.get(path) for path in needed} == needed
    other(repository, "gc", "-w", "-f")
    assert objects_of(cache_of(repository) / "files") == {path.removeprefix("files/"): one for path, one in needed.items()}
    assert contents_of(repository / "data") == before
