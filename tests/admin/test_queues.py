"""RQ's dashboard is for superusers: whoever sees it reads arguments and may empty queues."""

from __future__ import annotations

import json
import re

import django_rq
import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django_rq.models import Dashboard
from rq.job import JobStatus
from rq.registry import FailedJobRegistry

from kernel.models import Outbox

pytestmark = pytest.mark.django_db(databases="__all__")

DASHBOARD = "/admin/django_rq/dashboard/"
PATTERNS = admin.site.get_model_admin(Dashboard).get_urls()
NAMES = sorted({p.name for p in PATTERNS if p.name and p.name.startswith("django_rq_")})
QUEUE = sorted(settings.RQ_QUEUES).index("billing")
WHY = {"reason": "Stuck since noon"}
ARGUMENT = "<script>alert(1)</script>"
# Of what is not there: RQ's own scheduler, a result, a worker.
ABSENT = {
    "django_rq_cron_scheduler_detail",
    "django_rq_cron_job_detail",
    "django_rq_result_detail",
    "django_rq_worker_details",
}
POST_ONLY = {"django_rq_stop_job"}
REDIRECTS = {"django_rq_confirm_action", "django_rq_actions"}


@pytest.fixture
def queue():
    return django_rq.get_queue("billing")


@pytest.fixture
def job(queue):
    return queue.enqueue("kernel.clock.now", ARGUMENT)


def address(name, job):
    pattern = next(p for p in reversed(PATTERNS) if p.name == name)
    known = {
        "queue_index": QUEUE,
        "job_id": job.id,
        "result_id": "1",
        "key": "nobody",
        "connection_index": 0,
        "scheduler_name": "none",
        "cron_job_name": "none",
    }
    needed = pattern.pattern.converters
    return reverse(f"admin:{name}", kwargs={key: known[key] for key in needed})


def fail(queue, job):
    queue.remove(job)
    job.set_status(JobStatus.FAILED)
    FailedJobRegistry(queue=queue).add(job, ttl=60, exc_string="Poisoned")


def test_the_queues_are_those_of_the_domains(superuser):
    page = superuser.get(DASHBOARD).content.decode()
    assert all(f">\n{' ' * 40}{domain}\n" in page for domain in settings.ALL_DOMAINS)


@pytest.mark.parametrize("name", NAMES)
def test_a_superuser_opens_every_page(superuser, queue, job, name):
    answer = superuser.get(address(name, job))
    expected = {404} if name in ABSENT else {405} if name in POST_ONLY else {200}
    assert answer.status_code in ({302} if name in REDIRECTS else expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_other_staff_open_none_of_them(plain, queue, job, name, method):
    assert getattr(plain, method)(address(name, job)).status_code == 403
    assert queue.count == 1


@pytest.mark.parametrize("name", NAMES)
def test_strangers_are_asked_to_log_in(job, name):
    for page in (address(name, job), f"{DASHBOARD}stats.json/abc"):
        answer = Client().get(page, headers={"Authorization": "Bearer abc"})
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("admin:login"))


@pytest.mark.parametrize("page", ["add/", "1/change/", "1/delete/", "1/history/", "1/"])
def test_a_table_that_does_not_exist_has_no_pages(superuser, page):
    assert superuser.get(f"{DASHBOARD}{page}").status_code == 404


@pytest.mark.parametrize("number", [5, 99, 10**12])
def test_a_queue_that_does_not_exist_is_not_found(superuser, number):
    for page in ("", "details/", "failed/", "finished/", "empty/", "nothing/", "nothing/delete/"):
        assert superuser.get(f"{DASHBOARD}queues/{number}/{page}").status_code == 404
    assert superuser.get(f"{DASHBOARD}workers/{number}/").status_code == 404


@pytest.mark.parametrize("key", ["nobody", "rq:worker:nobody", "%00"])
def test_a_worker_that_is_gone_is_not_found(superuser, key):
    assert superuser.get(f"{DASHBOARD}workers/{QUEUE}/{key}/").status_code == 404


@pytest.mark.parametrize("page", ["", "delete/", "requeue/", "enqueue/"])
def test_a_job_that_is_gone_is_not_found(superuser, page):
    assert superuser.get(f"{DASHBOARD}queues/{QUEUE}/gone/{page}").status_code == 404


def test_stats_are_told_to_superusers_as_json(superuser, plain, job):
    stats = json.loads(superuser.get(f"{DASHBOARD}stats.json").content)
    assert {q["name"]: q["jobs"] for q in stats["queues"]}["billing"] == 1
    assert plain.get(f"{DASHBOARD}stats.json").status_code == 403


def test_arguments_of_a_job_are_shown_as_text(superuser, job):
    page = superuser.get(address("django_rq_job_detail", job)).content.decode()
    assert "kernel.clock.now" in page
    assert ARGUMENT not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("name", ["jobs", "failed_jobs", "job_detail", "workers"])
def test_no_page_has_a_script_that_the_policy_refuses(superuser, queue, job, name):
    fail(queue, job)
    page = superuser.get(address(f"django_rq_{name}", job)).content.decode()
    assert " onclick=" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page)


def test_a_superuser_deletes_a_queued_job(superuser, queue, job):
    assert superuser.post(address("django_rq_delete_job", job), WHY).status_code == 302
    assert queue.count == 0


def test_a_superuser_empties_a_queue(superuser, queue, job):
    assert superuser.post(address("django_rq_clear", job), WHY).status_code == 302
    assert queue.count == 0


def test_a_superuser_has_failed_jobs_done_again(superuser, queue, job):
    fail(queue, job)
    assert superuser.post(address("django_rq_requeue_all", job), WHY).status_code == 302
    assert queue.job_ids == [job.id]


def test_a_superuser_forgets_failed_jobs(superuser, queue, job):
    fail(queue, job)
    assert superuser.post(address("django_rq_delete_failed_jobs", job), WHY).status_code == 302
    assert len(FailedJobRegistry(queue=queue)) == 0


def test_chosen_jobs_are_deleted_after_a_question(superuser, queue, job):
    picked = {"action": "delete", "_selected_action": [job.id]}
    asked = superuser.post(address("django_rq_confirm_action", job), picked)
    assert job.id in asked.content.decode()
    superuser.post(
        address("django_rq_actions", job), {"action": "delete", "job_ids": [job.id], **WHY}
    )
    assert queue.count == 0


CHANGING = ("clear", "delete_job", "requeue_all", "delete_failed_jobs", "actions", "stop_job")


@pytest.mark.parametrize("name", CHANGING)
def test_nothing_is_done_to_a_queue_without_a_reason(superuser, queue, job, name):
    sent = {"action": "delete", "job_ids": [job.id]}
    asked = superuser.post(address(f"django_rq_{name}", job), sent)
    page = asked.content.decode()
    assert asked.status_code == 200
    assert 'name="reason"' in page
    assert f'name="job_ids" value="{job.id}"' in page
    assert queue.count == 1
    assert not LogEntry.objects.exists()


def test_what_is_done_to_a_queue_is_kept_and_told_with_its_reason(superuser, queue, job):
    superuser.post(address("django_rq_clear", job), WHY)
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (
        address("django_rq_clear", job),
        f"Clear: {WHY['reason']}",
    )
    told = Outbox.objects.using("auth").get(name="auth.staff_acted.v1").payload
    assert (told["action"], told["reason"]) == ("clear", WHY["reason"])
