"""Repositories of other shapes: what DVC 2 left, whose migration is killed; projects below the root of their Git repository; Git submodules, around a project
and inside of one."""

import os
import random
import shutil
import signal
import subprocess

import pytest
from dvc_tools import cache_of, commit, contents_of, git, grow, leave_as_dvc_2, new_repository, objects_of, same_objects, same_workspace, wrong_objects

pytestmark = pytest.mark.only_on("filesystem")

def test_a_migration_of_a_cache_may_be_killed(tools, tmp_path):
    """It is as if it had not been begun, and ends as one that nobody disturbed."""
    twins = []
    for name in ("killed", "whole"):
        folder = new_repository(tmp_path / name, tools.ours)
        source = random.Random(5)
        for index in range(1_500):
            file = folder / "data" / str(index % 20) / f"{index}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"%d\r\n" % index + source.randbytes(2_000).hex().encode())
        leave_as_dvc_2(folder, tools.ours, ["data"])
        twins.append(folder)
    killed, whole = twins
    before = contents_of(killed / "data")
    old = objects_of(cache_of(killed))
    for most in (0, 300, 900):
        process = subprocess.Popen([*tools.ours.start, "cache", "migrate", "--dvc-files"], cwd=killed, env=tools.ours.env, stdout=subprocess.DEVNULL)
        while process.poll() is None and sum(len(names) for _, _, names in os.walk(cache_of(killed) / "files")) <= most:
            pass
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert contents_of(killed / "data") == before
        assert wrong_objects(cache_of(killed), is_at_rest=False) == []
        found = objects_of(cache_of(killed))
        assert {path: found.get(path) for path in old} == old
        assert [tool.json(killed, "status") for tool in tools] == [{}, {}]
    for folder in twins:
        tools.ours(folder, "cache", "migrate", "--dvc-files")
    same_workspace(killed, whole)
    same_objects(cache_of(killed) / "files", cache_of(whole) / "files")
    shutil.rmtree(killed / "data")
    tools.dvc(killed, "checkout")
    assert contents_of(killed / "data") == before


def test_projects_below_the_root_of_a_repository_are_alike(tools, tmp_path):
    """Two of them in one Git repository, which know nothing of each other."""
    twins = []
    for tool in tools:
        top = tmp_path / tool.name
        top.mkdir()
        git(top, tool, "init", "-q", "-b", "main")
        for name in ("one", "other"):
            (top / name).mkdir()
            tool(top / name, "init", "--subdir", "-q")
            grow(top / name / "data", 61, files=10)
            tool(top / name, "add", "data")
        commit(top, tool, "first")
        (top / "one/data/target.txt").unlink()
        (top / "one/data/target.txt").write_text("changed")
        twins.append(top)
    left, right = ({path: one for path, one in contents_of(top).items() if "/.dvc/tmp/" not in path} for top in twins)
    assert left == right
    for line in [["status"], ["diff"], ["data", "status", "--granular"]]:
        told = [[reader.json(top / name, *line) for name in ("one", "other")] for reader, top in zip(tools, twins)]
        assert told[0] == told[1], line
        assert told[0][0] != {}
    other = twins[1] / "other"
    before = contents_of(other / "data")
    for tool, reader in [(tools.dvc, tools.ours), (tools.ours, tools.dvc)]:
        tool(twins[1] / "one", "gc", "-w", "-f")
        shutil.rmtree(other / "data")
        reader(other, "checkout")
        assert contents_of(other / "data") == before


@pytest.mark.parametrize("order", [("dvc", "throughline"), ("throughline", "dvc")], ids="-then-".join)
def test_a_project_that_is_a_submodule_is_worked_on_in_turn(tools, tmp_path, order):
    by_name = {tool.name: tool for tool in tools}
    one, other = by_name[order[0]], by_name[order[1]]
    data = new_repository(tmp_path / "data", one)
    (data / "table").mkdir()
    (data / "table/a.csv").write_text("a\n1\n")
    one(data, "add", "table")
    one(data, "remote", "add", "-d", "folder", tmp_path / "remote")
    commit(data, one, "first")
    one(data, "push")

    top = new_repository(tmp_path / "top", other)
    git(top, other, "-c", "protocol.file.allow=always", "submodule", "add", "-q", data, "sub")
    commit(top, other, "with data")
    other(top / "sub", "pull")
    assert (top / "sub/table/a.csv").read_text() == "a\n1\n"
    (top / "sub/table/b.csv").write_text("b\n")
    other(top / "sub", "add", "table")
    assert one.json(top / "sub", "status") == {}
    commit(top / "sub", other, "second")
    assert len(one.json(top / "sub", "diff", "HEAD^", "HEAD")["added"]) == 1
    assert one.json(top / "sub", "diff", "HEAD^", "HEAD") == other.json(top / "sub", "diff", "HEAD^", "HEAD")
    one(top / "sub", "push")
    # The project around it is another one: it has no data, and its collection takes none of the other's.
    assert [tool.json(top, "status") for tool in tools] == [{}, {}]
    for tool in tools:
        (top / "own").write_text(f"by {tool.name}")
        tool(top, "add", "own")
        tool(top, "gc", "-w", "-f")
    assert [tool.json(top, "status") for tool in tools] == [{}, {}]
    shutil.rmtree(top / "sub/table")
    one(top / "sub", "checkout")
    assert sorted(os.listdir(top / "sub/table")) == ["a.csv", "b.csv"]


def test_what_belongs_to_a_submodule_is_refused_or_taken_alike(tools, tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    git(plain, tools.dvc, "init", "-q", "-b", "main")
    (plain / "code.py").write_text("print(1)\n")
    commit(plain, tools.dvc, "code")
    told = []
    for tool in tools:
        top = new_repository(tmp_path / tool.name, tool)
        git(top, tool, "-c", "protocol.file.allow=always", "submodule", "add", "-q", plain, "sub")
        commit(top, tool, "with code")
        (top / "sub/big.bin").write_text("big")
        (top / "sub/code.py").write_text("changed")
        (top / "data").write_text("1")
        codes = [tool.process(top, *line).returncode == 0 for line in [["add", "data"], ["add", "sub/big.bin"], ["add", "sub"], ["status"]]]
        told.append((codes, git(top, tool, "status", "--porcelain"), git(top / "sub", tool, "status", "--porcelain"), tool.json(top, "status")))
    assert told[0] == told[1]
    same_workspace(tmp_path / "dvc", tmp_path / "throughline")
