"""Nothing that arrived is lost: cut lines, restarted browsers, killed servers, full disks (C5, C8).

The client is tuspy, which nobody here wrote; what no good client does is done by hand.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import resource
import socket

import pytest
import requests
from tusclient.exceptions import TusUploadFailed

from files.enums import FileState
from tests.factories.accounts import make_user
from tests.files.live import Live, file_at, metadata, until, until_available

MEGABYTE = 1024**2
CONTENT = b"%PDF-1.7\n" + random.Random(14).randbytes(3 * MEGABYTE)
SUM = hashlib.sha256(CONTENT).hexdigest()


def answer_of(link: socket.socket) -> bytes:
    """The status line and what follows."""
    return link.recv(4096)


def test_an_unknown_client_stops_and_a_new_one_goes_on(live: Live) -> None:
    """tuspy sends a part and ends; another one, which knows the address only, sends the rest."""
    person = make_user()
    first = live.tus(person).uploader(
        file_stream=io.BytesIO(CONTENT), chunk_size=MEGABYTE, metadata=metadata("plan.pdf")
    )
    first.upload(stop_at=2 * MEGABYTE)
    address = str(first.url)
    second = live.go_on(person, address, CONTENT)
    assert second.offset == 2 * MEGABYTE
    second.upload()
    file = until_available(address)
    assert (file.sha256, (live.stored / file.key).read_bytes()) == (SUM, CONTENT)
    assert live.spooled(address) == 0


def test_a_file_in_one_request_is_the_same_file(live: Live) -> None:
    uploader = live.tus(make_user()).uploader(
        file_stream=io.BytesIO(CONTENT), metadata=metadata("plan.pdf")
    )
    uploader.upload()
    assert until_available(str(uploader.url)).sha256 == SUM


def test_c5_a_connection_cut_in_mid_request_keeps_what_came(live: Live) -> None:
    person = make_user()
    address = live.begin(person, len(CONTENT))
    with live.begin_patch(person, address, 0, len(CONTENT)) as link:
        link.sendall(CONTENT[:MEGABYTE])
    until(lambda: live.spooled(address) == MEGABYTE)
    resumed = live.go_on(person, address, CONTENT)
    assert resumed.offset == MEGABYTE
    resumed.upload()
    assert until_available(address).sha256 == SUM


def test_c8_a_server_killed_in_mid_upload_loses_one_chunk_at_most(live: Live) -> None:
    person = make_user()
    address = live.begin(person, len(CONTENT))
    with live.begin_patch(person, address, 0, len(CONTENT)) as link:
        link.sendall(CONTENT[: 2 * MEGABYTE + 77])
        until(lambda: live.spooled(address) >= 2 * MEGABYTE)
        live.kill()
    live.restart()
    resumed = live.go_on(person, address, CONTENT)
    assert 2 * MEGABYTE <= resumed.offset <= 2 * MEGABYTE + 77
    resumed.upload()
    assert until_available(address).sha256 == SUM


def test_a_file_that_became_whole_as_the_server_was_killed_is_checked(live: Live) -> None:
    person = make_user()
    address = live.begin(person, len(CONTENT))
    live.spool.mkdir(exist_ok=True)
    (live.spool / str(file_at(address).pk)).write_bytes(CONTENT)
    resumed = live.go_on(person, address, CONTENT)
    assert resumed.offset == len(CONTENT)
    assert until_available(address).sha256 == SUM


def test_two_requests_at_once_one_is_told_to_wait(live: Live) -> None:
    person = make_user()
    address = live.begin(person, len(CONTENT))
    with live.begin_patch(person, address, 0, len(CONTENT)) as link:
        link.sendall(CONTENT[:MEGABYTE])
        until(lambda: live.spooled(address) == MEGABYTE)
        with pytest.raises(TusUploadFailed) as refused:
            live.go_on(person, address, CONTENT).upload()
        assert refused.value.status_code == 423
        link.sendall(CONTENT[MEGABYTE:])
        assert b" 204 " in answer_of(link)
    assert until_available(address).sha256 == SUM


def test_c5_the_server_answers_others_while_lines_are_slow(live: Live) -> None:
    """Each slow body holds one thread of the six; a page is still served."""
    person = make_user()
    links = []
    for number in range(4):
        address = live.begin(person, len(CONTENT), f"plan-{number}.pdf")
        links.append(live.begin_patch(person, address, 0, len(CONTENT)))
        links[-1].sendall(CONTENT[:10])
    assert requests.get(f"{live.stack.address}/sante/", timeout=10).status_code == 200
    for link in links:
        link.close()


def test_c5_a_body_of_unknown_length_is_not_read(live: Live) -> None:
    person = make_user()
    address = live.begin(person, len(CONTENT))
    headers = {
        **live.headers_of(person), "Tus-Resumable": "1.0.0", "Upload-Offset": "0",
        "Content-Type": "application/offset+octet-stream",
    }  # fmt: skip
    answer = requests.patch(address, data=iter([CONTENT]), headers=headers, timeout=30)
    assert (answer.status_code, live.spooled(address)) == (400, 0)


def test_c8_a_full_disk_says_so_and_the_rest_goes_on_when_there_is_room(live: Live) -> None:
    """The limit of a process on file sizes stands for the disk: no privilege is needed for it."""
    person = make_user()
    uploader = live.tus(person).uploader(
        file_stream=io.BytesIO(CONTENT), metadata=metadata("plan.pdf")
    )
    (worker,) = live.workers()
    _soft, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (MEGABYTE, hard))
    try:
        with pytest.raises(TusUploadFailed) as refused:
            uploader.upload()
    finally:
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (hard, hard))
    assert refused.value.status_code == 507
    assert "place" in refused.value.response_content.decode()
    address = str(uploader.url)
    resumed = live.go_on(person, address, CONTENT)
    assert resumed.offset == MEGABYTE
    resumed.upload()
    assert until_available(address).sha256 == SUM


def test_c3_a_program_is_refused_as_soon_as_its_first_bytes_are_here(live: Live) -> None:
    person = make_user()
    program = b"MZ\x90\x00" + os.urandom(MEGABYTE)
    uploader = live.tus(person).uploader(
        file_stream=io.BytesIO(program), chunk_size=64 * 1024, metadata=metadata("setup.pdf")
    )
    with pytest.raises(TusUploadFailed) as refused:
        uploader.upload()
    assert (refused.value.status_code, uploader.offset) == (422, 0)
    assert "programme" in refused.value.response_content.decode()
    address = str(uploader.url)
    assert (file_at(address).state, live.spooled(address)) == (FileState.REFUSED, 0)


def test_a_browser_without_patch_says_it_in_a_header(live: Live) -> None:
    person = make_user()
    answer = requests.post(
        live.begin(person, len(CONTENT)), data=CONTENT[:100], timeout=30,
        headers={
            **live.headers_of(person), "Tus-Resumable": "1.0.0", "Upload-Offset": "0",
            "X-HTTP-Method-Override": "PATCH",
            "Content-Type": "application/offset+octet-stream",
        },
    )  # fmt: skip
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, "100")
