"""What both ends of a remote call agree on."""

from datetime import timedelta
from http import HTTPStatus

# A result, or the domain's own error. Any other status means that the call itself failed.
ANSWERED = HTTPStatus.OK
REFUSED_BY_DOMAIN = HTTPStatus.UNPROCESSABLE_ENTITY

JSON = "application/json"
MAX_BODY = 1024 * 1024
TIMEOUT = timedelta(seconds=5)
CONNECT_TIMEOUT = timedelta(seconds=1)
