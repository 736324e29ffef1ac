"""A real MLflow server beside ours, for tests that hold one to the other."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

import requests

START_LIMIT_SECONDS = 120


@contextmanager
def mlflow_server(folder):
    """Starts MLflow's server over SQLite and plain files in `folder` (`mlflow.db`, `artifacts`); answers its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    places = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    command = [sys.executable, "-m", "mlflow", "server", *places, "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    # Its own settings must come from here, and not from what points the client at our server.
    env = {name: value for name, value in os.environ.items() if name not in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")}
    with open(folder / "server.log", "wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
        try:
            await_health(process, address, folder / "server.log")
            yield address
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_health(process, address, log):
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"MLflow's server ended with {process.returncode}:\n{log.read_text()[-4000:]}")
        try:
            if requests.get(f"{address}/health", timeout=5).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError(f"MLflow's server was not ready within {START_LIMIT_SECONDS} s:\n{log.read_text()[-4000:]}")
