"""The server as a remote of the real dvc: who may push, what it refuses, and what it gives out that nobody pushed."""

import hashlib
import json
import os
import shutil
import subprocess
import uuid

import pytest
import requests
from conftest import REGISTER_DATASET, upload

pytestmark = pytest.mark.only_on("filesystem", "s3")

LIMIT_S = 300


def md5(content):
    return hashlib.md5(content).hexdigest()


class Repository:
    """A repository with dvc in it, whose user has nothing else on this machine."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        home = folder.parent / f"{folder.name}-home"
        home.mkdir()
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "DVC_SITE_CACHE_DIR": str(home / "site"),
            "DVC_NO_ANALYTICS": "1",
            "LANG": "C.UTF-8",
        }
        subprocess.run(["git", "init", "-q"], cwd=folder, env=self.env, check=True, timeout=LIMIT_S)
        self.dvc("init", "-q")

    def run(self, *arguments):
        return subprocess.run(
            ["dvc", *map(str, arguments)], cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=LIMIT_S
        )

    def dvc(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, f"dvc {arguments}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def remote(self, address, **options):
        self.dvc("remote", "add", "-d", "-f", "server", address)
        for name, value in options.items():
            self.dvc("remote", "modify", "--local", "server", name, value)

    def write(self, path, content):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return content

    def cached(self, name):
        return self.folder / ".dvc/cache/files/md5" / name[:2] / name[2:]


@pytest.fixture
def repository(tmp_path):
    return lambda name="repository": Repository(tmp_path / name)


@pytest.fixture
def token(graphql):
    def make(scope):
        made = graphql(
            "mutation ($input: CreateTokenInput!) { createToken(input: $input) { __typename ... on CreatedToken { secret } ... on Problem { code message } } }",
            input={"name": f"dvc {uuid.uuid4().hex}", "scope": scope, "principal": "dvc"},
        )
        return made["createToken"]["secret"]

    return make


def grow(repository):
    """A folder of a few files, one of them larger than what is given out by the server itself where it can send clients to the store."""
    fresh = uuid.uuid4().bytes
    return {
        path: repository.write(f"data/{path}", content)
        for path, content in {
            "a.csv": b"x,y\n1,2\n" + fresh,
            "sub/ünï \"code\".txt": fresh.hex().encode(),
            "sub/empty": b"",
            "large.bin": os.urandom(3_000_000),
        }.items()
    }


def read(repository):
    root = repository.folder / "data"
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def copy_pointers(source, target):
    for file in source.folder.glob("?*.dvc"):
        shutil.copy(file, target.folder)


CREDENTIALS = {
    "bearer": lambda secret: {"auth": "custom", "custom_auth_header": "Authorization", "password": f"Bearer {secret}"},
    "own-header": lambda secret: {"auth": "custom", "custom_auth_header": "X-Throughline-Token", "password": secret},
    "basic": lambda secret: {"auth": "basic", "user": "anybody", "password": secret},
    "put": lambda secret: {"auth": "basic", "user": "anybody", "password": secret, "method": "PUT"},
}


@pytest.mark.parametrize("way", CREDENTIALS)
def test_push_and_pull_with_a_token(url, repository, token, way):
    here, there = repository("here"), repository("there")
    files = grow(here)
    here.dvc("add", "-q", "data")
    here.remote(f"{url}/dvc/default", **CREDENTIALS[way](token("WRITE")))
    assert "files pushed" in here.dvc("push")
    assert "Everything is up to date" in here.dvc("push")
    assert json.loads(here.dvc("status", "-c", "--json")) == {}

    copy_pointers(here, there)
    there.remote(f"{url}/dvc/default", **CREDENTIALS[way](token("READ")))
    assert set(json.loads(there.dvc("status", "-c", "--json"))) == {f"data/{path}" for path in files}
    there.dvc("fetch")
    there.dvc("checkout")
    assert read(there) == files


def test_only_whoever_may_write_pushes(url, repository, token):
    here = repository()
    grow(here)
    here.dvc("add", "-q", "data")
    for secret, word in [(token("READ"), "403"), ("tl_wrong", "401")]:
        here.remote(f"{url}/dvc/default", **CREDENTIALS["bearer"](secret))
        refused = here.run("push", "-v")
        assert refused.returncode != 0
        assert word in refused.stderr + refused.stdout
    here.remote(f"{url}/dvc/default", **CREDENTIALS["bearer"](token("WRITE")))
    assert "files pushed" in here.dvc("push")


def test_what_is_damaged_in_a_cache_is_refused(url, repository):
    here = repository()
    content = here.write("one.csv", uuid.uuid4().bytes)
    here.dvc("add", "-q", "one.csv")
    here.remote(f"{url}/dvc/default")
    object_file = here.cached(md5(content))
    object_file.chmod(0o644)
    object_file.write_bytes(b"something else")
    object_file.chmod(0o444)
    assert here.run("push").returncode != 0
    assert requests.get(f"{url}/dvc/default/files/md5/{md5(content)[:2]}/{md5(content)[2:]}", timeout=60).status_code == 404


def test_an_interrupted_push_is_made_whole_by_the_next(url, repository):
    """DVC takes a folder that is there for all of its files: it must not be there before them."""
    here = repository("here")
    files = grow(here)
    here.dvc("add", "-q", "data")
    here.remote(f"{url}/dvc/default")
    listed = next(here.folder.glob(".dvc/cache/files/md5/*/*.dir"))
    name = f"{listed.parent.name}{listed.name}"
    early = requests.post(f"{url}/dvc/default/files/md5/{name[:2]}/{name[2:]}", data=listed.read_bytes(), timeout=60)
    assert early.status_code == 409
    assert early.json()["error"]["code"] == "MISSING_FILES"
    first = md5(files["a.csv"])
    assert requests.post(f"{url}/dvc/default/files/md5/{first[:2]}/{first[2:]}", data=files["a.csv"], timeout=60).status_code == 201
    assert "files pushed" in here.dvc("push")
    assert json.loads(here.dvc("status", "-c", "--json")) == {}
    there = repository("there")
    copy_pointers(here, there)
    there.remote(f"{url}/dvc/default")
    there.dvc("pull")
    assert read(there) == files


def test_a_folder_of_dvc_2(url, repository):
    """Pointers without `hash: md5`, objects at the old place, texts named by other line ends."""
    here, there = repository("here"), repository("there")
    text = f"{uuid.uuid4().hex}\r\nand more\r\n".encode()
    plain = uuid.uuid4().bytes
    names = {"crlf.txt": md5(text.replace(b"\r\n", b"\n")), "plain.bin": md5(plain)}
    listing = json.dumps([{"md5": names[path], "relpath": path} for path in sorted(names)]).encode()
    for name, content in [(names["crlf.txt"], text), (names["plain.bin"], plain), (f"{md5(listing)}.dir", listing)]:
        file = here.folder / ".dvc/cache" / name[:2] / name[2:]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(0o444)
    (here.folder / "data.dvc").write_text(f"outs:\n- md5: {md5(listing)}.dir\n  size: {len(text) + len(plain)}\n  nfiles: 2\n  path: data\n")
    here.remote(f"{url}/dvc/default")
    assert "3 files pushed" in here.dvc("push")
    copy_pointers(here, there)
    there.remote(f"{url}/dvc/default")
    there.dvc("pull")
    assert read(there) == {"crlf.txt": text, "plain.bin": plain}


def test_a_version_that_nobody_pushed_is_pulled(url, graphql, name, repository):
    """Uploaded by any program, named by what DVC calls it: the server writes the folder's list itself."""
    files = {"train.csv": b"x\n1\n" + name.encode(), "sub/größe.csv": name.encode()}
    entries = [{"path": path, "sha256": upload(url, content)} for path, content in files.items()]
    graphql(REGISTER_DATASET, input={"dataset": name, "files": entries})
    version = graphql("query ($id: ID!) { datasetVersion(id: $id) { dvcMd5 fileCount totalBytes } }", id=f"data:{name}")["datasetVersion"]
    here = repository()
    (here.folder / "data.dvc").write_text(
        f"outs:\n- md5: {version['dvcMd5']}\n  size: {version['totalBytes']}\n  nfiles: {version['fileCount']}\n  hash: md5\n  path: data\n"
    )
    here.remote(f"{url}/dvc/default")
    here.dvc("pull")
    assert read(here) == files
    assert "Everything is up to date" in here.dvc("push")


