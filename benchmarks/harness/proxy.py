"""The nginx of production on the loopback: deploy/nginx.conf.template, other ports and folders."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.embedded.ports import LOOPBACK

TEMPLATE = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf.template"


def program() -> str | None:
    """Where nginx is; None when it is not installed (apt-get install nginx-light)."""
    # Debian puts it where an ordinary user's PATH does not look.
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def configure(
    folder: Path, *, host: str, ports: tuple[int, int], web: int, uploads: int, stored: Path
) -> Path:
    """Write the configuration for ports of ours (http, https); gives its path.

    `web` and `uploads` are ports of the services behind it, `stored` the folder of the files.
    """
    certify(folder, host)
    text = TEMPLATE.read_text(encoding="utf-8").replace("${PORTAL_HOST}", host)
    for old, new in {
        "listen 8080": f"listen {LOOPBACK}:{ports[0]}",
        "listen 8443": f"listen {LOOPBACK}:{ports[1]}",
        "http://web:8000": f"http://{LOOPBACK}:{web}",
        "http://uploads:8000": f"http://{LOOPBACK}:{uploads}",
        "/etc/nginx/tls": str(folder),
        "/data/files/": f"{stored}/",
    }.items():
        text = text.replace(old, new)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; "
        f"{'user root;' if os.geteuid() == 0 else ''}"
        f"events {{}} http {{ access_log off; {temporary}\n{text}\n}}",
        encoding="utf-8",
    )
    return path


def certify(folder: Path, host: str) -> None:
    """A certificate that nobody else trusts, for two days: portal.crt and portal.key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "portal.crt").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "portal.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
