"""The token that proves who calls."""

from __future__ import annotations

from collections import namedtuple

import grpc

_LOCAL = ("127.", "localhost:", "[::1]:", "unix:")


class _Details(
    namedtuple("_Details", ("method", "timeout", "metadata", "credentials", "wait_for_ready")),
    grpc.ClientCallDetails,
):
    """What grpcio wants of a call's details."""


class Token(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Sends a token with every call."""

    def __init__(self, token: str, target: str, *, encrypted: bool) -> None:
        """ValueError when the token would cross a network in cleartext."""
        if not encrypted and not target.startswith(_LOCAL):
            raise ValueError(f"a token is not sent to {target} in cleartext: pass tls")
        self._header = ("authorization", f"Bearer {token}")

    def _with_token(self, details):
        metadata = [*(details.metadata or ()), self._header]
        return _Details(
            details.method, details.timeout, metadata, details.credentials, details.wait_for_ready
        )

    def intercept_unary_unary(self, continuation, details, request):
        """A unary call."""
        return continuation(self._with_token(details), request)

    # The other kinds differ in what the request is, and that passes through.
    intercept_unary_stream = intercept_unary_unary
    intercept_stream_unary = intercept_unary_unary
    intercept_stream_stream = intercept_unary_unary
