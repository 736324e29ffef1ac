"""What people do with dvc by habit, done with the real one and with ours in twin repositories: pipelines and what they need, folders of DVC 2, imports that
are fetched later, settings, and what both refuse. Each test is one habit; what the two leave behind must be equal, and what they say of it."""

import shutil

import pytest
from dvc_tools import cache_of, commit, git, new_repository, objects_of, same_workspace

pytestmark = pytest.mark.only_on("filesystem")


@pytest.fixture
def twins(tools, tmp_path):
    """A repository each, with nothing in it."""
    return [new_repository(tmp_path / tool.name / "repository", tool) for tool in tools]


def both(tools, twins, *arguments):
    """Runs the same line in both; answers whether each succeeded."""
    return [tool.process(folder, *arguments).returncode == 0 for tool, folder in zip(tools, twins)]


def write(twins, files):
    for folder in twins:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def by_dvc(tools, twins, *arguments):
    """What only the real one can do, in both."""
    for folder in twins:
        tools.dvc(folder, *arguments)


def status(tools, twins, *arguments):
    """What both say with --json is equal; answers it."""
    said = [tool.json(folder, "status", *arguments) for tool, folder in zip(tools, twins)]
    # What is the matter with a stage has no order.
    one, other = [{stage: sorted(map(repr, found)) for stage, found in answer.items()} for answer in said]
    assert one == other
    return said[0]


STAGES_WITHOUT_OUTPUTS = {
    "deps": ("stages:\n  look:\n    cmd: cat in\n    deps: [in]\n", {"in": "2"}),
    "params": ("stages:\n  look:\n    cmd: echo\n    params: [lr]\n", {"params.yaml": "lr: 2\n"}),
    "whole file of params": ("stages:\n  look:\n    cmd: echo\n    params: [more.yaml: ]\n", {"more.yaml": "b: 1\n"}),
    "nothing": ("stages:\n  look:\n    cmd: echo\n", {"in": "2"}),
}


@pytest.mark.parametrize("kind", STAGES_WITHOUT_OUTPUTS)
def test_stages_without_outputs_are_looked_at(tools, twins, kind):
    pipeline, change = STAGES_WITHOUT_OUTPUTS[kind]
    write(twins, {"dvc.yaml": pipeline, "in": "1", "params.yaml": "lr: 1\n", "more.yaml": "a: 1\n"})
    status(tools, twins)
    by_dvc(tools, twins, "repro")
    status(tools, twins)
    write(twins, change)
    assert status(tools, twins) != {}
    assert both(tools, twins, "commit", "-f") == [True, True]
    same_workspace(*twins)
    status(tools, twins)


def test_a_stage_that_works_in_another_folder_is_recorded_alike(tools, twins):
    write(twins, {"sub/work/in": "1", "sub/dvc.yaml": "stages:\n  copy:\n    wdir: work\n    cmd: cp in out\n    deps: [in]\n    outs: [./out]\n"})
    by_dvc(tools, twins, "repro", "sub/dvc.yaml")
    write(twins, {"sub/work/out": "2"})
    assert status(tools, twins) != {}
    assert both(tools, twins, "commit", "-f", "sub/dvc.yaml") == [True, True]
    same_workspace(*twins)
    assert status(tools, twins) == {}


def test_a_file_outside_of_the_repository_is_looked_at(tools, twins):
    write(twins, {"../outside": "1", "dvc.yaml": "stages:\n  copy:\n    cmd: cp ../outside out\n    deps: [../outside]\n    outs: [out]\n"})
    by_dvc(tools, twins, "repro")
    assert status(tools, twins) == {}
    write(twins, {"../outside": "2"})
    for tool, folder in zip(tools, twins):
        assert tool.json(folder, "status") == {"copy": [{"changed deps": {str(folder.parent / "outside"): "modified"}}]}


