"""The command line as a server offers it: npm installs it by the address alone, and it is of the server's own release."""

import os
import subprocess

import pytest
import requests

pytestmark = pytest.mark.only_on("filesystem")


def test_npm_installs_the_command_from_the_server(url, tools, tmp_path):
    options = ["--no-audit", "--no-fund", "--prefix", str(tmp_path), "--cache", str(tmp_path / "npm")]
    subprocess.run(["npm", "install", *options, f"{url}/cli"], env=tools.ours.env, check=True, capture_output=True, timeout=120)
    program = tmp_path / "node_modules/.bin/throughline"
    done = subprocess.run([program, "--version"], env=tools.ours.env, check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == requests.get(f"{url}/api/version", timeout=30).json()["version"]


def test_the_package_is_what_was_built(url):
    with open(os.environ["THROUGHLINE_CLI"], "rb") as file:
        assert requests.get(f"{url}/cli", timeout=30).content == file.read()


def test_a_token_is_stored_for_its_server_alone(url, tools, tmp_path):
    """What is wrong is found at once, by the server itself."""
    env = {**tools.ours.env, "XDG_CONFIG_HOME": str(tmp_path)}
    wrong = subprocess.run([*tools.ours.start, "login", url], env=env, input="tl_wrong\n", capture_output=True, text=True, timeout=60)
    assert (wrong.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "does not know this token" in wrong.stderr
    assert "tl_wrong" not in wrong.stdout + wrong.stderr
