"""Which files are accepted: an allow-list by extension, with which the content must agree.

The extension alone proves nothing and a guess from the content neither, so both are asked
(C3, ASVS 5.2.2). Only the first bytes are looked at: an archive is never opened (C4).
Programs, scripts and active documents are refused whatever they call themselves (C2).
"""

from __future__ import annotations

from typing import NamedTuple

import puremagic

HEAD_BYTES = 8192

_BINARY = "application/octet-stream"


class FileType(NamedTuple):
    """One extension: the type that the portal serves it under, and the contents it may hold."""

    content_type: str
    contents: frozenset[str]


# What the first bytes may be. « opaque » is a binary that nothing recognises: most CAD formats.
PDF, PNG, JPEG, GIF, WEBP, BMP, TIFF = "pdf", "png", "jpeg", "gif", "webp", "bmp", "tiff"
ZIP, SEVEN_ZIP, RAR, GZIP, OLE, RTF = "zip", "7z", "rar", "gzip", "ole", "rtf"
TEXT, OPAQUE = "text", "opaque"


def _of(content_type: str, *contents: str) -> FileType:
    return FileType(content_type, frozenset(contents))


_CAD = _of(_BINARY, OPAQUE, OLE, ZIP)
_CAD_TEXT = _of(_BINARY, TEXT, OPAQUE)
# Served as plain text: a browser that ignored « attachment » would still show, not run, it.
_PLAIN = _of("text/plain; charset=utf-8", TEXT)
_OOXML = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"

ALLOWED: dict[str, FileType] = {
    **dict.fromkeys(
        (
            *("rvt", "rfa", "rte", "rft", "ipt", "iam", "idw", "ipn", "ide", "nwd", "nwc", "nwf"),
            *("sldprt", "sldasm", "slddrw", "catpart", "catproduct", "catdrawing", "cgr", "prt"),
            *("asm", "drw", "par", "psm", "dft", "x_b", "skp", "layout", "max", "3ds", "3dm"),
            *("f3d", "f3z", "dwt", "dws", "dst", "rcp", "rcs", "jt", "smb", "sab", "3mf", "fbx"),
        ),
        _CAD,
    ),
    "dwg": _of("image/vnd.dwg", OPAQUE),
    "dwf": _of(_BINARY, OPAQUE, ZIP, TEXT),
    "dwfx": _of(_BINARY, ZIP),
    "dgn": _of(_BINARY, OPAQUE, OLE),
    **dict.fromkeys(
        (
            *("dxf", "ifc", "stp", "step", "p21", "sat", "igs", "iges", "x_t", "stl", "obj", "mtl"),
            *("lin", "pat", "shx", "ctb", "stb", "pc3", "nc", "gcode"),
        ),
        _CAD_TEXT,
    ),
    "ifczip": _of("application/zip", ZIP),
    "pdf": _of("application/pdf", PDF),
    "png": _of("image/png", PNG),
    "jpg": _of("image/jpeg", JPEG),
    "jpeg": _of("image/jpeg", JPEG),
    "gif": _of("image/gif", GIF),
    "webp": _of("image/webp", WEBP),
    "bmp": _of("image/bmp", BMP),
    "tif": _of("image/tiff", TIFF),
    "tiff": _of("image/tiff", TIFF),
    "docx": _of(f"{_OOXML}.wordprocessingml.document", ZIP),
    "xlsx": _of(f"{_OOXML}.spreadsheetml.sheet", ZIP),
    "pptx": _of(f"{_OOXML}.presentationml.presentation", ZIP),
    "odt": _of(f"{_OPEN}.text", ZIP),
    "ods": _of(f"{_OPEN}.spreadsheet", ZIP),
    "odp": _of(f"{_OPEN}.presentation", ZIP),
    "doc": _of("application/msword", OLE, RTF),
    "xls": _of("application/vnd.ms-excel", OLE),
    "ppt": _of("application/vnd.ms-powerpoint", OLE),
    "rtf": _of("application/rtf", RTF),
    "msg": _of("application/vnd.ms-outlook", OLE),
    "eml": _of("text/plain; charset=utf-8", TEXT),
    **dict.fromkeys(("txt", "log", "csv", "xml", "json", "ini", "cfg", "md", "err"), _PLAIN),
    "zip": _of("application/zip", ZIP),
    "7z": _of("application/x-7z-compressed", SEVEN_ZIP),
    "rar": _of("application/vnd.rar", RAR),
    "gz": _of("application/gzip", GZIP),
    "tgz": _of("application/gzip", GZIP),
    "tar": _of("application/x-tar", OPAQUE),
    "dmp": _of(_BINARY, OPAQUE, GZIP, ZIP, TEXT),
    "dump": _of(_BINARY, OPAQUE, GZIP, ZIP, TEXT),
    "mdmp": _of(_BINARY, OPAQUE),
}

