"""The permission model, evaluated over tuples in memory."""

from collections.abc import Collection

import pytest

from local.ory.permissions import Permissions, UndeclaredRelationError, UnknownNamespaceError
from local.ory.relations import RelationTuple, Subject, SubjectId, SubjectSet

ADA = SubjectSet("Agent", "ada", "")
BOB = SubjectSet("Agent", "bob", "")
DIARY = SubjectSet("Diary", "d", "")


class Tuples:
    """The stored tuples of one test, counting how often they are asked."""

    def __init__(self, *stored: RelationTuple) -> None:
        self.stored = list(stored)
        self.queries = 0

    async def find(
        self, namespace: str, object_: str, relations: Collection[str], subject: Subject
    ) -> Collection[Subject]:
        self.queries += 1
        subjects = [
            held.subject
            for held in self.stored
            if (held.namespace, held.object) == (namespace, object_) and held.relation in relations
        ]
        return [
            held for held in subjects if held == subject or (isinstance(held, SubjectSet) and held.relation)
        ]

    async def subject_sets(self, namespace: str, object_: str, relation: str) -> Collection[SubjectSet]:
        self.queries += 1
        place = (namespace, object_, relation)
        return [
            held.subject
            for held in self.stored
            if (held.namespace, held.object, held.relation) == place and isinstance(held.subject, SubjectSet)
        ]


def _is_expandable(subject: Subject) -> bool:
    return isinstance(subject, SubjectSet) and subject.relation != ""


def diary(relation: str, subject: Subject = ADA, name: str = "d") -> RelationTuple:
    return RelationTuple("Diary", name, relation, subject)


def entry(relation: str, subject: Subject = ADA) -> RelationTuple:
    return RelationTuple("DiaryEntry", "e", relation, subject)


@pytest.fixture(params=[False, True], ids=["lenient", "strict"])
def strict(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize(
    ("relation", "permits"),
    [
        ("owner", {"manage", "write", "read"}),
        ("writers", {"write", "read"}),
        ("readers", {"read"}),
    ],
)
@pytest.mark.parametrize("subject", [ADA, SubjectId("ada")], ids=["set", "id"])
async def test_what_each_diary_relation_permits(
    relation: str, permits: set[str], subject: Subject, strict: bool
) -> None:
    tuples = Tuples(diary(relation, subject))
    permissions = Permissions(tuples, strict=strict)
    allowed = {
        permit for permit in ("manage", "write", "read") if await permissions.allows(diary(permit, subject))
    }
    assert allowed == permits
    assert await permissions.allows(diary(relation, subject))
    assert tuples.queries == 4


@pytest.mark.parametrize(
    ("relation", "permits"),
    [
        ("owner", {"view", "edit", "delete"}),
        ("writers", {"view", "edit", "delete"}),
        ("readers", {"view"}),
    ],
)
async def test_an_entry_is_as_its_diary(relation: str, permits: set[str], strict: bool) -> None:
    permissions = Permissions(Tuples(diary(relation), entry("parent", DIARY)), strict=strict)
    allowed = {permit for permit in ("view", "edit", "delete") if await permissions.allows(entry(permit))}
    assert allowed == permits


async def test_an_agent_acts_as_itself_only(strict: bool) -> None:
    own = RelationTuple("Agent", "ada", "self", ADA)
    permissions = Permissions(Tuples(own), strict=strict)
    assert await permissions.allows(RelationTuple("Agent", "ada", "act_as", ADA))
    assert not await permissions.allows(RelationTuple("Agent", "ada", "act_as", BOB))


async def test_the_two_kinds_of_subject_never_meet(strict: bool) -> None:
    as_set = Permissions(Tuples(diary("owner", ADA)), strict=strict)
    as_id = Permissions(Tuples(diary("owner", SubjectId("ada"))), strict=strict)
    assert not await as_set.allows(diary("read", SubjectId("ada")))
    assert not await as_id.allows(diary("read", ADA))


async def test_a_parent_known_by_id_is_no_parent(strict: bool) -> None:
    permissions = Permissions(Tuples(diary("owner"), entry("parent", SubjectId("d"))), strict=strict)
    assert not await permissions.allows(entry("view"))


async def test_the_relation_of_a_parents_set_does_not_matter(strict: bool) -> None:
    parent = SubjectSet("Diary", "d", "readers")
    permissions = Permissions(Tuples(diary("owner"), entry("parent", parent)), strict=strict)
    assert await permissions.allows(entry("edit"))


async def test_strict_mode_ignores_tuples_on_permits() -> None:
    tuples = Tuples(diary("read"), entry("view"))
    lenient, strict = Permissions(tuples, strict=False), Permissions(tuples, strict=True)
    assert await lenient.allows(diary("read"))
    assert await lenient.allows(entry("view"))
    assert not await strict.allows(diary("read"))
    assert not await strict.allows(entry("view"))


async def test_only_lenient_mode_expands_subject_sets() -> None:
    shared = diary("readers", SubjectSet("Diary", "other", "friends"))
    tuples = Tuples(shared, diary("friends", ADA, "other"))
    assert await Permissions(tuples, strict=False).allows(diary("read"))
    assert not await Permissions(tuples, strict=True).allows(diary("read"))


async def test_sets_that_contain_each_other_end() -> None:
    tuples = Tuples(
        diary("readers", SubjectSet("Diary", "other", "readers")),
        diary("readers", SubjectSet("Diary", "d", "readers"), "other"),
    )
    assert not await Permissions(tuples, strict=False).allows(diary("read"))


async def test_the_search_ends_at_its_depth() -> None:
    chain = [diary("readers", SubjectSet("Diary", str(n + 1), "readers"), str(n)) for n in range(6)]
    tuples = Tuples(*chain, diary("readers", ADA, "6"))
    permissions = Permissions(tuples, strict=False)
    assert await permissions.allows(diary("readers", ADA, "2"))
    assert not await permissions.allows(diary("readers", ADA, "2"), max_depth=4)
    assert not await permissions.allows(diary("readers", ADA, "0"), max_depth=100)


async def test_what_the_model_does_not_know_is_refused(strict: bool) -> None:
    permissions = Permissions(Tuples(), strict=strict)
    with pytest.raises(UndeclaredRelationError, match='relation "admire" does not exist'):
        await permissions.allows(diary("admire"))
    with pytest.raises(UnknownNamespaceError, match='Unknown namespace with name "Blog"'):
        await permissions.allows(RelationTuple("Blog", "b", "read", ADA))
    with pytest.raises(UnknownNamespaceError, match='Unknown namespace with name "Team"'):
        await permissions.allows(diary("read", SubjectSet("Team", "t", "")))
