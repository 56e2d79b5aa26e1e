"""Ports of the loopback: nothing here listens anywhere else."""

import socket

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port that nobody uses now. Another program may take it first: callers try again."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def listen_from(first: int, *, attempts: int = 100) -> socket.socket:
    """Listen on `first` or the next free port, and keep it.

    The socket is handed to the server process: two launchers that start together can never
    announce the same port. Port 0 means any.

    Raises OSError when none of the `attempts` ports is free.
    """
    for port in range(first, first + attempts):
        listener = socket.socket()
        # Without it a port stays closed for a minute after each stop (TIME_WAIT).
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
            listener.listen(128)
        except OSError:
            listener.close()
        else:
            return listener
    raise OSError(f"no free port between {first} and {first + attempts - 1}")
