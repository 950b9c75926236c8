"""One line a request, and no secret in it."""

from __future__ import annotations

import json

import pytest
import structlog

from gateway import access_log

pytestmark = pytest.mark.django_db(databases="__all__")

SECRET = "s3cr3t-" + "x" * 40


@pytest.fixture
def lines(monkeypatch):
    captured = structlog.testing.LogCapture()
    log = structlog.wrap_logger(
        None, processors=[captured], wrapper_class=structlog.make_filtering_bound_logger(0)
    )
    monkeypatch.setattr(access_log, "log", log)
    return captured.entries


def test_a_request_is_one_line(ada, lines):
    response = ada.api.get("t/me", X_Request_Id="r-1")
    (line,) = lines
    assert line["event"] == "request"
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/t/me", 200)
    assert line["request_id"] == "r-1"
    assert line["trace_id"] == response["traceparent"].split("-")[1]
    assert line["span_id"] == response["traceparent"].split("-")[2]
    assert line["client"] == "127.0.0.1"
    assert line["account_id"] == str(ada.account_id)
    assert line["organization_id"]
    assert 0 < line["duration_ms"] < 10_000


def test_an_error_is_named(api, lines):
    api.get("nothing")
    api.get("t/break/anyhow")
    assert [line["problem"] for line in lines] == [
        "gateway.path_not_found",
        "gateway.internal_error",
    ]


def test_a_replay_is_told_apart(api, lines):
    for _ in range(2):
        api.post("t/write", {}, Idempotency_Key="k")
    assert [line.get("replayed") for line in lines] == [None, True]


def test_the_probes_are_not_worth_a_line(api, lines):
    api.get("/livez")
    assert [line["log_level"] for line in lines] == ["debug"]


def test_no_secret_is_written(api, ada, lines, caplog, settings):
    caplog.set_level("DEBUG")
    api.get(f"t/public?token={SECRET}", Authorization=f"Bearer {SECRET}", Cookie=f"a={SECRET}")
    api.get(f"t/page/{SECRET}")
    api.post("auth/login", {"email": "a@b.c", "password": SECRET})
    api.post("auth/verify-email", {"token": SECRET})
    api.post("t/write", {"a": SECRET}, Idempotency_Key=SECRET)
    api.get("t/break/anyhow?x=" + SECRET)
    ada.api.get("t/me")
    how = dict(settings.LOGGING["formatters"]["json"])
    formatter = how.pop("()")(**how)
    printed = [formatter.format(record) for record in caplog.records]
    assert any("Unhandled" in line for line in printed)
    written = json.dumps(lines, default=str) + caplog.text + "".join(printed)
    assert SECRET not in written
    assert ada.token not in written
    assert lines[1]["path"] == "/api/v1/t/page/<token>"


def test_a_line_cannot_be_forged(api, lines):
    api.get("/api/v1/%0a%7B%22event%22:%22forged%22%7D")
    rendered = structlog.processors.JSONRenderer()(None, "info", dict(lines[0]))
    assert "\n" not in rendered
    assert json.loads(rendered)["event"] == "request"
