import pytest

from tests.crypto.cases import FOLDER, load
from tests.vectors.make import FILES, text_of


@pytest.mark.parametrize("name", FILES)
def test_the_vectors_are_what_their_script_writes(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == text_of(name)


@pytest.mark.parametrize("name", FILES)
def test_no_two_vectors_have_one_name_and_most_are_failures(name: str) -> None:
    vectors = load(name)["vectors"]

    assert len({vector["name"] for vector in vectors}) == len(vectors)
    if name != "context.json":  # a context is made and never read: hardly anything can be wrong with it
        assert sum("fails" in vector for vector in vectors) > len(vectors) / 2
