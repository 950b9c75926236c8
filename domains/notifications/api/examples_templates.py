"""What the document shows of templates."""

WRITING = {
    "default_locale": "en",
    "variables": [
        {"name": "order", "type": "string", "example": "A-1001", "required": True},
        {
            "name": "total",
            "type": "money",
            "example": {"amount": 4900, "currency": "EUR"},
            "required": True,
        },
    ],
    "parts": {
        "in_app": {
            "en": {"title": "Order {{ order }} was shipped", "body": "It came to {{ total }}."},
            "de": {
                "title": "Bestellung {{ order }} wurde verschickt",
                "body": "Sie kostete {{ total }}.",
            },
        }
    },
}
TEMPLATE_IN = {"key": "order-shipped", "description": "An order left", **WRITING}
TEMPLATE = {
    "id": "0192f0c1-7d3e-7c1a-9b7e-3f5a1c2d4e70",
    "organization_id": "0192f0c1-0a1b-7c2d-8e3f-4a5b6c7d8e9f",
    "key": "order-shipped",
    "category": "",
    "description": "An order left",
    "created_at": "2026-11-22T17:00:00Z",
}
DRAFT = {
    "template_id": TEMPLATE["id"],
    "number": 1,
    "state": "draft",
    **WRITING,
    "created_at": "2026-11-22T17:00:00Z",
    "updated_at": "2026-11-22T17:00:00Z",
    "published_at": None,
}
PUBLISHED = {**DRAFT, "state": "published", "published_at": "2026-11-22T17:05:00Z"}
PREVIEW_IN = {
    "channel": "in_app",
    "locale": "de-AT",
    "values": {"order": "B-7", "total": {"amount": 100, "currency": "EUR"}},
}
PREVIEW = {
    "subject": "Bestellung B-7 wurde verschickt",
    "text": "Sie kostete € 1,00.",
    "html": "",
    "version": "order-shipped@1",
}