@pytest.mark.parametrize(
    "pipeline",
    ["stages:\n  make:\n    cmd: x\n    deps: [gone]\n    outs: [out]\n", "stages:\n  make:\n    cmd: x\n    params: [gone]\n    outs: [out]\n"],
)
def test_a_stage_that_lacks_something_is_not_recorded(tools, twins, pipeline):
    write(twins, {"dvc.yaml": pipeline, "out": "1", "params.yaml": "lr: 1\n"})
    assert both(tools, twins, "commit", "-f") == [False, False]
    same_workspace(*twins)


def test_a_target_is_a_stage_before_it_is_a_file(tools, twins):
    write(twins, {"dvc.yaml": "stages:\n  a:\n    cmd: echo 1 > b\n    outs: [b]\n  other:\n    cmd: echo 2 > a\n    outs: [a]\n"})
    by_dvc(tools, twins, "repro")
    for target in ["a", "./a", "dvc.yaml:a", ":other", ":"]:
        for folder in twins:
            for name in ["a", "b"]:
                (folder / name).unlink(missing_ok=True)
        assert both(tools, twins, "checkout", target) == [True, True]
        same_workspace(*twins)


def test_a_pipeline_is_removed_as_a_whole(tools, twins):
    write(twins, {"dvc.yaml": "stages:\n  one:\n    cmd: echo 1 > a\n    outs: [a]\n  two:\n    cmd: echo 2 > b\n    outs: [b]\n"})
    by_dvc(tools, twins, "repro")
    assert both(tools, twins, "remove", "dvc.yaml") == [True, True]
    same_workspace(*twins)


def test_comments_of_a_lock_stay(tools, twins):
    write(twins, {"dvc.yaml": "stages:\n  one:\n    cmd: echo 1 > a\n    outs: [a]\n"})
    by_dvc(tools, twins, "repro")
    write(twins, {"dvc.lock": "# by hand\n" + (twins[0] / "dvc.lock").read_text(), "a": "22"})
    assert both(tools, twins, "commit", "-f") == [True, True]
    same_workspace(*twins)


def test_data_of_dvc_2_stays_as_it_was_until_it_changes(tools, twins):
    write(twins, {"data": "foo", "data.dvc": "outs:\n- md5: acbd18db4cc2f85cedef654fccc4a4d8\n  size: 3\n  path: data\n"})
    for text in ["foo", "other"]:
        write(twins, {"data": text})
        assert both(tools, twins, "add", "data") == [True, True]
        same_workspace(*twins)
        assert objects_of(cache_of(twins[0])) == objects_of(cache_of(twins[1]))
        assert status(tools, twins) == {}


def test_patterns_mean_no_hidden_files(tools, twins):
    write(twins, {"d/.hidden": "1", "d/seen": "2", "d/sub/deep": "3"})
    assert both(tools, twins, "add", "--glob", "d/*") == [True, True]
    assert [sorted(path.name for path in (folder / "d").glob("*.dvc")) for folder in twins] == [["seen.dvc", "sub.dvc"]] * 2


@pytest.mark.parametrize("rules", ["private/\n", "*.dvc\n", "/private/*\n"])
def test_what_git_would_leave_out_is_refused(tools, twins, rules):
    write(twins, {".gitignore": rules, "private/data": "1"})
    assert both(tools, twins, "add", "private/data") == [False, False]
    same_workspace(*twins)


def test_a_cache_that_moved_is_linked_anew(tools, twins):
    for tool, folder in zip(tools, twins):
        tool(folder, "config", "cache.type", "symlink")
        (folder / "data").mkdir()
        (folder / "data/a").write_text("1")
        (folder / "b").write_text("2")
        tool(folder, "add", "data", "b")
        (folder / ".dvc/cache").rename(folder.parent / "moved")
        tool(folder, "cache", "dir", "../moved")
        tool(folder, "checkout", "-f")
        assert (folder / "data/a").resolve().is_relative_to(folder.parent / "moved")
    same_workspace(*twins)


