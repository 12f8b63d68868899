"""Diary ids that passed a permission check. Only `services.diary.access` makes them; stores take only them."""

from typing import NewType
from uuid import UUID

ReadableDiaryId = NewType("ReadableDiaryId", UUID)
WritableDiaryId = NewType("WritableDiaryId", UUID)
ManagedDiaryId = NewType("ManagedDiaryId", UUID)
OwnedDiaryId = NewType("OwnedDiaryId", UUID)
