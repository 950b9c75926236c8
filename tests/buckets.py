"""A real S3 to test against (moto), and how the product is told of a bucket in it."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def s3():
    """A running S3 and a bucket in it; return its endpoint."""
    import boto3  # slow to load, and asked for by few
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="tenon")
    yield endpoint
    server.stop()


def bucket_at(endpoint):
    """Return the environment of an installation that keeps everything in the bucket."""
    from config.environment import environment

    return environment.model_copy(
        update={
            "aws_storage_bucket_name": "tenon",
            "aws_s3_endpoint_url": endpoint,
            "aws_access_key_id": "key",
            "aws_secret_access_key": "secret",
            "aws_s3_region_name": "us-east-1",
        }
    )
