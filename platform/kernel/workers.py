"""The processes that run jobs: RQ's forking worker, one queue each.

All domains' workers fork from one parent, which has loaded the code once; see the ADR on workers.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from multiprocessing.process import BaseProcess
from typing import Any

from django.db import connections
from django_rq import get_queue
from rq import Worker
from rq.serializers import JSONSerializer
from rq.worker_pool import ForkProcess, WorkerPool

from kernel.events import subscriptions
from kernel.processes import die_with, without_pools

RQ_LOG_LEVEL = "WARNING"  # below that it writes five lines a job
WORKER_TTL = 20  # seconds; RQ finds a dead worker's job after this and a minute


class DomainWorker(Worker):
    """RQ's worker, whose jobs find no open connection and don't outlive it."""

    def fork_work_horse(self, job: Any, queue: Any) -> None:
        connections.close_all()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Any, queue: Any) -> None:
        die_with(self.pid or 0)
        super().main_work_horse(job, queue)


class DomainWorkerPool(WorkerPool):
    """RQ's pool of workers, with one worker for each queue instead of all for all."""

    def get_worker_process(self, name: str, *args: Any, **kwargs: Any) -> BaseProcess:
        domain = self._domain_without_worker()
        process: BaseProcess = ForkProcess(target=_work, args=(domain, os.getpid()), name=domain)
        self._domains[name] = domain
        return process

    def handle_dead_worker(self, worker_data: Any) -> None:
        super().handle_dead_worker(worker_data)
        self._domains.pop(worker_data.name, None)

    @property
    def _domains(self) -> dict[str, str]:
        """The domain of each running worker, by its name."""
        domains: dict[str, str] = self.__dict__.setdefault("domains", {})
        return domains

    def _domain_without_worker(self) -> str:
        taken = self._domains.values()
        return next(name for name in self._queue_names if name not in taken)


def work(domains: Iterable[str]) -> None:
    """Run the jobs of these domains until SIGTERM or SIGINT."""
    served = list(domains)
    _prepare(served)
    if len(served) == 1:
        _work(served[0], os.getppid())
        return
    connection = get_queue(served[0]).connection
    pool = DomainWorkerPool(served, connection, num_workers=len(served))
    pool.start(logging_level=RQ_LOG_LEVEL)


def _prepare(domains: Iterable[str]) -> None:
    """Load what jobs need once, before forking, and without a connection that forks would share."""
    without_pools()
    for domain in domains:
        subscriptions.load(domain)
    gc.freeze()  # collecting in a fork would copy what all share


def _work(domain: str, parent: int) -> None:
    die_with(parent)
    queue = get_queue(domain)
    queue.connection.connection_pool.connection_kwargs["driver_info"] = None  # as in CACHES
    worker = DomainWorker(
        [queue],
        connection=queue.connection,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        queue_class=type(queue),
    )
    worker.work(logging_level=RQ_LOG_LEVEL)
