"""Two repositories, one kept with the real dvc and one with ours, get the same trees and the same commands. Whatever is written by the one must be
what the other wrote: .dvc files and .gitignore byte for byte, caches object by object, modes included; and what they say of it must be equal.
"""

import os
import random
import shutil

import pytest
from dvc_tools import (
    cache_of,
    change,
    clone,
    commit,
    contents_of,
    files_of,
    git,
    grow,
    new_repository,
    objects_of,
    same_objects,
    same_workspace,
    wrong_objects,
)

pytestmark = pytest.mark.only_on("filesystem")


@pytest.fixture
def twins(tools, tmp_path):
    """A repository each, with nothing in it."""
    return [new_repository(tmp_path / tool.name, tool) for tool in tools]


def both(tools, twins, *arguments):
    """Runs the same line in both; answers the exit codes."""
    return [tool.process(folder, *arguments).returncode for tool, folder in zip(tools, twins)]


def same_repository(twins):
    """Files, what Git is given, and the cache."""
    one, other = twins
    same_workspace(one, other)
    if cache_of(one).exists():
        same_objects(cache_of(one), cache_of(other))
    assert (one / ".dvc/config").read_bytes() == (other / ".dvc/config").read_bytes()
    assert (one / ".dvc/.gitignore").read_bytes() == (other / ".dvc/.gitignore").read_bytes()


def sorted_status(status):
    """The lists in it have no order that means anything."""
    if isinstance(status, dict):
        return {key: sorted_status(value) for key, value in status.items()}
    if isinstance(status, list):
        return sorted((sorted_status(value) for value in status), key=repr)
    return status


def same_words(tools, twins, *arguments):
    """What both print with --json is equal; answers it."""
    said = [sorted_status(tool.json(folder, *arguments)) for tool, folder in zip(tools, twins)]
    assert said[0] == said[1]
    return said[0]


def test_init_makes_the_same_files(tools, twins):
    same_repository(twins)
    one, other = twins
    assert (one / ".dvcignore").read_bytes() == (other / ".dvcignore").read_bytes()


@pytest.mark.parametrize("seed", range(4))
def test_a_tree_is_added_edited_committed_and_checked_out_alike(tools, twins, seed):
    for folder in twins:
        grow(folder / "data", seed)
        (folder / "one file.csv").write_bytes(b"a,b\r\n1,2\r\n")
        (folder / "run.sh").write_bytes(b"#!/bin/sh\n")
        (folder / "run.sh").chmod(0o755)
    assert both(tools, twins, "add", "data", "one file.csv", "run.sh") == [0, 0]
    same_repository(twins)
    assert same_words(tools, twins, "status") == {}
    for tool, folder in zip(tools, twins):
        commit(folder, tool, "first")
    same_words(tools, twins, "data", "status", "--granular", "--unchanged")

    for folder in twins:
        change(folder / "data", seed + 100)
        (folder / "one file.csv").unlink()
    assert same_words(tools, twins, "status") != {}
    same_words(tools, twins, "data", "status", "--granular")
    same_words(tools, twins, "data", "status", "--granular", "--untracked-files")
    same_words(tools, twins, "diff")
    same_words(tools, twins, "diff", "--show-hash")

    assert both(tools, twins, "commit", "-f", "data.dvc") == [0, 0]
    same_repository(twins)
    for tool, folder in zip(tools, twins):
        commit(folder, tool, "second")
    same_words(tools, twins, "diff", "HEAD^", "HEAD")

    for tool, folder in zip(tools, twins):
        git(folder, tool, "checkout", "-q", "HEAD^")
    assert both(tools, twins, "checkout", "-f") == [0, 0]
    same_repository(twins)
    assert same_words(tools, twins, "status") == {}
    assert [wrong_objects(cache_of(folder)) for folder in twins] == [[], []]


@pytest.mark.parametrize("links", ["hardlink", "symlink", "copy"])
def test_links_are_made_alike(tools, twins, links):
    for tool, folder in zip(tools, twins):
        tool(folder, "config", "cache.type", links)
        grow(folder / "data", 7, files=20)
        tool(folder, "add", "data")
        shutil.rmtree(folder / "data")
        tool(folder, "checkout")
    same_repository(twins)
    shapes = []
    for folder in twins:
        found = {}
        for path in sorted((folder / "data").rglob("*")):
            if path.is_file():
                facts = path.lstat()
                found[str(path.relative_to(folder))] = (path.is_symlink(), facts.st_nlink > 1, oct(path.stat().st_mode & 0o777))
        shapes.append(found)
    assert shapes[0] == shapes[1]
    assert both(tools, twins, "unprotect", "data") == [0, 0]
    assert [os.access(folder / "data" / "target.txt", os.W_OK) for folder in twins] == [True, True]
    same_repository(twins)


