"""The bus comes back with nothing on its disk."""

import asyncio
import shutil

from .world import ROUNDTRIP, World


async def test_service_resumes_when_the_bus_lost_its_files(world: World) -> None:
    await world.take_away("nats")
    await asyncio.to_thread(shutil.rmtree, world.stack.config.data_dir / "nats")
    await world.stack.start_part("nats")
    await world.stack.ready()
    assert await world.roundtrip() == ROUNDTRIP
