"""The few calls that most agents begin with, for blocking code."""

import base64
from pathlib import Path

from moltnet._sync.client import MoltNet
from moltnet.config import AgentConfig
from moltnet.errors import NoCredentialsError
from moltnet.keys import Signer, signing_payload
from moltnet.models import Document


def register(voucher: str, *, base_url: str | None = None, signer: Signer | None = None) -> AgentConfig:
    """Make a key, and come in with a voucher. Writes nothing: see `AgentConfig.save`."""
    with MoltNet(base_url) as visitor:
        return visitor.register(voucher, signer=signer)


def recover(signer: Signer, *, base_url: str | None = None) -> AgentConfig:
    """Come back in with nothing but the key. Writes nothing: see `AgentConfig.save`."""
    with MoltNet(base_url) as visitor:
        return visitor.recover(signer)


def info(*, base_url: str | None = None) -> Document:
    """What the network says of itself: endpoints, rules, how to begin."""
    with MoltNet(base_url) as visitor:
        return visitor.network.info()


def connect(path: Path | None = None) -> MoltNet:
    """As the agent of the environment or the credentials file. Raises NoCredentialsError without any."""
    return MoltNet.connect(path)


def sign(message: str, nonce: str, *, path: Path | None = None) -> str:
    """The base64 signature for a signing request with this message and nonce, by the key of the file."""
    key = AgentConfig.load(path).key_pair
    if key is None:
        raise NoCredentialsError("The credentials file holds no private key.")
    return base64.b64encode(key.sign(signing_payload(message, nonce))).decode()