def test_remove_and_move_leave_the_same_behind(tools, twins):
    for folder in twins:
        grow(folder / "data", 11, files=10)
        (folder / "a.bin").write_bytes(b"a")
        (folder / "b.bin").write_bytes(b"b")
        (folder / "sub").mkdir()
    assert both(tools, twins, "add", "data", "a.bin", "b.bin") == [0, 0]
    assert both(tools, twins, "move", "a.bin", "sub/c.bin") == [0, 0]
    assert both(tools, twins, "remove", "b.bin.dvc") == [0, 0]
    same_repository(twins)


def test_settings_are_written_alike(tools, twins):
    lines = [
        ["remote", "add", "-d", "Backup", "/mnt/backup"],
        ["remote", "add", "--local", "minio", "s3://bucket/prefix"],
        ["remote", "modify", "backup", "url", "../elsewhere"],
        ["remote", "modify", "--local", "minio", "endpointurl", "http://localhost:9000"],
        ["remote", "rename", "backup", "archive"],
        ["config", "cache.type", "hardlink,copy"],
        ["config", "core.autostage", "true"],
        ["config", "-u", "core.autostage"],
        ["cache", "dir", "shared"],
    ]
    for line in lines:
        assert both(tools, twins, *line) == [0, 0], line
        assert (twins[0] / ".dvc/config").read_text() == (twins[1] / ".dvc/config").read_text(), line
    assert (twins[0] / ".dvc/config.local").read_text() == (twins[1] / ".dvc/config.local").read_text()


@pytest.mark.parametrize(
    "line",
    [
        ["add", "no such file"],
        ["checkout", "nothing.dvc"],
        ["push"],
        ["remote", "default", "nobody"],
        ["remove", "nothing.dvc"],
        ["move", "nothing", "elsewhere"],
        ["unprotect", "nothing"],
        ["status", "nothing.dvc"],
    ],
)
def test_both_refuse_the_same(tools, twins, line):
    codes = both(tools, twins, *line)
    assert all(code != 0 for code in codes), codes
    assert codes[1] == 1


def test_what_ignore_rules_leave_out_is_the_same(tools, twins):
    rules = "*.tmp\n!keep.tmp\n/data/cut/\n**/deep/*.log\n\\#odd\n[ab]?.bin\n"
    paths = ["x.tmp", "keep.tmp", "cut/a", "cut/b/c", "more/deep/x.log", "more/deep/x.txt", "#odd", "a1.bin", "c1.bin", "ab.bin"]
    for folder in twins:
        (folder / ".dvcignore").write_text(rules)
        for path in paths:
            file = folder / "data" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(path.encode())
    assert both(tools, twins, "add", "data") == [0, 0]
    same_repository(twins)
    asked = [f"data/{path}" for path in paths]
    said = [tool.process(folder, "check-ignore", *asked).stdout.splitlines() for tool, folder in zip(tools, twins)]
    assert said[0] == said[1] != []


PIPELINE = """
vars:
  - names: [one, two]
stages:
  make:
    foreach: ${names}
    do:
      cmd: mkdir -p out && printf ${item} > out/${item}.txt
      outs:
        - out/${item}.txt
  join:
    cmd: cat out/one.txt out/two.txt > joined.txt && echo '{}' > metrics.json
    deps:
      - out/one.txt
      - out/two.txt
    outs:
      - joined.txt:
          desc: all of them
    metrics:
      - metrics.json:
          cache: false
"""


def test_the_outputs_of_a_templated_pipeline_are_seen_alike(tools, twins):
    for folder in twins:
        (folder / "dvc.yaml").write_text(PIPELINE)
        tools.dvc(folder, "repro", "-q")
    for tool, folder in zip(tools, twins):
        commit(folder, tool, "ran")
    assert same_words(tools, twins, "status") == {}
    for folder in twins:
        (folder / "joined.txt").unlink()
        (folder / "out/one.txt").unlink()
        (folder / "out/one.txt").write_text("other")
    same_words(tools, twins, "status")
    same_words(tools, twins, "data", "status", "--granular")
    same_words(tools, twins, "diff")
    assert both(tools, twins, "checkout", "-f") == [0, 0]
    same_repository(twins)
    assert [sorted(files_of(folder)) for folder in twins][0] == sorted(files_of(twins[1]))


