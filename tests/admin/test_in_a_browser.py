"""The staff's pages as staff use them: in Chromium, against the running product."""

from __future__ import annotations

import os
import re
from uuid import uuid4

import psycopg
import pytest
from playwright.sync_api import expect

from tests.admin.browser import window
from tests.journeys.person import PASSWORD, Person
from tests.journeys.stack import one_group
from tests.patience import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("staff")]

LISTS = {
    "domains_auth": [
        "account",
        "session",
        "signingkey",
        "apikey",
        "registration",
        "verificationtoken",
        "knowndevice",
        "totp",
        "recoverycode",
        "passkey",
        "passkeychallenge",
        "identity",
        "federationflow",
        "serviceaccount",
        "mailproof",
        "mailproofsecret",
        "signinticket",
        "signinthrottle",
    ],
    "domains_users": [
        "profile",
        "organization",
        "membership",
        "invitation",
        "team",
        "teammembership",
        "customrole",
        "roleassignment",
        "ownershiptransfer",
        "auditentry",
        "auditchain",
        "auditanchor",
        "auditexport",
        "personexport",
        "erasurereceipt",
        "erasureanswer",
    ],
    "domains_billing": [
        "customer",
        "paymentintent",
        "offlinecharge",
        "allocation",
        "cataloguerelease",
        "consumption",
        "coupon",
        "couponredemption",
        "creditnote",
        "creditnoteline",
        "dispute",
        "dunning",
        "finding",
        "grant",
        "invoice",
        "invoiceline",
        "meter",
        "numbersequence",
        "offlinecustomer",
        "offlinedispute",
        "offlineevent",
        "offlinemethod",
        "offlinerefund",
        "paymentmethod",
        "posting",
        "postinggroup",
        "price",
        "product",
        "providercustomer",
        "providerevent",
        "reconciliation",
        "refund",
        "scheduledchange",
        "subscription",
        "subscriptionitem",
        "transfer",
        "usagebucket",
        "usageevent",
    ],
    "domains_files": ["file", "storageusage"],
    "domains_notifications": [
        "message",
        "notification",
        "delivery",
        "feed",
        "category",
        "chatendpoint",
        "defaultpreference",
        "digest",
        "mute",
        "phonenumber",
        "preference",
        "provider",
        "pushsubscription",
        "rhythm",
        "sentsms",
        "streamticket",
        "suppression",
        "template",
        "templateversion",
        "throttle",
        "vapidkey",
        "webhookdelivery",
        "webhookendpoint",
    ],
    "kernel": ["outbox", "failedevent", "periodicrun", "idempotencyrecord"],
    "auth": ["group"],
    "admin": ["logentry"],
}
PATHS = [f"/admin/{app}/{model}/" for app, models in LISTS.items() for model in models]
# What the journey below leaves no row of in the first domain's schema.
EMPTY = {
    "group",
    "failedevent",
    "logentry",
    *LISTS["domains_auth"][3:],
    *LISTS["domains_users"][4:],
    *LISTS["domains_billing"][3:],
    *LISTS["domains_notifications"][4:],
} - {"knowndevice"}
# An event that all have handled, as if the notifications' handler of it had given up.
DIE = """
INSERT INTO notifications.failed_event
    (id, event_id, handler, envelope, attempts, error, failed_at, next_attempt_at, dead_at)
SELECT %s, id, 'notifications.tell_of_auth_email_verified_v1',
    jsonb_build_object(
        'id', id, 'name', name, 'occurred_at', occurred_at, 'aggregate_id', aggregate_id,
        'version', sequence, 'actor_id', actor_id, 'organization_id', organization_id,
        'traceparent', traceparent, 'payload', payload, 'attempt', 1),
    10, 'Poisoned', now(), now(), now()
FROM auth.outbox WHERE name = 'auth.email_verified.v1' LIMIT 1
"""


@pytest.fixture(scope="module")
def tenon(tmp_path_factory):
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    redis = f"{os.environ['REDIS_URL'].split('?')[0]}?db=10"
    directory = tmp_path_factory.mktemp("staff")
    with one_group(name=f"staff_{worker}", directory=directory, REDIS_URL=redis) as running:
        yield running


@pytest.fixture(scope="module")
def customer(tenon):
    """Somebody who has done a little of everything, and so left rows everywhere."""
    ada = Person(tenon, "ada")
    ada.register()
    ada.log_in()
    acme = ada.post("users/organizations", {"name": "Acme"})["id"]
    ada.post(
        f"users/organizations/{acme}/invitations", {"email": "bob@example.com", "role": "admin"}
    )
    plan = {"plan": "pro", "payment_method": "pm_card_visa"}
    assert ada.call("PUT", "billing/subscription", plan, Organization_Id=acme).is_success
    ada.upload("note.txt", b"hello", "text/plain", Organization_Id=acme)
    ada.notified_of("files.file_uploaded")
    return ada