def test_links_that_lead_nowhere_are_removed_with_what_they_stand_for(tools, twins):
    for tool, folder in zip(tools, twins):
        tool(folder, "config", "cache.type", "symlink")
        (folder / "data").write_text("1")
        tool(folder, "add", "data")
        shutil.rmtree(cache_of(folder))
    assert both(tools, twins, "remove", "data.dvc", "--outs") == [True, True]
    same_workspace(*twins)


def test_a_pull_that_needs_nothing_needs_no_remote(tools, twins):
    write(twins, {"data/a": "1"})
    assert both(tools, twins, "add", "data") == [True, True]
    for folder in twins:
        shutil.rmtree(folder / "data")
    assert both(tools, twins, "pull") == [True, True]
    same_workspace(*twins)
    for folder in twins:
        shutil.rmtree(cache_of(folder))
        shutil.rmtree(folder / "data")
    assert both(tools, twins, "pull") == [False, False]


def test_an_import_that_was_only_looked_at_is_pulled(tools, twins):
    source = new_repository(twins[0].parent.parent / "source", tools.dvc)
    write([source], {"data/a": "1", "plain": "2"})
    tools.dvc(source, "add", "data")
    commit(source, tools.dvc, "first")
    for path in ["data", "plain"]:
        assert both(tools, twins, "import", "--no-download", "../../source", path) == [True, True]
    write([source], {"plain": "changed"})
    commit(source, tools.dvc, "second")
    assert both(tools, twins, "pull") == [True, True]
    same_workspace(*twins)
    assert (twins[1] / "plain").read_text() == "2"
    status(tools, twins)
    assert both(tools, twins, "update", "--no-download", "plain.dvc") == [True, True]
    assert [(folder / "plain").exists() for folder in twins] == [False, False]
    assert both(tools, twins, "pull") == [True, True]
    same_workspace(*twins)
    assert (twins[1] / "plain").read_text() == "changed"


def test_a_path_is_imported_as_it_was_typed(tools, twins):
    write(twins, {"../outside": "1", "inside": "2"})
    for url, out in [("../outside", "a"), ("inside", "b")]:
        assert both(tools, twins, "import-url", url, out) == [True, True]
    same_workspace(*twins)
    write(twins, {"../outside": "3", "inside": "4"})
    assert both(tools, twins, "update", "a.dvc", "b.dvc") == [True, True]
    same_workspace(*twins)


def test_a_project_that_is_none_stops_gc(tools, twins):
    write(twins, {"data": "1"})
    for tool, folder in zip(tools, twins):
        tool(folder, "add", "data")
        (folder / "data").write_text("2")
        tool(folder, "add", "data")
    before = [objects_of(cache_of(folder)) for folder in twins]
    assert both(tools, twins, "gc", "-w", "-f", "-p", "../mistyped") == [False, False]
    assert [objects_of(cache_of(folder)) for folder in twins] == before
    assert [(folder.parent / "mistyped").exists() for folder in twins] == [False, False]


def test_the_default_of_one_level_is_told(tools, twins):
    for line in [["add", "a", "/mnt/a"], ["add", "b", "/mnt/b"], ["default", "a"], ["default", "--local", "b"]]:
        assert both(tools, twins, "remote", *line) == [True, True]
    for level in [[], ["--project"], ["--local"]]:
        said = [tool(folder, "remote", "default", *level).strip() for tool, folder in zip(tools, twins)]
        assert said[0] == said[1]


def test_a_tag_brings_its_data_back(tools, twins):
    for tool, folder in zip(tools, twins):
        for text in ["1", "2"]:
            (folder / "data").mkdir(exist_ok=True)
            (folder / "data/a").write_text(text)
            tool(folder, "add", "data")
            commit(folder, tool, text)
        git(folder, tool, "checkout", "-q", "HEAD^")
        tool(folder, "checkout", "-R", ".")
    same_workspace(*twins)
    assert (twins[1] / "data/a").read_text() == "1"
