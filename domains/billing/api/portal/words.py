"""What the customers' page says, by language (ISO 639); English is what every other falls to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Words:
    """The texts of one language; what is in braces is filled in."""

    language: str
    title: str
    back: str
    plan: str
    since_free: str
    renews: str
    ends: str
    trial_ends: str
    changes: str
    paused: str
    given: str
    waiting: str
    states: Mapping[str, str]
    cancel: str
    cancel_what: str
    cancel_at_once: str
    cancel_why: str
    cancel_reasons: tuple[str, ...]
    cancel_comment: str
    cancel_button: str
    resume_button: str
    methods: str
    no_methods: str
    card: str
    valid_until: str
    is_default: str
    make_default: str
    remove: str
    remove_what: str
    invoices: str
    no_invoices: str
    number: str
    date: str
    total: str
    state: str
    older: str
    newest: str
    invoice_states: Mapping[str, str]
    said: Mapping[str, str]
    went_wrong: str
    why: Mapping[str, str]
    why_else: str
    refused_title: str
    refused: str


ENGLISH = Words(
    language="en",
    title="Billing",
    back="Back to the product",
    plan="Plan",
    since_free="There is nothing to pay.",
    renews="Renews on {date}.",
    ends="Ends on {date}. Until then everything works as before.",
    trial_ends="The trial ends on {date}.",
    changes="Changes to {plan} on {date}.",
    paused="Paused: nothing is charged.",
    given="Free of charge.",
    waiting="A payment of {amount} is being made.",
    states={
        "incomplete": "Waiting for the first payment",
        "trialing": "On trial",
        "active": "Active",
        "past_due": "A payment is overdue",
        "unpaid": "Not paid",
        "paused": "Paused",
    },
    cancel="Cancel the plan",
    cancel_what="The plan stays in force until {date}, then it ends. "
    "You can take this back until then.",
    cancel_at_once="The plan ends at once.",
    cancel_why="Why do you cancel?",
    cancel_reasons=(
        "Too expensive",
        "Something is missing",
        "I use something else now",
        "I don't need it any more",
        "Too complicated",
        "Another reason",
    ),
    cancel_comment="Anything you would like to add (optional)",
    cancel_button="Cancel the plan",
    resume_button="Keep the plan",
    methods="Payment methods",
    no_methods="There are none. They are added in the product.",
    card="{brand} ending in {last4}",
    valid_until="valid until {date}",
    is_default="Used for payments",
    make_default="Use for payments",
    remove="Remove",
    remove_what="It will not be charged any more.",
    invoices="Invoices",
    no_invoices="There are none yet.",
    number="Number",
    date="Date",
    total="Total",
    state="State",
    older="Older invoices",
    newest="Newest invoices",
    invoice_states={
        "open": "Open",
        "paid": "Paid",
        "void": "Void",
        "uncollectible": "Not paid",
    },
    said={
        "canceled": "The plan is canceled.",
        "resumed": "The plan goes on.",
        "default_chosen": "Payments use another method from now on.",
        "detached": "The payment method is removed.",
    },
    went_wrong="That could not be done. {why}",
    why={
        "billing.payment_method_in_use": "The plan is paid with this method, "
        "and there is no other.",
        "billing.payment_method_not_found": "There is no such payment method any more.",
        "billing.payment_in_progress": "A payment is just being made. Try again in a moment.",
        "billing.no_subscription": "There is no paid plan any more.",
    },
    why_else="Try again later.",
    refused_title="This page has expired",
    refused="Links to it hold for half an hour. Go back to the product and open it again.",
)

GERMAN = Words(
    language="de",
    title="Abrechnung",
    back="Zurück zum Produkt",
    plan="Tarif",
    since_free="Es ist nichts zu bezahlen.",
    renews="Verlängert sich am {date}.",
    ends="Endet am {date}. Bis dahin funktioniert alles wie bisher.",
    trial_ends="Die Testphase endet am {date}.",
    changes="Wechselt am {date} zu {plan}.",
    paused="Pausiert: Es wird nichts berechnet.",
    given="Kostenfrei.",
    waiting="Eine Zahlung über {amount} wird gerade ausgeführt.",
    states={
        "incomplete": "Wartet auf die erste Zahlung",
        "trialing": "In der Testphase",
        "active": "Aktiv",
        "past_due": "Eine Zahlung ist überfällig",
        "unpaid": "Nicht bezahlt",
        "paused": "Pausiert",
    },
    cancel="Tarif kündigen",
    cancel_what="Der Tarif gilt noch bis zum {date} und endet dann. "
    "Bis dahin können Sie die Kündigung zurücknehmen.",
    cancel_at_once="Der Tarif endet sofort.",
    cancel_why="Warum kündigen Sie?",
    cancel_reasons=(
        "Zu teuer",
        "Es fehlt etwas",
        "Ich benutze jetzt etwas anderes",
        "Ich brauche es nicht mehr",
        "Zu kompliziert",
        "Ein anderer Grund",
    ),
    cancel_comment="Was Sie uns noch sagen möchten (freiwillig)",
    cancel_button="Tarif kündigen",
    resume_button="Tarif behalten",
    methods="Zahlungsmittel",
    no_methods="Es gibt keine. Hinzugefügt werden sie im Produkt.",
    card="{brand} mit Endziffern {last4}",
    valid_until="gültig bis {date}",
    is_default="Wird für Zahlungen benutzt",
    make_default="Für Zahlungen benutzen",
    remove="Entfernen",
    remove_what="Es wird nicht mehr belastet.",
    invoices="Rechnungen",
    no_invoices="Es gibt noch keine.",
    number="Nummer",
    date="Datum",
    total="Betrag",
    state="Status",
    older="Ältere Rechnungen",
    newest="Neueste Rechnungen",
    invoice_states={
        "open": "Offen",
        "paid": "Bezahlt",
        "void": "Storniert",
        "uncollectible": "Nicht bezahlt",
    },
    said={
        "canceled": "Der Tarif ist gekündigt.",
        "resumed": "Der Tarif läuft weiter.",
        "default_chosen": "Zahlungen benutzen von nun an ein anderes Zahlungsmittel.",
        "detached": "Das Zahlungsmittel ist entfernt.",
    },
    went_wrong="Das war nicht möglich. {why}",
    why={
        "billing.payment_method_in_use": "Der Tarif wird damit bezahlt, und es gibt kein anderes.",
        "billing.payment_method_not_found": "Dieses Zahlungsmittel gibt es nicht mehr.",
        "billing.payment_in_progress": "Gerade wird eine Zahlung ausgeführt. "
        "Versuchen Sie es gleich noch einmal.",
        "billing.no_subscription": "Es gibt keinen bezahlten Tarif mehr.",
    },
    why_else="Versuchen Sie es später noch einmal.",
    refused_title="Diese Seite ist abgelaufen",
    refused="Links zu ihr gelten eine halbe Stunde. Öffnen Sie sie im Produkt noch einmal.",
)

_BY_LANGUAGE = {words.language: words for words in (ENGLISH, GERMAN)}


def words_of(locale: str) -> Words:
    """Return the words for a BCP 47 tag, such as `de-AT`."""
    return _BY_LANGUAGE.get(locale[:2].lower(), ENGLISH)