LANGUAGES = {
    "dvc.yaml": """
vars: [conf.toml, conf.py]
stages:
  each:
    foreach: ${names}
    do:
      cmd: mkdir -p out && printf '${item} ${rate} ${Train.depth}' > out/${item}-${Train.rate}.txt
      params:
        - conf.py: [Train.depth, Train.list]
        - conf.toml: [rate, table.flag]
      outs: ["out/${item}-${Train.rate}.txt"]
  flags:
    cmd: echo ${table} ${Train} > flags.txt
    outs: [flags.txt]
""",
    "conf.toml": 'names = ["a", "b"] # of stages\nrate = 0.5\n[table]\nflag = true\n',
    "conf.py": "import os\nhome = os.getcwd()\nclass Train:\n    rate: float = 1e-05\n    list = [1, 2.0, 'x']\n    def __init__(self):\n        self.depth = 0x10\n",
}


def test_parameters_are_read_from_toml_and_python_alike(tools, twins):
    for tool, folder in zip(tools, twins):
        tool(folder, "config", "parsing.bool", "boolean_optional")
        tool(folder, "config", "parsing.list", "append")
        for file, text in LANGUAGES.items():
            (folder / file).write_text(text)
        tools.dvc(folder, "repro", "-q")
        commit(folder, tool, "ran")
    assert same_words(tools, twins, "status") == {}
    for folder in twins:
        for file, old, new in [("conf.toml", "true", "false"), ("conf.py", "0x10", "17")]:
            (folder / file).write_text((folder / file).read_text().replace(old, new))
    assert same_words(tools, twins, "status") != {}
    assert both(tools, twins, "commit", "-f") == [0, 0]
    assert same_words(tools, twins, "status") == {}
    for teller, (tool, folder) in zip(reversed(list(tools)), zip(tools, twins)):
        assert teller.json(folder, "status") == {}


@pytest.mark.parametrize("seed", range(2))
def test_both_work_on_one_repository_in_turn(tools, tmp_path, seed):
    """Neither notices the other: after each step the repository is clean for both, and its cache holds what names say."""
    source = random.Random(seed)
    repository = new_repository(tmp_path / "shared", source.choice([tools.dvc, tools.ours]))
    grow(repository / "data", seed, files=25)
    other = {tools.dvc.name: tools.ours, tools.ours.name: tools.dvc}
    tool = tools.ours
    tool(repository, "add", "data")
    revisions = [commit(repository, tool, "0")]
    states = [contents_of(repository / "data")]
    for step in range(4):
        tool = other[tool.name]
        change(repository / "data", seed * 10 + step)
        assert tool.json(repository, "status") != {}
        tool(repository, *source.choice([["add", "data"], ["commit", "-f"]]))
        assert other[tool.name].json(repository, "status") == {}
        revisions.append(commit(repository, tool, str(step + 1)))
        states.append(contents_of(repository / "data"))
        back = source.randrange(len(revisions))
        git(repository, tool, "checkout", "-q", revisions[back])
        other[tool.name](repository, "checkout", "-f")
        assert contents_of(repository / "data") == states[back]
        git(repository, tool, "checkout", "-q", "main")
        tool(repository, "checkout", "-f")
        assert contents_of(repository / "data") == states[-1]
    assert wrong_objects(cache_of(repository)) == []


def test_what_gc_leaves_is_the_same(tools, twins, tmp_path):
    for tool, folder in zip(tools, twins):
        grow(folder / "data", 3, files=20)
        tool(folder, "add", "data")
        commit(folder, tool, "first")
        git(folder, tool, "tag", "kept")
        for step in range(2):
            change(folder / "data", 200 + step)
            tool(folder, "add", "data")
            commit(folder, tool, f"more {step}")
    same_repository(twins)
    assert both(tools, twins, "gc", "-w", "-T", "-f") == [0, 0]
    same_repository(twins)
    for tool, folder in zip(tools, twins):
        git(folder, tool, "checkout", "-q", "kept")
    assert both(tools, twins, "checkout", "-f") == [0, 0]
    same_repository(twins)
    # dvc takes what the branch needs that is not checked out; ours keeps it until it is told to let it go.
    theirs, own = twins
    same_objects(cache_of(theirs), cache_of(own))
    tools.ours(own, "gc", "-w", "-f")
    same_objects(cache_of(theirs), cache_of(own))
    tools.dvc(theirs, "gc", "-w", "-f")
    tools.ours(own, "gc", "-w", "-f", "--drop-unnamed")
    same_repository(twins)


def test_a_clone_lists_and_gets_the_same(tools, twins, tmp_path):
    for tool, folder in zip(tools, twins):
        grow(folder / "data", 5, files=20)
        tool(folder, "add", "data")
        commit(folder, tool, "first")
    listed = [sorted_status(tool.json(tmp_path, "list", folder, "-R", "--size")) for tool, folder in zip(tools, twins)]
    assert listed[0] == listed[1]
    for tool, folder in zip(tools, twins):
        tool(tmp_path, "get", folder, "data", "-o", f"got by {tool.name}")
    same_workspace(tmp_path / "got by dvc", tmp_path / "got by throughline", with_modes=False)


