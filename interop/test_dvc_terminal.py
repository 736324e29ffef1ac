"""The command as people meet it: on a terminal, with colours and bars, and under the real Git by its hooks."""

import base64
import json
import os
import pty
import select
import subprocess

import pytest
from dvc_tools import LIMIT_S, Web, commit, contents_of, git, grow, new_repository

pytestmark = pytest.mark.only_on("filesystem")

COLOUR = "\x1b[3"
BAR = "%"


def on_a_terminal(tool, folder, *arguments, env=None, answers=()):
    """Runs it with a terminal for both outputs; answers the exit code and what the terminal was sent. `answers`: what is typed where a text appears."""
    waiting = list(answers)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*tool.start, *map(str, arguments)],
        cwd=folder,
        env={**tool.env, "TERM": "xterm-256color", **(env or {})},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        close_fds=True,
    )
    os.close(theirs)
    said = b""
    while select.select([ours], [], [], LIMIT_S)[0]:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            # The other end is closed.
            break
        if not chunk:
            break
        said += chunk
        if waiting and waiting[0][0].encode() in said:
            os.write(ours, waiting.pop(0)[1].encode())
    os.close(ours)
    return process.wait(timeout=LIMIT_S), said.decode(errors="replace")


@pytest.fixture
def repository(tools, tmp_path):
    folder = new_repository(tmp_path / "here", tools.ours)
    (folder / "big.bin").write_bytes(os.urandom(150_000_000))
    return folder


def test_a_bar_with_rate_and_time_is_shown_on_a_terminal_and_nowhere_else(tools, repository):
    code, said = on_a_terminal(tools.ours, repository, "add", "big.bin")
    assert code == 0
    assert "Adding big.bin [" in said and "MB/s" in said
    # It is wiped away: the last words are the answer.
    assert said.rsplit("\x1b[K", 1)[1].count(BAR) == 0
    (repository / "big.bin").chmod(0o644)
    (repository / "big.bin").write_bytes(os.urandom(150_000_000))
    piped = tools.ours.process(repository, "add", "big.bin")
    assert piped.returncode == 0
    assert "\x1b" not in piped.stdout + piped.stderr and "MB/s" not in piped.stdout + piped.stderr
    assert piped.stderr == ""


def test_colours_obey_the_environment(tools, repository):
    tools.ours(repository, "add", "big.bin")
    (repository / "big.bin").unlink()
    assert COLOUR in on_a_terminal(tools.ours, repository, "status")[1]
    assert COLOUR not in on_a_terminal(tools.ours, repository, "status", env={"NO_COLOR": "1"})[1]
    assert COLOUR not in tools.ours(repository, "status")
    assert COLOUR in tools.ours(repository, "status", env={"FORCE_COLOR": "1"})


def test_codes_say_how_it_went(tools, repository):
    def code(*line):
        return tools.ours.process(repository, *line).returncode

    tools.ours(repository, "add", "big.bin")
    assert code("status", "--quiet") == 0
    (repository / "big.bin").unlink()
    assert code("status") == 0
    assert code("status", "--quiet") == 1
    assert code("add", "nothing") == 1
    assert code("statsu") == 2
    assert code("status", "--no-such") == 2


def test_hooks_keep_data_in_step_with_the_real_git(tools, tmp_path):
    folder = new_repository(tmp_path / "here", tools.ours)
    commands = os.path.dirname(tools.ours.start[0])
    env = {**tools.ours.env, "PATH": f"{commands}{os.pathsep}{tools.ours.env['PATH']}"}
    ours = type(tools.ours)("throughline", tools.ours.start, env)
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare.git")], env=env, check=True, timeout=LIMIT_S)
    git(folder, ours, "remote", "add", "origin", tmp_path / "bare.git")
    ours(folder, "install")
    ours(folder, "remote", "add", "-d", "store", tmp_path / "store")
    states = []
    for seed in range(2):
        grow(folder / "data", seed, files=10)
        ours(folder, "add", "data")
        states.append((commit(folder, ours, str(seed)), contents_of(folder / "data")))
    assert not (tmp_path / "store").exists()
    git(folder, ours, "push", "-q", "origin", "main")
    assert (tmp_path / "store" / "files").is_dir()
    for revision, state in states:
        git(folder, ours, "checkout", "-q", revision)
        assert contents_of(folder / "data") == state


QUESTION = "Password of ada for"
PASSWORD = "söme xylem "


@pytest.fixture
def guarded(tools, tmp_path):
    """A repository whose remote asks for a password, and that remote."""
    web = Web()
    web.authorization = "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()
    folder = new_repository(tmp_path / "here", tools.ours)
    tools.ours(folder, "remote", "add", "-d", "web", web.url)
    for name, value in {"auth": "basic", "user": "ada", "ask_password": "true"}.items():
        tools.ours(folder, "remote", "modify", "web", name, value)
    (folder / "data.txt").write_text("1")
    tools.ours(folder, "add", "data.txt")
    yield folder, web
    web.close()


def test_a_password_is_asked_for_once_and_never_shown(tools, guarded):
    folder, web = guarded
    # What was mistyped is taken back, letter by letter.
    code, said = on_a_terminal(tools.ours, folder, "push", "--json", answers=[(QUESTION, f"{PASSWORD}öx\x7f\b\r")])
    assert (code, said.count(QUESTION), len(web.files)) == (0, 1, 1)
    assert json.loads(said[said.index("{") :])
    assert "xylem" not in said


def test_a_wrong_password_is_not_shown_either(tools, guarded):
    folder, web = guarded
    code, said = on_a_terminal(tools.ours, folder, "push", "--json", "--verbose", answers=[(QUESTION, "wrong xylem\r")])
    assert (code, web.files) == (1, {})
    assert "does not accept" in said
    assert "xylem" not in said and base64.b64encode(b"ada:wrong xylem").decode() not in said


def test_asking_can_be_interrupted(tools, guarded):
    folder, web = guarded
    code, said = on_a_terminal(tools.ours, folder, "push", answers=[(QUESTION, "some xylem\x03")])
    assert (code, web.files) == (130, {})
    assert "xylem" not in said


def test_nobody_is_asked_where_nobody_can_answer(tools, guarded):
    folder, web = guarded
    done = tools.ours.process(folder, "push")
    assert (done.returncode, web.files) == (1, {})
    assert QUESTION not in done.stdout + done.stderr and "needs user and password" in done.stderr
