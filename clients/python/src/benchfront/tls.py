"""Encrypted channels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import grpc


@dataclass(frozen=True)
class TLS:
    """How a channel is encrypted; all files are PEM."""

    #: CAs to trust instead of those that grpcio comes with.
    ca: str | Path | None = None
    #: Shown to servers that ask for a certificate, with its key.
    client_cert: str | Path | None = None
    client_key: str | Path | None = None
    #: The name that the server's certificate must be for, when it is not the target's host.
    server_name: str | None = None

    def channel(self, target: str) -> grpc.Channel:
        """A channel to `target`; OSError when a file cannot be read."""
        if (self.client_cert is None) != (self.client_key is None):
            raise ValueError("client_cert and client_key are given together or not at all")
        credentials = grpc.ssl_channel_credentials(
            root_certificates=_content(self.ca),
            private_key=_content(self.client_key),
            certificate_chain=_content(self.client_cert),
        )
        name = self.server_name
        options = [("grpc.ssl_target_name_override", name)] if name else []
        return grpc.secure_channel(target, credentials, options)


def _content(path: str | Path | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()
