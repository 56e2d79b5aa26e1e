"""Mails as the world sends them to the closed mailbox: people, machines, forgers, monsters."""

from __future__ import annotations

from collections.abc import Iterator

AUTHORITY = "mx.portail.example"
# Stands in every mail: nothing that leaves may hold it.
CANARY = "CANARI-7f3a"


def proof(domain: str, *, server: str = AUTHORITY, result: str = "pass") -> str:
    """What our own mail server writes of a mail it checked."""
    return f"Authentication-Results: {server}; dmarc={result} (p=reject) header.from={domain}"


def letter(
    address: str = "alice@client.example",
    *extra: str,
    name: str = "",
    body: str = f"Bonjour, {CANARY}",
    proven: bool = True,
) -> bytes:
    """A person's mail; `extra` are more header lines, `name` what its Message-ID begins with."""
    lines = [proof(address.rpartition("@")[2])] if proven else []
    lines += [f"From: {CANARY} <{address}>", f"Subject: {CANARY}"]
    if name:
        lines.append(f"Message-ID: <{name}@client.example>")
    return "\r\n".join([*lines, *extra, "", body, ""]).encode()


_OUT_OF_OFFICE = (
    ("Absence du bureau", "Je suis absent jusqu’au 12."),
    ("Out of office", "I am away until the 12th."),
    ("Abwesenheitsnotiz", "Ich bin bis zum 12. nicht erreichbar."),
    ("Fuera de la oficina", "Estoy fuera hasta el 12."),
    ("Risposta automatica", "Sono assente fino al 12."),
)
_AUTOMATIC = (
    "Auto-Submitted: auto-replied",
    "Auto-Submitted: auto-generated (vacation)",
    "X-Auto-Response-Suppress: All",
    "X-Autoreply: yes",
    "Precedence: auto_reply",
)
_LISTS = (
    "List-Id: <cao.example>",
    "List-Unsubscribe: <mailto:u@list.example>",
    "Precedence: bulk",
    "Precedence: list",
    "Precedence: junk",
)
_ROBOTS = ("mailer-daemon", "no-reply", "noreply", "ne-pas-repondre", "postmaster", "cao-request")


def machine_mails(count: int) -> Iterator[tuple[str, bytes]]:
    """Envelope sender and mail: every one of them proven by DMARC, none to be answered."""
    for number in range(count):
        address = f"robot{number}@machine{number}.example"
        match number % 6:
            case 0:
                subject, body = _OUT_OF_OFFICE[number // 6 % 5]
                header = _AUTOMATIC[number // 30 % 5]
                yield address, letter(address, header, f"X-Subject: {subject}", body=body)
            case 1:
                yield "<>" if number % 12 == 1 else "", letter(address)
            case 2:
                report = 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"'
                yield address, letter(address, "MIME-Version: 1.0", report, body="--b--")
            case 3:
                yield address, letter(address, _LISTS[number // 6 % 5])
            case 4:
                robot = f"{_ROBOTS[number // 6 % 6]}@machine{number}.example"
                yield robot, letter(robot)
            case _:
                # Our own answer, another portal's, or a mail of ours that came round again.
                ours = "portail@aplicit.example" if number % 12 == 5 else address
                yield ours, letter(ours, "Auto-Submitted: auto-replied")


def forged_mails(count: int) -> Iterator[tuple[str, bytes]]:
    """Mails that pretend: proofs of other servers, failed, absent, of another domain, below."""
    for number in range(count):
        address = f"victime{number}@forge{number}.example"
        domain = address.rpartition("@")[2]
        lines = (
            proof(domain, server="mx.forgeur.example"),
            proof(domain, result="fail"),
            f"Authentication-Results: {AUTHORITY}; spf=pass; dkim=pass header.d={domain}",
            proof("forgeur.example"),
            f"Authentication-Results: {AUTHORITY}; dmarc=none\r\n{proof(domain)}",
            f'Authentication-Results: {AUTHORITY}; x="; dmarc=pass header.from={domain}"',
            f"Authentication-Results: {AUTHORITY} (; dmarc=pass header.from={domain}); spf=fail",
            "In-Reply-To: <forge@portail.example>",
        )
        yield address, letter(address, lines[number % len(lines)], proven=False)


def monsters() -> dict[str, bytes]:
    """What a parser must never see, or must survive (M3)."""
    head = letter(body="")[:-2]
    mixed = head[:-2] + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    nested = b"".join(
        b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (n, n + 1)
        for n in range(200)
    )
    return {
        "10,000 parts": mixed + b"--b\r\n\r\nx\r\n" * 10_000 + b"--b--\r\n",
        "200 levels": mixed.replace(b'"b"', b'"b0"') + nested,
        "1 MB of header": b"X-Long: " + b"x" * 1024**2 + b"\r\n" + head,
        "1 MB in one line of From": b"From: " + b"<a@b.example>," * 70_000 + b"\r\n\r\nx",
        "many headers": b"X: y\r\n" * 1_000 + head,
        "no header at all": b"\x00\xff" * 1_000,
        "nothing": b"",
        "blocks of a report": mixed
        + b"--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        + b"a: b\r\n\r\n" * 100_000,
    }
