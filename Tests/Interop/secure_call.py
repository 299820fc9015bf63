"""Calls a method by grpcio over TLS, and prints the answer or the status.

usage: secure_call.py TARGET FOLDER CA CLIENT
The folder is one of certificates.sh; CA and CLIENT name files in it, CLIENT may be - for none.
"""

import os
import sys
from pathlib import Path

# What it logs about a refused handshake is expected here.
os.environ["GRPC_VERBOSITY"] = "NONE"
import grpc  # noqa: E402

target, folder, ca, client = sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4]
shown = client != "-"
credentials = grpc.ssl_channel_credentials(
    root_certificates=(folder / f"{ca}.pem").read_bytes(),
    private_key=(folder / f"{client}.key").read_bytes() if shown else None,
    certificate_chain=(folder / f"{client}.pem").read_bytes() if shown else None,
)
with grpc.secure_channel(target, credentials) as channel:
    try:
        print(channel.unary_unary("/test.Echo/WhoAmI")(b"", timeout=20).decode())
    except grpc.RpcError as error:
        print(error.code().name)
