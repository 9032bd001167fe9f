"""Where a judge's model is, and the key that opens it: from the environment alone, and shown to nobody."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from visgenenv.errors import ConfigError

DEFAULT_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class Address:
    """An endpoint; neither its text nor its repr holds the key."""

    url: str
    variable: str
    """Environment variable that the key was read from."""
    key: str = field(repr=False)
    """Empty for an endpoint on this machine that needs none."""
    loopback: bool


def address(base_url: str | None, variable: str) -> Address:
    """The endpoint at `base_url` (None: $OPENAI_BASE_URL, else OpenAI's own), with the key in an environment variable.

    Raises `ConfigError` for an address that is none or that holds a secret, for a key that is not printable ASCII, and for
    a missing key, unless the endpoint is on this machine.
    """
    source = "base_url" if base_url is not None else "OPENAI_BASE_URL"
    url = base_url if base_url is not None else os.environ.get("OPENAI_BASE_URL") or DEFAULT_URL
    parts = _parts(url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{source}: no address of an endpoint; expected one such as {DEFAULT_URL!r} or 'http://127.0.0.1:8000/v1'")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(f"{source}: holds a user, a password or a query; put the key into the environment variable {variable} instead")
    loopback = _is_loopback(parts.hostname)
    key = os.environ.get(variable, "").strip()
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"the environment variable {variable} holds line breaks or letters that no key has; set it to the key alone")
    if not key and not loopback:
        raise ConfigError(f"the environment variable {variable} is not set; it holds the key for the judge at {url!r}")
    return Address(url=url.rstrip("/"), variable=variable, key=key, loopback=loopback)


def _parts(url: object) -> SplitResult | None:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is not None and parts.port == 0:
            return None
    except ValueError:
        return None
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
