"""A call to a domain that another process serves."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from kernel import clock, context
from kernel.boundary import protocol, signing, travel
from kernel.boundary.codec import CannotDecode, decode_error
from kernel.boundary.operations import Operation
from kernel.boundary.pool import pool
from kernel.errors import TooLarge, Unavailable

logger = logging.getLogger(__name__)

ATTEMPTS = 3
BACKOFF = 0.05
PASSING = {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}


class _CallFailed(Exception):
    """The domain gave no answer; `passing` if it may give one a moment later."""

    def __init__(self, reason: str, *, passing: bool) -> None:
        super().__init__(reason)
        self.passing = passing


def call(operation: Operation, url: str, arguments: Mapping[str, Any]) -> Any:
    """Return what the domain at the URL answers.

    Raises the domain's own errors, `Unavailable` if it can't be reached or isn't understood,
    and TypeError if an argument isn't of the annotated type.
    """
    body = operation.codec.encode_arguments(arguments)
    if len(body) > protocol.MAX_BODY:
        raise TooLarge(f"{operation.domain}.{operation.name} was given too much at once.")
    deadline = time.monotonic() + protocol.TIMEOUT.total_seconds()
    try:
        return _decode(operation, _send(operation, url, body, deadline))
    except _CallFailed as failure:
        logger.warning("%s at %s failed: %s", operation.path, url, failure)
        raise Unavailable(f"The {operation.domain} part can't be reached just now.") from failure


def _send(operation: Operation, url: str, body: bytes, deadline: float) -> httpx.Response:
    attempts_left = ATTEMPTS if operation.idempotent else 1
    while True:
        attempts_left -= 1
        try:
            return _attempt(operation, url, body, deadline)
        except _CallFailed as failure:
            pause = random.uniform(0, BACKOFF * 2 ** (ATTEMPTS - attempts_left))  # noqa: S311  jitter, no secret
            late = time.monotonic() + pause >= deadline
            if not (failure.passing and attempts_left) or late:
                raise
            time.sleep(pause)


def _attempt(operation: Operation, url: str, body: bytes, deadline: float) -> httpx.Response:
    left = max(deadline - time.monotonic(), 0.001)
    connect = min(protocol.CONNECT_TIMEOUT.total_seconds(), left)
    carried = travel.to_headers(context.current())
    proof = signing.sign(path=operation.path, context=carried, body=body, now=clock.now())
    try:
        response = pool().post(
            url.rstrip("/") + operation.path,
            content=body,
            headers={"Content-Type": protocol.JSON, **carried, **proof},
            timeout=httpx.Timeout(left, connect=connect, pool=connect),
        )
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise _CallFailed(repr(error), passing=isinstance(error, httpx.TransportError)) from error
    if response.status_code in PASSING:
        raise _CallFailed(f"status {response.status_code}", passing=True)
    return response


def _decode(operation: Operation, response: httpx.Response) -> Any:
    try:
        if response.status_code == protocol.ANSWERED:
            return operation.codec.decode_result(response.content)
        if response.status_code == protocol.REFUSED_BY_DOMAIN:
            error = decode_error(response.content)
        else:
            raise _CallFailed(f"status {response.status_code}", passing=False)
    except CannotDecode as reason:
        raise _CallFailed(f"the answer can't be read: {reason}", passing=False) from reason
    raise error
