from __future__ import annotations

from domains.notifications.interface import TEMPLATE_READ, TEMPLATE_WRITE
from tests.isolation.rows import PEOPLE_ONLY, Row, held, signed_in

# The feed is a person's, whichever organization it tells of.
ROWS: dict[str, Row] = {
    "listNotifications": signed_in(),
    "countUnreadNotifications": signed_in(),
    "readNotification": signed_in(),
    "readAllNotifications": signed_in(),
    "listTemplates": held(TEMPLATE_READ, home=200),
    "createTemplate": held(TEMPLATE_WRITE, 201, home=201).sends(body={"key": "new-one"}),
    "getTemplate": held(TEMPLATE_READ),
    "updateTemplate": held(TEMPLATE_WRITE).sends(body={"description": "Otherwise"}),
    "listTemplateVersions": held(TEMPLATE_READ),
    "startTemplateDraft": held(TEMPLATE_WRITE, 201).sends(
        path={"template_id": "$quiet_template_id"}
    ),
    "getTemplateVersion": held(TEMPLATE_READ).sends(path={"number": "1"}),
    "updateTemplateDraft": held(TEMPLATE_WRITE).sends(body={"default_locale": "en"}),
    "publishTemplate": held(TEMPLATE_WRITE),
    "rollBackTemplate": held(TEMPLATE_WRITE).sends(body={"number": 1}),
    "previewTemplate": held(TEMPLATE_READ).sends(path={"number": "1"}, body={"channel": "in_app"}),
    # A test goes to whoever asks: keys have no address.
    "sendTemplateTest": held(TEMPLATE_READ, 202, keys=PEOPLE_ONLY).sends(
        path={"number": "1"}, body={}
    ),
}