def test_imports_are_written_alike(tools, tmp_path):
    source = new_repository(tmp_path / "source", tools.dvc)
    grow(source / "data", 9, files=10)
    tools.dvc(source, "add", "data")
    commit(source, tools.dvc, "first")
    twins = [new_repository(tmp_path / tool.name, tool) for tool in tools]
    assert both(tools, twins, "import", source, "data") == [0, 0]
    settings = tmp_path / "settings"
    settings.write_text(f"[core]\nremote = here\n['remote \"here\"']\nurl = {tmp_path}/store\n")
    assert both(tools, twins, "import", source, "data", "--config", settings, "--out", "by config") == [0, 0]
    same_repository(twins)
    change(source / "data", 12)
    tools.dvc(source, "add", "data")
    commit(source, tools.dvc, "second")
    assert both(tools, twins, "update", "data.dvc") == [0, 0]
    same_repository(twins)
    assert clone(twins[1], tmp_path / "clone", tools.ours).exists()


SHOWING = """
stages:
  train:
    cmd: "true"
    outs: [model, logs]
    metrics: [metrics.json]
    plots: [plot.csv]
metrics: [logs/train.json]
plots:
- extra.csv
- both: {x: {xs.csv: a}, y: {ys.csv: b}}
"""


def test_a_fetch_may_be_of_metrics_or_plots_or_what_is_small(tools, tmp_path):
    repository = new_repository(tmp_path / "here", tools.dvc)
    (repository / "dvc.yaml").write_text(SHOWING)
    (repository / "logs").mkdir()
    files = ["model", "metrics.json", "plot.csv", "logs/train.json", "extra.csv", "xs.csv", "ys.csv", "other.csv"]
    for size, file in enumerate(files):
        (repository / file).write_text(f"{file}\n" * (size + 1))
    tools.dvc(repository, "commit", "-f", "train")
    tools.dvc(repository, "add", "extra.csv", "xs.csv", "ys.csv", "other.csv")
    tools.dvc(repository, "remote", "add", "-d", "folder", tmp_path / "remote")
    tools.dvc(repository, "push")
    for line in [["--type", "metrics"], ["--type", "plots"], ["--type", "plots", "--type", "metrics"], ["--max-size", "26"]]:
        fetched = []
        for tool in tools:
            shutil.rmtree(cache_of(repository))
            shutil.rmtree(tools.dvc.env["DVC_SITE_CACHE_DIR"], ignore_errors=True)
            tool(repository, "fetch", *line)
            fetched.append(objects_of(cache_of(repository)))
        assert fetched[0] == fetched[1] != {}, line


def test_a_status_asks_whether_the_sources_of_imports_have_moved_on(tools, tmp_path):
    source = new_repository(tmp_path / "source", tools.dvc)
    grow(source / "data", 9, files=5)
    tools.dvc(source, "add", "data")
    (source / "note.txt").write_text("of Git")
    commit(source, tools.dvc, "first")
    git(source, tools.dvc, "tag", "v1")
    git(tmp_path, tools.dvc, "clone", "-q", "--bare", source, tmp_path / "bare.git")
    git(source, tools.dvc, "remote", "add", "bare", tmp_path / "bare.git")
    twins = [new_repository(tmp_path / tool.name, tool) for tool in tools]
    for line in [
        ["import", source, "data"],
        ["import", source, "data", "--out", "fixed", "--rev", "v1"],
        ["import", f"file://{tmp_path}/bare.git", "note.txt", "--out", "address"],
        ["import", source, "data", "--out", "hashes", "--no-download"],
        ["import", source, "data", "--out", "nothing", "--no-exec"],
        ["import-url", source / "note.txt", "url"],
    ]:
        assert both(tools, twins, *line) == [0, 0], line
    same_words(tools, twins, "status")
    change(source / "data", 12)
    tools.dvc(source, "add", "data")
    commit(source, tools.dvc, "second")
    git(source, tools.dvc, "push", "-q", "bare", "main")
    assert "update available" in str(same_words(tools, twins, "status"))
    assert "update available" not in str(same_words(tools, twins, "status", "--no-updates"))
    for folder in twins:
        (folder / "data").rename(folder / "kept")
        grow(folder / "data", 13, files=5)
    same_words(tools, twins, "status")
    assert both(tools, twins, "commit", "-f", "data.dvc") == [0, 0]
    same_words(tools, twins, "status")
    assert (twins[0] / "data.dvc").read_bytes() == (twins[1] / "data.dvc").read_bytes()
