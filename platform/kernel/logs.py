"""Logs: one JSON object a line on standard output, with the request that it is about."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from kernel.context import current

# Without the variables of each frame: they hold what no log may.
_frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def configure(level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that both write alike."""
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.WriteLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [*shared, structlog.stdlib.add_logger_name, add_context],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_frames),
            structlog.processors.JSONRenderer(default=str),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json",
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        # What Django says of requests, the gateway says better.
        "loggers": {"django.request": {"level": "CRITICAL"}, "django.server": {"level": "ERROR"}},
    }


def add_context(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Add which request and trace a line belongs to; a structlog processor."""
    context = current()
    if context.request_id:
        event["request_id"] = context.request_id
    if context.traceparent:
        event["trace_id"] = context.traceparent[3:35]
    return event
