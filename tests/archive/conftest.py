"""Archives of each kind: a local folder, memory, and S3 as moto serves it on loopback."""

import logging
import os
import uuid

import pytest

from gongkai.archive.store import Archive


@pytest.fixture(scope="session")
def s3_server():
    """A local S3 server; the environment leads s3fs to it."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    given = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    server.stop()


@pytest.fixture
def s3_location(s3_server):
    """The URL of an archive in a bucket of its own."""
    import s3fs

    bucket = f"archive-{uuid.uuid4().hex}"
    s3fs.S3FileSystem().mkdir(bucket)
    return f"s3://{bucket}/archive"


@pytest.fixture(params=["local", "memory", "s3"])
def archive(request, tmp_path):
    if request.param == "s3":
        return Archive(request.getfixturevalue("s3_location"))
    return Archive(str(tmp_path / "archive") if request.param == "local" else f"memory://{tmp_path.name}/archive")
