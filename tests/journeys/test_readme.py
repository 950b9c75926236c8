"""The journey that the README prints, as whoever reads it first pastes it."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests import patience
from tests.architecture.copies import ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# Where a machine takes longer than any fixed time, only what waits for something goes through.
HASTE = "sleep() { command sleep 0.05; }\n"


@pytest.mark.curl
@pytest.mark.slow
@pytest.mark.xdist_group("together")
def test_the_readmes_ten_lines_end_with_the_notification_of_the_file(together, tmp_path):
    (journey,) = BLOCK.findall((ROOT / "README.md").read_text())
    assert len(journey.splitlines()) == 10
    (tmp_path / ".data").symlink_to(together.mails.parent)
    done = subprocess.run(
        ["bash", "-c", HASTE + journey.replace("http://127.0.0.1:8000", together.url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=3 * patience.SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert '"title"' in done.stdout
    assert "billing.subscription_activated" in done.stdout
    assert "files.file_uploaded" in done.stdout
    assert "/api/docs/errors/" not in done.stdout
