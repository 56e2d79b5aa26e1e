"""First bytes of real files, by what they are."""

from __future__ import annotations

import io
import zipfile

NULS = b"\x00" * 64


def archive(member: str = "plan.txt") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(member, "contenu")
    return buffer.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600
ZIP = archive()
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + NULS
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + NULS
EXE = b"MZ\x90\x00\x03" + NULS
SKETCHUP = b"\xff\xfe\xff\x0e" + "SketchUp Model".encode("utf-16-le") + bytes(range(256)) * 4

ACCEPTED: dict[str, bytes] = {
    "plan.dwg": b"AC1032\x00\x00\x00\x00\x00\x03" + NULS,
    "PLAN.DWG": b"AC1032\x00\x00\x00\x00\x00\x03" + NULS,
    "export.dxf": b"  0\r\nSECTION\r\n  2\r\nHEADER\r\n",
    "export-binaire.dxf": b"AutoCAD Binary DXF\r\n\x1a\x00" + NULS,
    "maquette.rvt": OLE,
    "famille.rfa": OLE,
    "maquette.ifc": b"ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n",
    "piece.ipt": OLE,
    "ensemble.iam": OLE,
    "mise-en-plan.idw": OLE,
    "bride.stp": b"ISO-10303-21;\nHEADER;\n",
    "bride.step": b"ISO-10303-21;\nHEADER;\n",
    "volume.sat": b"700 0 1 0\n16 Autodesk AutoCAD\n",
    "carter.sldprt": b"\x01\x02\x03\x04" + NULS,
    "carter-ancien.sldprt": OLE,
    "montage.sldasm": OLE,
    "aube.CATPart": b"V5_CFV2\x00\x00\x02" + NULS,
    "synthese.nwd": b"\x1d\x00\x00\x00nwd" + NULS,
    "cache.nwc": b"\x1d\x00\x00\x00nwc" + NULS,
    "maison.skp": SKETCHUP,
    "rendu.max": OLE,
    "objet.3ds": b"MM\x0a\x00\x00\x00\x02\x00\x0a\x00" + NULS,
    "fusion.f3d": ZIP,
    "devis.pdf": PDF,
    "ecran.png": PNG,
    "photo.jpg": JPEG,
    "photo.jpeg": JPEG,
    "anim.gif": b"GIF89a\x01\x00\x01\x00" + NULS,
    "photo.webp": b"RIFF\x24\x00\x00\x00WEBPVP8 " + NULS,
    "capture.bmp": b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36" + NULS,
    "scan.tiff": b"II*\x00\x08\x00\x00\x00" + NULS,
    "note.docx": archive("word/document.xml"),
    "liste.xlsx": archive("xl/workbook.xml"),
    "ancien.doc": OLE,
    "mail.msg": OLE,
    "mail.eml": b"Received: from a\r\nFrom: a@b.test\r\nSubject: essai\r\n\r\nBonjour\r\n",
    "journal.log": "Démarrage à 9 h\r\nÉchec du chargement\r\n".encode(),
    "journal-windows.txt": "Échec à l’ouverture du modèle".encode("cp1252") + b" de calcul" * 20,
    "journal-utf16.txt": b"\xff\xfe" + "Démarrage".encode("utf-16-le"),
    "BMW.txt": b"BM est aussi une signature d'image",
    "donnees.csv": b"nom;valeur\r\na;1\r\n",
    "reglages.xml": b"<?xml version='1.0'?><reglages><a/></reglages>",
    "profil.json": b'{"a": 1}',
    "acad.ini": b"[General]\r\nA=1\r\n",
    "lot.zip": ZIP,
    "lot.7z": b"7z\xbc\xaf\x27\x1c\x00\x04" + NULS,
    "lot.rar": b"Rar!\x1a\x07\x01\x00" + NULS,
    "lot.tar.gz": b"\x1f\x8b\x08\x00" + NULS,
    "crash.dmp": b"MDMP\x93\xa7" + NULS,
    "rapport.v2.final.pdf": PDF,
    "facture.exe.pdf": PDF,
}

REFUSED: dict[str, bytes] = {
    "setup.exe": EXE,
    "setup.pdf": EXE,
    "setup.dmp": EXE,
    "setup.txt": EXE,
    "plan.pdf.exe": PDF,
    "plan.dwg.scr": b"AC1032" + NULS,
    "biblio.dll": EXE,
    "installeur.msi": OLE,
    "raccourci.lnk": b"L\x00\x00\x00\x01\x14\x02\x00" + NULS,
    "raccourci.dmp": b"L\x00\x00\x00\x01\x14\x02\x00" + NULS,
    "programme.log": b"\x7fELF\x02\x01\x01" + NULS,
    "script.txt": b"#!/bin/sh\nrm -rf /\n",
    "script.sh": b"echo bonjour\n",
    "script.bat": b"@echo off\r\n",
    "script.ps1": b"Get-Item .\r\n",
    "macro.lsp": b"(defun c:x ())",
    "code.js": b"alert(1)",
    "page.html": b"<!doctype html><p>bonjour",
    "page.txt": b"<!DOCTYPE html><script>alert(1)</script>",
    "page.log": b"\xef\xbb\xbf \r\n<html><body>",
    "page-commentee.txt": b"<!-- a --><!-- b --><html>",
    "page-utf16.txt": b"\xff\xfe" + "<html><script>".encode("utf-16-le"),
    "dessin.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "dessin.xml": b"<?xml version='1.0'?>\n<svg onload='alert(1)'/>",
    "page.xml": b"<?xml version='1.0'?><?xml-stylesheet href='a'?><html/>",
    "classe.dump": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + NULS,
    "module.dmp": b"\x00asm\x01\x00\x00\x00" + NULS,
    "aide.max": b"ITSF\x03\x00" + NULS,
    "faux.pdf": PNG,
    "faux.png": PDF,
    "faux.jpg": b"GIF89a" + NULS,
    "faux.docx": OLE,
    "faux.zip": PDF,
    "faux.dwg": PDF,
    "faux.rvt": PNG,
    "faux.txt": bytes(range(256)) * 8,
    "classeur.xlsm": archive("xl/vbaProject.bin"),
    "sans-extension": PDF,
    ".pdf": PDF,
    "double.": PDF,
}
