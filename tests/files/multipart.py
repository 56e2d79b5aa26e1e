"""A browser's multipart body, with names that no client library would send."""

from __future__ import annotations

from django.http import HttpRequest
from django.test import RequestFactory

_BOUNDARY = "limite-du-formulaire"


def post(fields: dict[str, str], files: list[tuple[str, bytes]]) -> HttpRequest:
    """A POST whose files bear exactly these names, as Django reads it from the wire."""
    parts = [_field(name, value) for name, value in fields.items()]
    parts += [_file(name, content) for name, content in files]
    body = b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()
    return RequestFactory().post(
        "/", data=body, content_type=f"multipart/form-data; boundary={_BOUNDARY}"
    )


def _field(name: str, value: str) -> bytes:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
    return f"{head}{value}\r\n".encode()


def _file(name: str, content: bytes) -> bytes:
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="uploads"; '
        f'filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    return head.encode(errors="surrogatepass") + content + b"\r\n"
