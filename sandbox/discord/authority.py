"""A throw-away certificate authority, so that clients talk TLS to the local Discord unpatched."""

import ssl
from pathlib import Path

import trustme

HOSTS = (
    "discord.com",
    "gateway.discord.gg",
    "cdn.discordapp.com",
    "media.discordapp.net",
    "localhost",
    "127.0.0.1",
)


def throwaway_authority(path: Path) -> ssl.SSLContext:
    """Make a new authority, write its certificate to ``path`` (PEM), return a server's context."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(path))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS).configure_cert(context)
    return context
