"""Who gives out the bytes of an object on S3: the server sends clients there where it was told that they reach it, and in no other case."""

import hashlib
import json
import os
import subprocess
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

pytestmark = pytest.mark.only_on("s3")

ROOT = Path(__file__).resolve().parent.parent
LARGE = 3_000_000
SERVE = """
import { startServer } from './scripts/lib/services.mjs';
const server = await startServer({ THROUGHLINE_S3_PUBLIC_ENDPOINT: '', THROUGHLINE_S3_BUCKET: 'throughline-streamed' });
console.log(server.url);
process.stdin.resume().on('end', async () => process.exit(await server.stop()));
"""


def address_of(url, md5):
    return f"{url}/dvc/default/files/md5/{md5[:2]}/{md5[2:]}"


def push(url, content, suffix=""):
    """Answers the object's address."""
    address = address_of(url, hashlib.md5(content, usedforsecurity=False).hexdigest() + suffix)
    requests.post(address, data=content, timeout=60).raise_for_status()
    return address


def folder_of(*contents):
    """A list of so many entries that it is larger than what is always streamed."""
    hashes = [hashlib.md5(content, usedforsecurity=False).hexdigest() for content in contents]
    return json.dumps([{"md5": hashes[index % len(hashes)], "relpath": f"{index:06}.bin"} for index in range(40_000)]).encode()


@pytest.fixture(scope="module")
def streaming():
    """A server over the same S3 that knows of no way there for clients."""
    process = subprocess.Popen(
        ["node", "--input-type=module", "-e", SERVE], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield process.stdout.readline().strip()
    process.stdin.close()
    assert process.wait(timeout=60) == 0


def test_large_objects_are_given_out_by_the_store_where_clients_reach_it(url):
    content = os.urandom(LARGE)
    address = push(url, content)
    told = requests.get(address, allow_redirects=False, timeout=60)
    place = urlsplit(told.headers["Location"])
    assert (told.status_code, told.headers["Cache-Control"]) == (302, "no-store")
    assert f"{place.scheme}://{place.netloc}" == os.environ["THROUGHLINE_S3_PUBLIC_ENDPOINT"]
    assert requests.get(address, timeout=60).content == content
    part = requests.get(address, headers={"Range": "bytes=5-14"}, timeout=60)
    assert (part.status_code, part.content) == (206, content[5:15])


def test_sizes_folders_and_small_objects_are_answered_by_the_server(url):
    content = os.urandom(LARGE)
    address = push(url, content)
    head = requests.head(address, timeout=60)
    assert (head.status_code, int(head.headers["Content-Length"]), head.history) == (200, LARGE, [])
    listing = folder_of(content)
    assert len(listing) > LARGE / 2
    whole = requests.get(push(url, listing, ".dir"), timeout=60)
    assert (whole.content == listing, whole.history) == (True, [])
    small = uuid.uuid4().bytes
    answer = requests.get(push(url, small), timeout=60)
    assert (answer.content, answer.history) == (small, [])


def test_nobody_is_sent_to_a_store_that_may_be_out_of_reach(streaming):
    content = os.urandom(LARGE)
    address = push(streaming, content)
    answer = requests.get(address, timeout=60)
    assert (answer.content == content, answer.history) == (True, [])
    part = requests.get(address, headers={"Range": "bytes=5-14"}, timeout=60)
    assert (part.status_code, part.content, part.history) == (206, content[5:15], [])