@pytest.fixture(scope="module")
def execute(tenon):
    """Run SQL on the product's database, as its owner."""
    with psycopg.connect(tenon.databases["auth"], autocommit=True) as owner:
        yield owner.execute


@pytest.fixture(scope="module")
def staff(tenon, customer, execute):
    """A window in which a superuser has logged in."""
    root = Person(tenon, "root")
    root.register()
    execute(
        "UPDATE auth.account SET is_staff = true, is_superuser = true WHERE email = %s",
        [root.address],
    )
    with window(tenon.url) as opened:
        opened.open("/admin/")
        opened.page.get_by_label("E-mail").fill(root.address)
        opened.page.get_by_label("Password").fill(PASSWORD)
        opened.page.get_by_role("button", name="Log in").click()
        expect(opened.page.get_by_text("Events by domain")).to_be_visible()
        opened.insist()
        yield opened


def rows(page):
    return page.locator("#result_list tbody tr a[href*='/change/']")


def test_the_sidebar_leads_to_every_list(staff):
    staff.open("/admin/")
    links = staff.page.locator("#nav-sidebar-apps a, nav a, ol a")
    found = {link.get_attribute("href") for link in links.all()}
    assert set(PATHS) <= found


@pytest.mark.parametrize("path", PATHS)
def test_every_list_opens_and_so_does_a_row_of_it(staff, path):
    staff.open(path)
    assert not staff.scrolls_sideways()
    if path.split("/")[-2] in EMPTY and not rows(staff.page).count():
        return
    rows(staff.page).first.click()
    expect(staff.page).to_have_url(re.compile("/change/"))
    staff.insist()
    assert not staff.scrolls_sideways()


@pytest.mark.parametrize("path", ["/admin/domains_auth/account/add/", "/admin/auth/group/add/"])
def test_the_forms_for_what_staff_add_open(staff, path):
    staff.open(path)
    assert not staff.scrolls_sideways()


def test_a_list_is_searched_and_filtered(staff, customer):
    staff.open("/admin/domains_auth/account/")
    staff.page.locator("#searchbar").fill(customer.address)
    staff.page.keyboard.press("Enter")
    staff.page.wait_for_url("**q=**")
    assert rows(staff.page).all_inner_texts() == [customer.address]
    staff.page.get_by_text("Filters").first.click()
    staff.page.get_by_role("link", name="Yes").locator("visible=true").first.click()
    staff.page.wait_for_url("**__exact=1**")
    staff.insist()


def test_lists_are_found_by_typing_in_the_sidebar(staff):
    staff.open("/admin/")
    staff.page.locator("#nav-filter").press_sequentially("webhook deliv")
    found = staff.page.locator("#search-results a")
    expect(found).to_have_count(1)
    found.click()
    staff.page.wait_for_url("**/domains_notifications/webhookdelivery/")
    staff.insist()


def test_an_account_is_banned_and_unbanned_for_a_reason_by_keyboard_alone(staff, customer):
    staff.open(f"/admin/domains_auth/account/?q={customer.address}")
    rows(staff.page).first.click()
    for deed, done in (("Ban", "Banned."), ("Unban", "Unbanned.")):
        link = staff.page.get_by_role("link", name=deed, exact=True).locator("visible=true")
        link.focus()
        staff.page.keyboard.press("Enter")
        reason = staff.page.get_by_label("Reason")
        expect(reason).to_be_focused()
        assert not staff.scrolls_sideways()
        staff.page.keyboard.type("Asked for by mail")
        for _ in range(2):  # past "Cancel"
            staff.page.keyboard.press("Tab")
        staff.page.keyboard.press("Enter")
        expect(staff.page.get_by_text(done, exact=True)).to_be_visible()
    staff.insist()
    staff.open("/admin/admin/logentry/")
    expect(staff.page.get_by_text("Unbanned: Asked for by mail").first).to_be_visible()


def test_staff_act_as_somebody_with_tokens_that_are_shown_once(staff, customer):
    staff.open(f"/admin/domains_auth/account/?q={customer.address}")
    rows(staff.page).first.click()
    staff.page.get_by_role("link", name="Act as them").locator("visible=true").click()
    staff.page.get_by_label("Reason").fill("Their export is empty")
    staff.page.get_by_role("button", name="Act as them").click()
    token = staff.page.get_by_label("Access token")
    expect(token).to_have_value(re.compile(r"^ey[\w-]+\.[\w-]+\.[\w-]+$"))
    assert not staff.scrolls_sideways()
    staff.insist()


