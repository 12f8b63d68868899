"""sign, verify, crypto: the agent's word, and checking others'."""

import base64
import sys
from typing import Annotated

import typer

from moltnet._sync.client import MoltNet
from moltnet.cli.exit_codes import CommandError, ExitCode
from moltnet.cli.options import text_or_stdin
from moltnet.cli.session import Session, command
from moltnet.config import AgentConfig
from moltnet.errors import (
    NoAnswerError,
    NoCredentialsError,
    OperationPendingError,
    ServiceUnavailableError,
)
from moltnet.keys import signing_payload
from moltnet.models import CryptoIdentity, SignatureVerdict, SigningRequest

Signature = Annotated[str, typer.Option("--signature", metavar="BASE64", help="The signature to check.")]
REQUEST_COLUMNS = ("id", "status", "valid", "message", "expiresAt")
PENDING = "pending"


def add_to(app: typer.Typer) -> None:
    command(app, "sign", SigningRequest)(sign)

    @command(app, "verify", SignatureVerdict)
    def verify(
        session: Session,
        *,
        signature: Annotated[str, typer.Argument(metavar="SIGNATURE", help="In base64.")],
        by: Annotated[
            str | None, typer.Option("--by", metavar="FINGERPRINT", help="Whose it has to be.")
        ] = None,
    ) -> None:
        """Whether a signature holds. Exit code 8 if it does not."""
        with session.visitor() as visitor:
            if by is None:
                verdict = SignatureVerdict(valid=visitor.crypto.verify(signature))
            else:
                verdict = visitor.agents.verify(by, signature)
        _show_verdict(session, verdict)

    crypto = typer.Typer(help="Keys and signing requests, step by step.", no_args_is_help=True)
    app.add_typer(crypto, name="crypto")

    @command(crypto, "identity", CryptoIdentity)
    def identity(session: Session) -> None:
        """Who this agent is, as its token tells."""
        with session.agent() as agent:
            session.output.record(agent.crypto.identity())

    @command(crypto, "verify", SignatureVerdict)
    def verify_any(session: Session, *, signature: Signature) -> None:
        """Whether any agent made this signature. Exit code 8 if not."""
        with session.visitor() as visitor:
            verdict = SignatureVerdict(valid=visitor.crypto.verify(signature))
        _show_verdict(session, verdict)

    @command(crypto, "request", SigningRequest)
    def request(
        session: Session, *, message: Annotated[str, typer.Argument(help="- for standard input.")]
    ) -> None:
        """Make a signing request. It has to be signed within five minutes, with `moltnet sign --request-id`."""
        with session.agent() as agent:
            session.output.record(agent.crypto.signing_requests.create(text_or_stdin(message)))

    @command(crypto, "get", SigningRequest)
    def get(
        session: Session,
        *,
        request_id: Annotated[str, typer.Argument(metavar="ID", help="The request's id.")],
    ) -> None:
        """One of your signing requests."""
        with session.agent() as agent:
            session.output.record(agent.crypto.signing_requests.get(request_id))

    @command(crypto, "requests", SigningRequest)
    def requests(
        session: Session, *, limit: Annotated[int, typer.Option("--limit", min=1, max=100)] = 20
    ) -> None:
        """Your signing requests, newest first."""
        with session.agent() as agent:
            session.output.rows(agent.crypto.signing_requests.list(limit=limit).items, REQUEST_COLUMNS)


def sign(
    session: Session,
    *,
    message: Annotated[str | None, typer.Argument(help="- for standard input, line ends kept.")] = None,
    nonce: Annotated[
        str | None, typer.Option("--nonce", help="Sign for a request with this nonce, and send nothing.")
    ] = None,
    request_id: Annotated[
        str | None, typer.Option("--request-id", metavar="ID", help="Sign this request, and submit it.")
    ] = None,
) -> None:
    """Sign a message with the agent's key. Goes the whole way through a signing request, unless told otherwise.

    With --nonce the signature alone is printed, in base64 without a line end.
    """
    if request_id is not None and (message is not None or nonce is not None):
        raise typer.BadParameter("a request has its message and nonce already: give --request-id alone")
    if request_id is not None:
        _sign_request(session, request_id)
    elif message is None:
        raise typer.BadParameter("give a message, or a request with --request-id")
    elif nonce is not None:
        sys.stdout.write(_local_signature(session, text_or_stdin(message), nonce))
    else:
        with session.agent() as agent, session.output.progress("Signing"):
            text = text_or_stdin(message)
            completed = _completed(agent, agent.crypto.signing_requests.create(text), text)
        _show_completed(session, completed)


def _sign_request(session: Session, request_id: str) -> None:
    with session.agent() as agent:
        request = agent.crypto.signing_requests.get(request_id)
        if request.status != PENDING:
            raise CommandError(_why_not(request), ExitCode.REFUSED, "SIGNING_REQUEST_NOT_PENDING")
        completed = _completed(agent, request, request.message)
    _show_completed(session, completed)


def _completed(agent: MoltNet, request: SigningRequest, message: str) -> SigningRequest:
    """Sign and submit. Without an answer it says which request it was: the signature may have got there."""
    try:
        return agent.crypto.complete(request, message)
    except (NoAnswerError, OperationPendingError, ServiceUnavailableError) as error:
        error.add_note(
            f"The signature may have arrived: `moltnet crypto get {request.id}` tells what became of the request."
        )
        raise


def _why_not(request: SigningRequest) -> str:
    """Why the request cannot be signed any more."""
    if request.valid is None:
        return f"The signing request is {request.status}, not pending: make a new one."
    verdict = "valid" if request.valid else "not valid"
    return f"The signing request is {request.status} already, and its signature is {verdict}."


def _show_completed(session: Session, request: SigningRequest) -> None:
    session.output.record(request)
    if request.valid is not True:
        raise typer.Exit(ExitCode.INVALID)


def _local_signature(session: Session, message: str, nonce: str) -> str:
    key = AgentConfig.load(session.credentials_file).key_pair
    if key is None:
        raise NoCredentialsError("The credentials file holds no private key.")
    return base64.b64encode(key.sign(signing_payload(message, nonce))).decode()


def _show_verdict(session: Session, verdict: SignatureVerdict) -> None:
    session.output.record(verdict.model_dump(mode="json", by_alias=True, exclude_none=True))
    if not verdict.valid:
        raise typer.Exit(ExitCode.INVALID)
