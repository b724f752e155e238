"""Errors of the OAuth endpoints, which speak RFC 6749 and not problem details."""

from http import HTTPStatus

from aiohttp import web
from pydantic import BaseModel, Field

from sk.auth.oauth import OAuthCode

NO_STORE = {"Cache-Control": "no-store"}


class OAuthErrorOut(BaseModel):
    """An error as RFC 6749 section 5.2 has it."""

    error: OAuthCode
    error_description: str = Field(description="a sentence for the developer")


def oauth_response(error: OAuthCode, description: str, status: int) -> web.Response:
    """Return the answer for an error. The RFC allows printable ASCII without quotes and backslashes only."""
    allowed = "".join(char if " " <= char <= "~" and char not in '"\\' else "'" for char in description)
    return web.json_response({"error": error, "error_description": allowed}, status=status, headers=NO_STORE)


def oauth_code(status: int) -> OAuthCode:
    """Return the code of RFC 6749 for trouble that is not about OAuth."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return "temporarily_unavailable"
    return "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request"