def test_a_delivery_shows_its_mail_as_it_was_sent(staff, customer):
    staff.open("/admin/domains_notifications/delivery/?q=bob@example.com&channel__exact=email")
    rows(staff.page).first.click()
    mail = staff.page.frame_locator("iframe.staff-mail")
    expect(mail.get_by_role("heading")).to_contain_text("invites you to Acme")
    expect(staff.page.locator("pre.staff-text")).to_contain_text("/invitations/accept?token=***")
    staff.insist()


def test_a_dead_event_is_replayed(staff, execute):
    failed_id = uuid4()
    assert execute(DIE, [failed_id]).rowcount == 1
    staff.open("/admin/")
    cells = staff.page.locator(".staff-glance tr", has_text="Notifications").locator("a")
    expect(cells.last).to_have_text("1")
    cells.last.click()
    expect(rows(staff.page)).to_have_count(1)
    staff.page.locator("#result_list tbody input[type=checkbox]").first.check()
    staff.page.locator("select[name=action]").select_option("replay")
    staff.page.get_by_role("textbox", name="Reason").fill("Mended")
    staff.page.get_by_role("button", name="Run").click()
    expect(staff.page.get_by_text("1 will be tried again")).to_be_visible()
    staff.insist()
    query = "SELECT 1 FROM notifications.failed_event WHERE id = %s"
    assert eventually(lambda: execute(query, [failed_id]).fetchone() is None)


def test_an_organization_is_shown_on_one_page_at_any_width(staff, customer):
    staff.open("/admin/domains_users/organization/?q=acme")
    rows(staff.page).first.click()
    for width in (1280, 390):
        staff.page.set_viewport_size({"width": width, "height": 900})
        for title in ("Members", "Open invitations", "Plan", "Usage", "Sessions", "Deliveries"):
            panel = staff.page.get_by_role("region", name=title)
            expect(panel.or_(staff.page.locator("section", has_text=title)).first).to_be_visible()
        assert not staff.scrolls_sideways(), width
    staff.page.set_viewport_size({"width": 1280, "height": 900})
    members = staff.page.locator("section", has=staff.page.get_by_role("heading", name="Members"))
    expect(members).to_contain_text(customer.address)
    members.get_by_role("link", name="All of: Members").click()
    staff.page.wait_for_url("**organization__id__exact=**")
    assert rows(staff.page).count() == 1
    staff.insist()


def test_a_payment_is_refunded_and_the_timeline_of_its_organization_tells_of_it(staff, customer):
    staff.open("/admin/domains_users/organization/?q=acme")
    rows(staff.page).first.click()
    staff.page.get_by_role("link", name="All of: Plan").click()
    payment = staff.page.locator("tr", has_text="Payment settled").get_by_role("link")
    expect(payment).to_have_count(1)
    staff.insist()
    payment.click()
    staff.page.get_by_role("link", name="Refund", exact=True).locator("visible=true").click()
    amount = staff.page.get_by_label("Amount")
    expect(amount).to_be_focused()
    expect(amount).to_have_value("29.00")
    amount.fill("29.01")
    staff.page.get_by_label("Reason").fill("Charged by mistake")
    staff.page.get_by_role("button", name="Refund").click()
    expect(staff.page.get_by_text("29.00\xa0EUR are left.")).to_be_visible()
    assert not staff.scrolls_sideways()
    amount.fill("9.50")
    staff.page.get_by_role("button", name="Refund").click()
    expect(staff.page.get_by_text("Refunded.", exact=True)).to_be_visible()
    staff.open("/admin/domains_users/organization/?q=acme")
    rows(staff.page).first.click()
    staff.page.get_by_role("link", name="All of: Plan").click()
    note = staff.page.locator("tr", has_text="Credit note")
    expect(note).to_contain_text("9.50\xa0EUR")
    expect(note).to_contain_text("Charged by mistake")
    for width in (390, 1280):
        staff.page.set_viewport_size({"width": width, "height": 900})
        assert not staff.scrolls_sideways(), width
    staff.insist()


def test_the_first_page_shows_what_the_business_comes_to(staff, customer):
    staff.open("/admin/")
    for title, figure in (
        ("Monthly recurring revenue", "29.00\xa0EUR"),
        ("Churn of 30 days", "Nobody paid 30 days ago."),
        ("Open amounts", "Nothing is owed."),
    ):
        panel = staff.page.locator("section", has=staff.page.get_by_role("heading", name=title))
        expect(panel).to_contain_text(figure)
    staff.insist()


