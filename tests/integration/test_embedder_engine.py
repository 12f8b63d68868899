"""The embedder with the real model."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from services.embedder.config import EmbedderConfig
from services.embedder.engine import Embedding, Engine, Passage
from services.embedder.errors import EmbedderBusyError, EmbedderClosedError, ModelFilesError
from services.embedder.files import locate
from services.embedder.models import DIMENSIONS, MINILM, TOKENIZER_FILE, WEIGHTS_FILE

SHORT = [
    "The cat sleeps on the warm windowsill.",
    "Kubernetes evicted the pod because the node ran out of disk space.",
    "Grandma's apple pie needs a pinch of cinnamon.",
    "TypeError: 'NoneType' object is not subscriptable in parse_header",
    "ok",
    "¿Dónde está la biblioteca?",
    "7 8 9 10 11 12 13 14",
    "The treaty was signed in 1648 and ended thirty years of war.",
    "Remember: Ana prefers tea, and the meeting moved to Thursday at 15:30.",
    "Photosynthesis turns light, water and carbon dioxide into sugar.",
    "curl -sSf https://example.org/install.sh | sh",
    "She whispered that the lighthouse had been dark for a century.",
]
MIXED = [*SHORT, *(" ".join(SHORT[start : start + 5]) for start in range(0, 8, 2)), " ".join(SHORT)]
RAIN = "It rained on the hills, and the river carried leaves and branches down to the mill. "


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest_asyncio.fixture(scope="module")
async def engine(cache_dir: Path) -> AsyncIterator[Engine]:
    engine = await Engine.load(EmbedderConfig(cache_dir))
    yield engine
    await engine.close()


@pytest_asyncio.fixture(scope="module")
async def exact(cache_dir: Path) -> AsyncIterator[Engine]:
    engine = await Engine.load(EmbedderConfig(cache_dir, precision="fp32"))
    yield engine
    await engine.close()


def _cosine(left: Embedding, right: Embedding) -> float:
    return float(left.vector @ right.vector)


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def _embed(engine: Engine, *texts: str) -> list[Embedding]:
    return await engine.embed_passages([Passage(text) for text in texts])


async def test_vectors_have_unit_length_and_say_whose_they_are(engine: Engine, exact: Engine) -> None:
    query = await engine.embed_query(SHORT[0])
    assert query.vector.shape == (DIMENSIONS,)
    assert query.vector.dtype == np.float32
    assert np.linalg.norm(query.vector) == pytest.approx(1, abs=1e-5)
    assert (query.chunks, query.truncated) == (1, False)
    assert engine.model_id == "all-MiniLM-L6-v2@1110a24+int8"
    assert exact.model_id == "all-MiniLM-L6-v2@1110a24+fp32"


async def test_neighbours_and_padding_do_not_change_a_vector(engine: Engine, exact: Engine) -> None:
    for model in (engine, exact):
        together = await _embed(model, *MIXED)
        alone = [(await _embed(model, text))[0] for text in MIXED]
        assert min(map(_cosine, together, alone)) > 0.9999


async def test_eight_bits_stay_close_to_the_exact_model(engine: Engine, exact: Engine) -> None:
    similarities = list(map(_cosine, await _embed(engine, *MIXED), await _embed(exact, *MIXED)))
    assert np.mean(similarities) > 0.997
    assert min(similarities) > 0.985  # 0.990 with seven-bit weights, on processors without VNNI


async def test_a_paraphrase_is_nearer_than_the_unrelated(engine: Engine) -> None:
    query = await engine.embed_query("Why was my container removed from the machine?")
    similarities = [_cosine(query, passage) for passage in await _embed(engine, *SHORT)]
    assert int(np.argmax(similarities)) == 1
    assert similarities[1] > engine.min_similarity
    assert float(np.median(similarities)) < engine.min_similarity


async def test_a_long_text_keeps_its_tags(engine: Engine) -> None:
    tags = "tag:astronomy\ntag:telescope"
    text = f"{RAIN * 60}\n{tags}"
    plain, tagged = await engine.embed_passages([Passage(text), Passage(text, context=tags)])
    query = await engine.embed_query("astronomy with a telescope")
    assert tagged.chunks > 5
    assert not tagged.truncated
    assert np.linalg.norm(tagged.vector) == pytest.approx(1, abs=1e-5)
    assert _cosine(query, tagged) > engine.min_similarity > _cosine(query, plain)


async def test_a_long_text_is_about_all_of_it(engine: Engine) -> None:
    violin = "The violinist tuned her instrument before the concert began. "
    beginning, whole = await _embed(engine, RAIN * 16, RAIN * 16 + violin * 16)
    assert whole.chunks > beginning.chunks > 1
    query = await engine.embed_query("a violin concert")
    assert _cosine(query, whole) > _cosine(query, beginning) + 0.2
    assert _cosine(await engine.embed_query("a river in the rain"), whole) > engine.min_similarity


async def test_what_does_not_fit_is_left_out_and_reported(cache_dir: Path) -> None:
    engine = await Engine.load(EmbedderConfig(cache_dir, max_chunks=2))
    (passage,) = await _embed(engine, RAIN * 100)
    query = await engine.embed_query(RAIN * 100)
    assert (passage.chunks, passage.truncated) == (2, True)
    assert (query.chunks, query.truncated, query.tokens) == (1, True, MINILM.token_limit)
    assert engine.stats.truncated == 2
    await engine.close()


async def test_no_passages_are_no_vectors(engine: Engine) -> None:
    assert await engine.embed_passages([]) == []


async def test_queries_overtake_passages(cache_dir: Path) -> None:
    engine = await Engine.load(EmbedderConfig(cache_dir, workers=1))
    passages = [asyncio.create_task(_embed(engine, *[RAIN] * 20)) for _ in range(10)]
    await asyncio.sleep(0)
    assert engine.stats.waiting_passages == 200
    await engine.embed_query("the first one")
    await engine.embed_query("while passages run")
    assert engine.stats.waiting_passages > 0
    assert not passages[-1].done()
    await asyncio.gather(*passages)
    stats = engine.stats
    assert stats.texts == 202
    assert stats.batches < 202
    assert stats.padded_tokens >= stats.tokens > 0
    assert stats.model_seconds > 0
    await engine.close()


async def test_more_than_may_wait_is_refused_and_the_rest_is_served(cache_dir: Path) -> None:
    engine = await Engine.load(EmbedderConfig(cache_dir, workers=1, queue_limit=4))
    outcomes = await asyncio.gather(
        *(engine.embed_query(f"question {number}") for number in range(20)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Embedding] * 4 + [EmbedderBusyError] * 16
    assert engine.stats.refused == 16
    await engine.embed_query("once more")
    await engine.close()
    with pytest.raises(EmbedderClosedError):
        await engine.embed_query("too late")


async def test_first_loads_at_the_same_time_share_the_cache(tmp_path: Path) -> None:
    engines = await asyncio.gather(*(Engine.load(EmbedderConfig(tmp_path)) for _ in range(3)))
    assert len(_files(tmp_path)) == 1
    vectors = [await engine.embed_query("the same for all") for engine in engines]
    assert min(_cosine(vectors[0], vector) for vector in vectors) > 0.999999
    for engine in engines:
        await engine.close()


async def test_a_damaged_cache_is_built_again(tmp_path: Path) -> None:
    await (await Engine.load(EmbedderConfig(tmp_path))).close()
    (model,) = _files(tmp_path)
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    engine = await Engine.load(EmbedderConfig(tmp_path))
    assert model.read_bytes() != content
    await engine.embed_query("still there")
    await engine.close()


async def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    files = locate(MINILM, EmbedderConfig(tmp_path))
    shutil.copy(files[TOKENIZER_FILE], tmp_path)
    changed = bytearray(files[WEIGHTS_FILE].read_bytes())
    changed[-1] ^= 1
    (tmp_path / WEIGHTS_FILE).write_bytes(changed)
    with pytest.raises(ModelFilesError, match="is not the pinned file"):
        await Engine.load(EmbedderConfig(tmp_path / "cache", model_dir=tmp_path))


def test_a_start_from_the_cache_does_without_the_builder(engine: Engine, cache_dir: Path) -> None:
    del engine  # it filled the cache
    program = (
        "import asyncio, json, sys; from pathlib import Path\n"
        "from services.embedder.config import EmbedderConfig\n"
        "from services.embedder.engine import Engine\n"
        "asyncio.run(Engine.load(EmbedderConfig(Path(sys.argv[1]))))\n"
        "print(json.dumps([name for name in ('onnx', 'huggingface_hub') if name in sys.modules]))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(cache_dir)], cwd=root, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == []
