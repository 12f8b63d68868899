"""Who exists where: an agent is one only when every part of it is there."""

from collections import Counter
from dataclasses import dataclass

from .ory_state import client_owners, identities, tuple_objects
from .world import World


@dataclass(frozen=True)
class Census:
    """The identity ids found in each place, an id as often as it is there; and ownerless diaries."""

    identities: Counter[str]
    keys: Counter[str]
    self_tuples: Counter[str]
    private_diaries: Counter[str]
    clients: Counter[str]
    diaries_without_owner_tuple: frozenset[str]
    owner_tuples_without_diary: frozenset[str]

    @classmethod
    async def take(cls, world: World) -> "Census":
        keys = await world.rows("SELECT identity_id::text AS id FROM agent_keys")
        diaries = await world.rows("SELECT id::text, owner_id::text AS owner, name FROM diaries")
        owners = await tuple_objects(world.ory, "Diary", "owner")
        owned = {diary["id"] for diary in diaries if owners.get(diary["id"]) == {diary["owner"]}}
        return cls(
            identities=Counter(list(await identities(world.ory))),
            keys=Counter(row["id"] for row in keys),
            self_tuples=Counter(list(await tuple_objects(world.ory, "Agent", "self"))),
            private_diaries=Counter(one["owner"] for one in diaries if one["name"] == "Private"),
            clients=Counter(await client_owners(world.ory)),
            diaries_without_owner_tuple=frozenset({diary["id"] for diary in diaries} - owned),
            owner_tuples_without_diary=frozenset(owners.keys() - {diary["id"] for diary in diaries}),
        )

    @property
    def flaws(self) -> dict[str, object]:
        """Where an agent is lacking or is there more often than once. Empty: everyone is whole."""
        places = {
            "keys": self.keys,
            "self tuples": self.self_tuples,
            "private diaries": self.private_diaries,
            "clients": self.clients,
        }
        found: dict[str, object] = {
            name: (self.identities - there, there - self.identities)
            for name, there in places.items()
            if there != self.identities
        }
        if self.diaries_without_owner_tuple:
            found["diaries without owner tuple"] = self.diaries_without_owner_tuple
        if self.owner_tuples_without_diary:
            found["owner tuples without diary"] = self.owner_tuples_without_diary
        return found
