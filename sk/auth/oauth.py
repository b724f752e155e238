"""Errors of OAuth, as its clients are told of them: in the words of RFC 6749 and its successors."""

from typing import Literal

OAuthCode = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_dpop_proof",
    "invalid_token",
    "request_not_supported",
    "registration_not_supported",
    "unsupported_response_type",
    "unmet_authentication_requirements",
    "access_denied",
    "login_required",
    "consent_required",
    "server_error",
    "temporarily_unavailable",
]


class OAuthError(Exception):
    """An error that the client is told about as RFC 6749 says."""

    def __init__(self, error: OAuthCode, description: str, status: int = 400) -> None:
        """Take the code of the RFC and a sentence."""
        super().__init__(description)
        self.error = error
        self.status = status