def test_a_form_refuses_to_save_without_a_reason_and_says_where(staff, customer):
    staff.open("/admin/domains_users/organization/?q=acme")
    rows(staff.page).first.click()
    staff.page.get_by_label("Name").fill("Acme Ltd")
    staff.page.get_by_role("button", name="Save", exact=True).click()
    expect(staff.page.get_by_text("This field is required")).to_be_visible()
    assert not staff.scrolls_sideways()
    staff.page.get_by_label("Reason").fill("Renamed by letter")
    staff.page.get_by_role("button", name="Save", exact=True).click()
    expect(staff.page.get_by_text("was changed successfully")).to_be_visible()
    staff.open("/admin/admin/logentry/")
    expect(staff.page.get_by_text("Changed name: Renamed by letter")).to_be_visible()


def test_an_action_of_a_list_is_refused_without_a_reason(staff, customer):
    staff.open("/admin/domains_auth/session/")
    staff.page.locator("#result_list tbody input[type=checkbox]").last.check()
    staff.page.locator("select[name=action]").select_option("revoke")
    expect(staff.page.get_by_role("textbox", name="Reason")).to_be_visible()
    staff.page.get_by_role("button", name="Run").click()
    expect(staff.page.get_by_text("Nothing was done: give a reason.")).to_be_visible()
    staff.insist()


def test_a_group_is_deleted_for_a_reason(staff, execute):
    execute("INSERT INTO auth.auth_group (name) VALUES ('Temporary')")
    staff.open("/admin/auth/group/?q=Temporary")
    rows(staff.page).first.click()
    staff.page.get_by_role("link", name="Delete").locator("visible=true").first.click()
    staff.page.get_by_label("Reason").fill("Not needed any more")
    assert not staff.scrolls_sideways()
    staff.page.get_by_role("button", name=re.compile("^Yes")).click()
    expect(staff.page.get_by_text("was deleted successfully")).to_be_visible()
    staff.insist()


def test_people_are_found_by_their_address_with_where_they_belong(staff, customer):
    staff.open(f"/admin/domains_users/profile/?q={customer.address}")
    row = staff.page.locator("#result_list tbody tr", has_text=customer.address)
    expect(row).to_contain_text("(owner)")
    assert not staff.scrolls_sideways()
    rows(staff.page).first.click()
    expect(staff.page.get_by_role("link", name=customer.address)).to_be_visible()
    assert not staff.scrolls_sideways()
    staff.insist()


def test_a_queue_is_emptied_for_a_reason(staff):
    staff.open("/admin/django_rq/dashboard/queues/0/empty/")
    staff.page.locator("#content-main form [type=submit]").first.click()
    expect(staff.page.get_by_label("Reason")).to_be_visible()
    assert not staff.scrolls_sideways()
    staff.page.get_by_label("Reason").fill("Stuck since noon")
    staff.page.get_by_role("button", name="Clear").click()
    staff.insist()


def test_the_dashboard_of_the_queues_opens_with_every_page_it_links_to(staff):
    staff.open("/admin/django_rq/dashboard/")
    links = staff.page.locator("#content-main a").all()
    paths = {str(link.get_attribute("href")) for link in links}
    of_one_queue = {path for path in paths if not re.search("/[1-9]/", path)}
    assert len(of_one_queue) >= 10
    for path in sorted(of_one_queue):
        staff.open(path)
    staff.open("/admin/django_rq/dashboard/workers/0/")
    staff.page.locator("#result_list a, #content-main tbody a").first.click()
    staff.insist()


def test_no_page_is_wider_than_a_telephone(staff):
    staff.page.set_viewport_size({"width": 390, "height": 844})
    try:
        for path in (
            "/admin/",
            "/admin/auth/group/add/",
            "/admin/django_rq/dashboard/",
            *PATHS[:6],
        ):
            staff.open(path)
            assert not staff.scrolls_sideways(), path
    finally:
        staff.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_page_that_is_not_there_says_so_without_breaking(staff):
    staff.page.goto(f"{staff.url}/admin/nothing/")
    assert [complaint for complaint in staff.complaints if "404" not in complaint] == []
    staff.complaints.clear()


def test_who_logs_out_sees_nothing_any_more(staff):
    staff.open("/admin/")
    with staff.page.expect_navigation(wait_until="networkidle"):
        staff.page.locator("form[action='/admin/logout/']").evaluate("form => form.submit()")
    staff.open("/admin/domains_auth/account/")
    assert "/admin/login/" in staff.page.url
