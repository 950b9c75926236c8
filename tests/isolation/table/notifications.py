from __future__ import annotations

from tests.isolation.rows import Row, signed_in

# The feed is a person's, whichever organization it tells of.
ROWS: dict[str, Row] = {
    "listNotifications": signed_in(),
    "getNotificationCounts": signed_in(),
    "countUnreadNotifications": signed_in(),
    "seeNotifications": signed_in(),
    "readAllNotifications": signed_in(),
    "readNotification": signed_in(),
    "unreadNotification": signed_in(),
    "archiveNotification": signed_in(),
    "unarchiveNotification": signed_in(),
    "deleteNotification": signed_in(204),
    # A test client has no connection that could be held open.
    "streamNotifications": signed_in(503),
    "createStreamTicket": signed_in(201),
}
