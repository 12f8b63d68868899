"""Into clean servers: identities, then OAuth2 clients, then tuples. Repeatable: what is there already stays."""

from pathlib import Path
from typing import Any

from operations.ory_backup.folder import CLIENTS, IDENTITIES, TUPLES, read_json, write_json
from operations.ory_backup.settings import DataSettings
from operations.servers import Server

BATCH = 100
IDS = "identity-ids.json"


def restore(folder: Path, settings: DataSettings) -> dict[str, int]:
    """How many of each were made. `identity-ids.json` says which id each identity has now."""
    key = settings.api_key.get_secret_value() if settings.api_key else None
    with (
        Server(settings.kratos_admin, key) as kratos,
        Server(settings.hydra_admin, key) as hydra,
        Server(settings.keto_read, key) as reading,
        Server(settings.keto_write, key) as writing,
    ):
        return {
            "identities": _identities(folder, kratos),
            "oauth2Clients": _clients(folder, hydra),
            "relationshipTuples": _tuples(folder, reading, writing),
        }


def _identities(folder: Path, kratos: Server) -> int:
    file = folder / IDS
    ids: dict[str, str] = read_json(file) if file.exists() else {}
    made = 0
    for identity in read_json(folder / IDENTITIES):
        answer = kratos.send("POST", "/admin/identities", identity)
        if answer is not None:
            ids[identity["external_id"]] = answer["id"]
            made += 1
            write_json(file, ids)
    return made


def _clients(folder: Path, hydra: Server) -> int:
    answers = [hydra.send("POST", "/admin/clients", client) for client in read_json(folder / CLIENTS)]
    return sum(answer is not None for answer in answers)


def _tuples(folder: Path, reading: Server, writing: Server) -> int:
    """Keto keeps a second copy of a tuple that is written twice, so the present ones are left out."""
    present = {_spelled(each) for page in reading.tuple_pages(BATCH) for each in page["relation_tuples"]}
    missing = {_spelled(each): each for each in read_json(folder / TUPLES)}
    wanted = [each for spelling, each in missing.items() if spelling not in present]
    for each in wanted:
        writing.send("PUT", "/admin/relation-tuples", each)
    return len(wanted)


def _spelled(relation_tuple: dict[str, Any]) -> str:
    subject = relation_tuple.get("subject_set") or {"id": relation_tuple.get("subject_id")}
    named = [relation_tuple[name] for name in ("namespace", "object", "relation")]
    return " ".join([*named, *(f"{name}={subject[name]}" for name in sorted(subject))])
