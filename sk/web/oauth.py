"""Errors of the OAuth endpoints, which speak RFC 6749 and not problem details."""

from http import HTTPStatus
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

NO_STORE = {"Cache-Control": "no-store"}
OAuthCode = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_scope",
    "unsupported_grant_type",
    "server_error",
    "temporarily_unavailable",
]


class OAuthErrorOut(BaseModel):
    """An error as RFC 6749 section 5.2 has it."""

    error: OAuthCode
    error_description: str = Field(description="a sentence for the developer")


class OAuthError(Exception):
    """An error that the client is told about as RFC 6749 says."""

    def __init__(self, error: OAuthCode, description: str, status: int = 400) -> None:
        """Take the code of the RFC and a sentence."""
        super().__init__(description)
        self.error = error
        self.status = status


def oauth_response(error: OAuthCode, description: str, status: int) -> web.Response:
    """Return the answer for an error. The RFC allows printable ASCII without quotes and backslashes only."""
    allowed = "".join(char if " " <= char <= "~" and char not in '"\\' else "'" for char in description)
    return web.json_response({"error": error, "error_description": allowed}, status=status, headers=NO_STORE)


def oauth_code(status: int) -> OAuthCode:
    """Return the code of RFC 6749 for trouble that is not about OAuth."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return "temporarily_unavailable"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
