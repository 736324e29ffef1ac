"""Buckets that keep versions: imports that follow them, by the real dvc and by our command, one after the other. What both write of the same thing is
the same to the byte, and what one recorded the other takes again."""

import json
import os
import uuid
from dataclasses import replace

import boto3
import pytest
from dvc_tools import clone, commit, contents_of, new_repository

pytestmark = pytest.mark.only_on("s3")


def read(repository, *names):
    return {name: (repository / name).read_bytes() for name in names}


class Bucket:
    """A bucket that keeps versions, unless it is told not to."""

    def __init__(self, keeps_versions=True):
        self.name = f"interop-{uuid.uuid4().hex[:12]}"
        self.environment = {
            "AWS_ENDPOINT_URL": os.environ["THROUGHLINE_S3_ENDPOINT"],
            "AWS_ACCESS_KEY_ID": os.environ["THROUGHLINE_S3_ACCESS_KEY"],
            "AWS_SECRET_ACCESS_KEY": os.environ["THROUGHLINE_S3_SECRET_KEY"],
            "AWS_REGION": "us-east-1",
        }
        self.s3 = boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
            region_name="us-east-1",
        )
        self.s3.create_bucket(Bucket=self.name)
        if keeps_versions:
            self.s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})

    def put(self, key, content):
        return self.s3.put_object(Bucket=self.name, Key=key, Body=content).get("VersionId")

    def use(self, tool):
        """The tool as somebody has it who reaches this bucket."""
        return replace(tool, env={**tool.env, **self.environment})


@pytest.fixture
def bucket():
    return Bucket()


@pytest.fixture
def twins(tools, tmp_path, bucket):
    """Each tool, reaching the bucket, in a repository of its own."""
    return [(bucket.use(tool), new_repository(tmp_path / tool.name, tool)) for tool in tools]


def both(twins, *arguments):
    for tool, repository in twins:
        tool(repository, *arguments)


def fill(bucket):
    bucket.put("src/sub/two.csv", b"x")
    bucket.put("src/three", b"zzz")
    return bucket.put("src/one.csv", b"a")


def assert_alike(twins, *names):
    (_, one), (_, other) = twins
    assert read(one, *names) == read(other, *names)


def test_imports_are_recorded_alike(twins, bucket):
    fill(bucket)
    source = f"s3://{bucket.name}/src"
    both(twins, "import-url", "--version-aware", f"{source}/one.csv")
    both(twins, "import-url", "--version-aware", source)
    both(twins, "import-url", "--version-aware", "--no-download", source, "noted")
    both(twins, "import-url", "--version-aware", "--no-exec", f"{source}/one.csv", "later")
    assert_alike(twins, "one.csv.dvc", "src.dvc", "noted.dvc", "later.dvc", ".gitignore", "one.csv", "src/sub/two.csv")


def test_the_version_that_an_address_names_is_the_one_that_is_imported(tools, tmp_path, bucket):
    """The real dvc takes the newest whichever is named."""
    first = fill(bucket)
    bucket.put("src/one.csv", b"b")
    ours = bucket.use(tools.ours)
    repository = new_repository(tmp_path / "pinned", ours)
    ours(repository, "import-url", "--version-aware", f"s3://{bucket.name}/src/one.csv?versionId={first}")
    assert (repository / "one.csv").read_bytes() == b"a"
    # As dvc reads what was recorded.
    commit(repository, ours, "import")
    fresh = clone(repository, tmp_path / "fresh", ours)
    bucket.use(tools.dvc)(fresh, "pull")
    assert (fresh / "one.csv").read_bytes() == b"a"


def test_updates_are_recorded_alike(twins, bucket):
    first = fill(bucket)
    both(twins, "import-url", "--version-aware", f"s3://{bucket.name}/src/one.csv")
    both(twins, "import-url", "--version-aware", f"s3://{bucket.name}/src")
    bucket.put("src/one.csv", b"b")
    bucket.put("src/four", b"4")
    said = [json.loads(tool(repository, "status", "--json")) for tool, repository in twins]
    assert said[0] == said[1]
    assert set(said[0]) == {"one.csv.dvc", "src.dvc"}
    both(twins, "update", "one.csv.dvc", "src.dvc")
    assert_alike(twins, "one.csv.dvc", "src.dvc", "one.csv", "src/one.csv", "src/four")
    both(twins, "update", "--rev", first, "one.csv.dvc")
    assert_alike(twins, "one.csv.dvc", "one.csv")
    assert (twins[1][1] / "one.csv").read_bytes() == b"a"


@pytest.mark.parametrize("importer", [0, 1], ids=["dvc imports", "ours imports"])
def test_what_one_imported_the_other_pulls(twins, bucket, tmp_path, importer):
    (tool, repository), (other, _) = twins[importer], twins[1 - importer]
    fill(bucket)
    tool(repository, "import-url", "--version-aware", f"s3://{bucket.name}/src/one.csv")
    tool(repository, "import-url", "--version-aware", f"s3://{bucket.name}/src")
    commit(repository, tool, "imports")
    # The bucket goes on under the same names.
    bucket.put("src/one.csv", b"b")
    bucket.s3.delete_object(Bucket=bucket.name, Key="src/three")
    fresh = clone(repository, tmp_path / "fresh", other)
    other(fresh, "pull")
    assert read(fresh, "one.csv", "src/one.csv", "src/three", "src/sub/two.csv") == {
        "one.csv": b"a",
        "src/one.csv": b"a",
        "src/three": b"zzz",
        "src/sub/two.csv": b"x",
    }
    assert contents_of(fresh / "src") == contents_of(repository / "src")


def test_a_bucket_that_keeps_no_versions_is_imported_alike(tools, tmp_path):
    plain = Bucket(keeps_versions=False)
    plain.put("one.csv", b"a")
    twins = [(plain.use(tool), new_repository(tmp_path / tool.name, tool)) for tool in tools]
    both(twins, "import-url", "--version-aware", f"s3://{plain.name}/one.csv")
    assert_alike(twins, "one.csv.dvc", "one.csv")