def test_what_was_pushed_becomes_a_version(url, graphql, name, repository):
    here = repository()
    files = grow(here)
    here.dvc("add", "-q", "data")
    here.remote(f"{url}/dvc/default")
    here.dvc("push")
    listed = next(here.folder.glob(".dvc/cache/files/md5/*/*.dir"))
    body = {
        "name": name,
        "id": f"{listed.parent.name}{listed.name}",
        "executable": ["a.csv"],
        "sighting": {"repository": "https://me:secret@git.example/acme/shop.git", "path": "data", "commit": "d" * 40},
        "tags": ["holdout"],
    }
    made = requests.post(f"{url}/dvc/default/versions", json=body, timeout=60).json()
    assert (made["dataset"], made["version"], made["created"]) == (name, 1, True)
    assert requests.post(f"{url}/dvc/default/versions", json=body, timeout=60).json() == {**made, "created": False}
    query = "query ($id: ID!) { datasetVersion(id: $id) { digest sightings { repository } files { nodes { path sha256 executable } } } }"
    version = graphql(query, id=f"data:{name}@holdout")["datasetVersion"]
    assert version["digest"] == made["digest"]
    assert version["sightings"] == [{"repository": "https://git.example/acme/shop"}]
    assert {file["path"]: file["sha256"] for file in version["files"]["nodes"]} == {
        path: hashlib.sha256(content).hexdigest() for path, content in files.items()
    }
    assert [file["path"] for file in version["files"]["nodes"] if file["executable"]] == ["a.csv"]
