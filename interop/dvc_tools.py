"""What the suites about data versioning share: the real dvc and the command that people install, each run as a process that knows nothing of this
machine's user; trees of odd files; and what a repository holds, file by file and object by object."""

import hashlib
import json
import os
import random
import shutil
import stat
import subprocess
import threading
import unicodedata
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

#: A dvc that is waited for on a busy machine.
LIMIT_S = 300


class Failed(AssertionError):
    """A command that should have succeeded."""


@dataclass(frozen=True)
class Tool:
    """A command line."""

    name: str
    start: tuple[str, ...]
    env: dict[str, str]

    def process(self, folder, *arguments, env=None):
        """Runs it; whatever its exit code."""
        return subprocess.run(
            [*self.start, *map(str, arguments)],
            cwd=folder,
            env={**self.env, **(env or {})},
            capture_output=True,
            text=True,
            errors="surrogateescape",
            stdin=subprocess.DEVNULL,
            timeout=LIMIT_S,
        )

    def __call__(self, folder, *arguments, env=None):
        """Runs it; it must succeed. Answers what it printed."""
        done = self.process(folder, *arguments, env=env)
        if done.returncode != 0:
            raise Failed(f"{self.name} {' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def json(self, folder, *arguments):
        return json.loads(self(folder, *arguments, "--json"))


@dataclass(frozen=True)
class Tools:
    dvc: Tool
    ours: Tool

    def __iter__(self):
        return iter((self.dvc, self.ours))


def install(folder: Path) -> Tools:
    """The real dvc of the environment, and our command as npm installs it in an empty project."""
    project = folder / "project"
    home = folder / "home"
    for made in (project, home):
        made.mkdir()
    (project / "package.json").write_text('{ "name": "somebody", "private": true }')
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "DVC_SITE_CACHE_DIR": str(folder / "site"),
        "DVC_NO_ANALYTICS": "1",
        "LANG": "C.UTF-8",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.org",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.org",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    options = ["--offline", "--no-audit", "--no-fund", "--cache", str(folder / "npm")]
    subprocess.run(["npm", "install", *options, os.environ["THROUGHLINE_CLI"]], cwd=project, env=env, check=True, capture_output=True, timeout=LIMIT_S)
    dvc = shutil.which("dvc")
    assert dvc is not None, "the environment has no dvc"
    return Tools(
        dvc=Tool("dvc", (dvc,), env),
        ours=Tool("throughline", (str(project / "node_modules/.bin/throughline"),), env),
    )


def git(folder: Path, tool: Tool, *arguments) -> str:
    done = subprocess.run(["git", *map(str, arguments)], cwd=folder, env=tool.env, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, f"git {arguments}:\n{done.stdout}{done.stderr}"
    return done.stdout


def new_repository(folder: Path, tool: Tool, *, init: Tool | None = None) -> Path:
    folder.mkdir(parents=True)
    git(folder, tool, "init", "-q", "-b", "main")
    (init or tool)(folder, "init", "-q")
    commit(folder, tool, "begin")
    return folder


def commit(folder: Path, tool: Tool, message: str) -> str:
    git(folder, tool, "add", "-A")
    git(folder, tool, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, tool, "rev-parse", "HEAD").strip()


def clone(source: Path, target: Path, tool: Tool) -> Path:
    git(source.parent, tool, "clone", "-q", source, target)
    return target


# A plain web server ---------------------------------------------------------------------------------------------------------------------


class Web:
    """Keeps what is sent to it, as any server that takes files; asked as a proxy it answers for every name, and notes for which."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        #: What every request must bring, once it is set.
        self.authorization: str | None = None
        self.asked_as_proxy: set[str] = set()
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def path_asked(self):
                parts = urlsplit(self.path)
                if parts.netloc:
                    web.asked_as_proxy.add(parts.netloc)
                return parts.path

            def body(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                chunks = []
                while size := int(self.rfile.readline(), 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(chunks)

            def answer(self, status, content=b""):
                if not self.is_known():
                    status, content = 401, b""
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def is_known(self):
                return web.authorization in (None, self.headers.get("Authorization"))

            def do_GET(self):
                content = web.files.get(self.path_asked())
                self.answer(404) if content is None else self.answer(200, content)

            def do_POST(self):
                content = self.body()
                if self.is_known():
                    web.files[self.path_asked()] = content
                self.answer(201)

            do_HEAD = do_GET
            do_PUT = do_POST

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


# Trees ---------------------------------------------------------------------------------------------------------------------------------

#: Names that tools trip over. No two of them are one name on any file system that keeps what it is given.
ODD_NAMES = [
    "plain.txt",
    "with blank",
    " leading",
    "trailing ",
    "quote'\"s",
    "back\\slash",
    "new\nline",
    "tab\there",
    "bell\x07",
    "del\x7f",
    "star*",
    "[brackets]",
    "#hash",
    "!bang",
    "-dash",
    "dot.",
    "..two",
    "ünïcode",
    unicodedata.normalize("NFC", "é-nfc"),
    unicodedata.normalize("NFD", "é-nfd"),
    unicodedata.normalize("NFC", "ö"),
    unicodedata.normalize("NFD", "ö"),
    "😀 astral",
    "\uffee halfwidth",
    "日本語.csv",
    "per%cent",
    "co:lon",
    "a" * 200,
    "CASE",
    "case",
]


def contents(source: random.Random) -> bytes:
    """Of many kinds: empty, text with either line end, bytes, more than one read takes."""
    kind = source.randrange(6)
    if kind == 0:
        return b""
    if kind == 1:
        return b"".join(b"line %d\n" % index for index in range(source.randrange(1, 40)))
    if kind == 2:
        return b"".join(b"line %d\r\n" % index for index in range(source.randrange(1, 40)))
    if kind == 3:
        return source.randbytes(source.randrange(1, 400_000))
    if kind == 4:
        return b"\0" * source.randrange(1, 2_000)
    return b"same for many"


def grow(folder: Path, seed: int, *, files: int = 60) -> Path:
    """Makes a tree; the same one for the same seed."""
    source = random.Random(seed)
    folders = [folder]
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(8):
        below = source.choice(folders) / source.choice(ODD_NAMES)
        below.mkdir(exist_ok=True)
        folders.append(below)
    deep = folder / "/".join(f"level{index}" for index in range(20))
    deep.mkdir(parents=True, exist_ok=True)
    folders.append(deep)
    (folder / "empty folder" / "inside").mkdir(parents=True, exist_ok=True)
    for index in range(files):
        name = source.choice(ODD_NAMES) if index % 2 == 0 else f"file-{index}.bin"
        file = source.choice(folders) / name
        if file.is_dir():
            continue
        file.write_bytes(contents(source))
        if source.randrange(5) == 0:
            file.chmod(0o755)
    (folder / "target.txt").write_bytes(b"pointed at")
    if not (folder / "link.txt").exists():
        (folder / "link.txt").symlink_to("target.txt")
    return folder


def change(folder: Path, seed: int) -> None:
    """Edits a tree: some files change, some go, some come, some move."""
    source = random.Random(seed)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    for file in source.sample(files, min(12, len(files))):
        act = source.randrange(4)
        rewrite = file.read_bytes() + b"changed %d" % source.randrange(10**6)
        if act == 0:
            file.unlink()
        elif act == 1:
            moved = file.with_name(f"moved-{source.randrange(10**6)}")
            file.rename(moved)
        else:
            file.unlink()
            file.write_bytes(rewrite)
    (folder / f"added-{seed}").write_bytes(source.randbytes(100))


# DVC 2 ---------------------------------------------------------------------------------------------------------------------------------

LEGACY_POINTER = """outs:
- md5: {md5}
  size: {size}
  path: {path}
"""

#: What is left out where a first block is looked at for being text.
TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"


def legacy_md5(content):
    """As DVC 2 named content: of what looks like text in its first block, with the line ends of Unix."""
    block = content[:512]
    is_text = not block or (b"\0" not in block and len(block.translate(None, TEXT)) / len(block) <= 0.3)
    return hashlib.md5(content.replace(b"\r\n", b"\n") if is_text else content, usedforsecurity=False).hexdigest()


def leave_as_dvc_2(folder, tool, trees):
    """Records folders as DVC 2 did, and stores what they hold. Of two files that differ in line ends alone it kept the first."""

    def stored(md5, content):
        file = cache_of(folder) / md5[:2] / md5[2:]
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
            file.chmod(0o444)
        return file.read_bytes()

    for tree in trees:
        entries, size = [], 0
        for file in sorted(path for path in (folder / tree).rglob("*") if path.is_file()):
            content = file.read_bytes()
            md5 = legacy_md5(content)
            kept = stored(md5, content)
            if kept != content:
                file.write_bytes(kept)
            size += len(kept)
            entries.append({"md5": md5, "relpath": str(file.relative_to(folder / tree))})
        listing = json.dumps(sorted(entries, key=lambda entry: entry["relpath"])).encode()
        md5 = hashlib.md5(listing, usedforsecurity=False).hexdigest()
        stored(f"{md5}.dir", listing)
        (folder / f"{tree}.dvc").write_text(LEGACY_POINTER.format(md5=f"{md5}.dir", size=size, path=tree))
    (folder / ".gitignore").write_text("".join(f"/{tree}\n" for tree in trees))
    commit(folder, tool, "as DVC 2 left it")


# What is there -------------------------------------------------------------------------------------------------------------------------


def digest(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def files_of(folder: Path, *, without: tuple[str, ...] = (".git", ".dvc")) -> dict[str, tuple[str, bool]]:
    """Every file of a workspace: its MD5, and whether it may be run. Links are read through."""
    found = {}
    for root, folders, names in os.walk(folder, followlinks=True):
        if Path(root) == folder:
            folders[:] = [name for name in folders if name not in without]
        for name in names:
            path = Path(root) / name
            found[str(path.relative_to(folder))] = (digest(path), bool(path.stat().st_mode & stat.S_IXUSR))
    return found


def objects_of(store: Path, *, with_modes: bool = True) -> dict[str, tuple[str, int | None]]:
    """Every object of a cache or a remote folder: the MD5 of its bytes, and its mode."""
    found = {}
    for path in sorted(store.rglob("*")):
        if path.is_file() and path.relative_to(store).parts[0] != "runs":
            found[str(path.relative_to(store))] = (digest(path), stat.S_IMODE(path.stat().st_mode) if with_modes else None)
    return found


def wrong_objects(store: Path, *, is_at_rest: bool = True) -> list[str]:
    """Objects of a 3.x cache whose bytes are not what their names say. What a killed command was writing has no object's name, and may lie there
    until the command is repeated, by itself or in a folder of its own."""
    wrong = []
    for path, (md5, _) in objects_of(store / "files" / "md5").items():
        if not is_at_rest and any(part.startswith(".throughline-") for part in Path(path).parts):
            continue
        if path.replace("/", "").removesuffix(".dir") != md5:
            wrong.append(path)
    return wrong


def cache_of(repository: Path) -> Path:
    return repository / ".dvc" / "cache"


def contents_of(folder: Path) -> dict[str, str]:
    """Every file's MD5. Whether it may be run is not recorded inside of tracked folders."""
    return {path: md5 for path, (md5, _) in files_of(folder).items()}


def same_workspace(one: Path, other: Path, *, with_modes: bool = True) -> None:
    left, right = (files_of(one), files_of(other)) if with_modes else (contents_of(one), contents_of(other))
    assert left.keys() == right.keys()
    assert {path: (left[path], right[path]) for path in left if left[path] != right[path]} == {}


def same_objects(one: Path, other: Path, *, with_modes: bool = True) -> None:
    left, right = objects_of(one, with_modes=with_modes), objects_of(other, with_modes=with_modes)
    assert left.keys() == right.keys()
    assert {path: (left[path], right[path]) for path in left if left[path] != right[path]} == {}
