"""`python3 deploy/fill_env.py > .env`: env.example with a fresh secret for every CHANGE_ME. Needs only Python."""

import base64
import re
import secrets
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parent.parent / "env.example"
PLACEHOLDER = re.compile(r"(?<==)CHANGE_ME(_FERNET)?$", re.MULTILINE)


def filled(text: str) -> str:
    return PLACEHOLDER.sub(lambda match: _fernet_key() if match[1] else secrets.token_hex(16), text)


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


if __name__ == "__main__":
    sys.stdout.write(filled(EXAMPLE.read_text()))