# What people read beside the file field.
EXAMPLES = "DWG, RVT, IFC, STEP, SLDPRT, PDF, Word, Excel, images, textes, journaux, ZIP, 7z"

# Families that puremagic names by their usual extensions. Short signatures such as « BM » are
# believed only of a binary: text is judged first.
_RECOGNISED: tuple[tuple[str, frozenset[str]], ...] = (
    (PDF, frozenset({".pdf"})),
    (PNG, frozenset({".png"})),
    (JPEG, frozenset({".jpg", ".jpeg", ".jfif"})),
    (GIF, frozenset({".gif"})),
    (WEBP, frozenset({".webp"})),
    (TIFF, frozenset({".tif", ".tiff"})),
    (ZIP, frozenset({".zip", ".docx"})),
    (SEVEN_ZIP, frozenset({".7z"})),
    (RAR, frozenset({".rar"})),
    (GZIP, frozenset({".gz"})),
    (OLE, frozenset({".doc"})),
    (RTF, frozenset({".rtf"})),
    (BMP, frozenset({".bmp"})),
)

_PROGRAMS = (
    b"MZ",  # Windows programs and libraries
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa\xce",  # Mach-O in its four forms, and fat binaries or Java classes
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\x00asm",
    b"dex\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",  # Windows shortcut
    b"ITSF",  # compiled help
)
_ACTIVE_MARKUP = (b"<!doctype html", b"<html", b"<svg", b"<script", b"<body", b"<iframe", b"<hta:")
_ENCODING_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

# What a browser shows in place and cannot run: SVG, HTML and XML are on no list at all.
_PREVIEWS = frozenset(
    {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"}
)


def limit_fr(octets: int) -> str:
    """« 50 Mo », « 5 Go »: limits are set in units of 1024, as file managers count."""
    if octets >= 1024**3 and octets % 1024**3 == 0:
        return f"{octets // 1024**3}\u00a0Go"
    return f"{octets // 1024**2}\u00a0Mo"


def has_preview(content_type: str) -> bool:
    """Whether what is served under this type may be shown in place (C2)."""
    return content_type in _PREVIEWS


def extension(name: str) -> str:
    """The last extension in lower case, without its dot; empty when there is none."""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def allowed_type(name: str) -> FileType | None:
    """What the allow-list says of this name, or None: not accepted."""
    return ALLOWED.get(extension(name))


def is_dangerous(head: bytes) -> bool:
    """A program, a script, HTML or SVG, whatever the name says (C2, C3)."""
    if head.startswith(_PROGRAMS):
        return True
    text = _as_text(head)
    return text is not None and _is_active_markup(text)


def content_of(head: bytes) -> str:
    """Which content the first bytes are: one of the words above."""
    recognised = _recognise(head)
    # A PDF or an RTF may begin like a text: what is recognised by a long signature wins.
    if recognised not in {None, BMP}:
        return recognised or OPAQUE
    if _as_text(head) is not None:
        return TEXT
    return recognised or OPAQUE


def agrees(name: str, head: bytes) -> bool:
    """The content is one that the extension may hold; False for what is not on the list."""
    kind = allowed_type(name)
    return kind is not None and content_of(head) in kind.contents


def _recognise(head: bytes) -> str | None:
    try:
        found = {guess.extension.lower() for guess in puremagic.magic_string(head)}
    except (puremagic.PureError, ValueError):
        return None
    return next((content for content, signs in _RECOGNISED if found & signs), None)


def _as_text(head: bytes) -> str | None:
    """The head as text, or None when it is not one: UTF-8, UTF-16 with its mark, or Windows."""
    for mark, encoding in _ENCODING_MARKS:
        if head.startswith(mark):
            return _printable(head[2:].decode(encoding, errors="ignore"))
    if b"\x00" in head:
        return None
    body = head.removeprefix(b"\xef\xbb\xbf")
    # Windows-1252 loses its accents here and a cut character its head: neither is judged. A
    # content that loses more than that was no text.
    text = body.decode("utf-8", errors="ignore")
    return _printable(text) if len(text.encode()) * 10 >= len(body) * 7 else None


def _printable(text: str) -> str | None:
    odd = sum(1 for character in text if not (character.isprintable() or character.isspace()))
    return text if text and odd * 100 <= len(text) else None


def _is_active_markup(text: str) -> bool:
    """The document itself is HTML or SVG: its root, after a prologue and comments."""
    start = _after_prologue(text.lstrip().lower()).encode("utf-8", errors="ignore")
    return start.startswith(_ACTIVE_MARKUP)


def _after_prologue(text: str) -> str:
    for opening, closing in (("<?", "?>"), ("<!--", "-->")) * 8:
        if text.startswith(opening):
            text = text.partition(closing)[2].lstrip()
    if text.startswith("<!doctype svg"):
        return "<svg"
    return text
