"""PostgreSQL refuses to run as root, so started by root the embedded servers get their own user."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

SYSTEM_USER = "tenon"


class EmbeddedServersUnavailable(RuntimeError):
    """The machine does not let the embedded servers run; the message says what to do."""


def ending_with_parent(command: list[str], *, signal: str = "TERM") -> list[str]:
    """Return `command`, made to receive `signal` when its parent dies (where the kernel can)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, f"--pdeathsig={signal}", *command] if setpriv else command


def as_server_user(command: list[str], *, reaching: Path) -> list[str]:
    """Return `command`, made to run as the servers' user where this process is root.

    Where root's own files are on the way (a clone under /root), the servers get the capability to
    pass directories instead of other people's permissions being widened.
    """
    if os.geteuid() != 0:
        return command
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise EmbeddedServersUnavailable("as root, install util-linux (setpriv), or be a user")
    user = _server_user()
    options = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    if _closed_to_others(Path(command[0])) or _closed_to_others(reaching):
        options += [f"--{kind}-caps=-all,+dac_read_search" for kind in ("inh", "ambient")]
    return [setpriv, *options, *command]


def give_to_servers(path: Path) -> None:
    """Make the servers' user the owner of `path`, where this process is root."""
    if os.geteuid() == 0:
        user = _server_user()
        os.chown(path, user.pw_uid, user.pw_gid)


def _server_user() -> pwd.struct_passwd:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    with contextlib.suppress(FileNotFoundError):
        subprocess.run([*command, SYSTEM_USER], capture_output=True, check=False)
    for _ in range(50):  # another instance may be adding it at this moment
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        time.sleep(0.1)
    raise EmbeddedServersUnavailable(
        f"PostgreSQL does not run as root, and a system user could not be added: {SYSTEM_USER}"
    )


def _closed_to_others(path: Path) -> bool:
    parents = Path(path).resolve().parents
    return any(parent.exists() and not parent.stat().st_mode & 0o001 for parent in parents)
