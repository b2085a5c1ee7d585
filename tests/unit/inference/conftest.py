"""Small models that threshold intensities, for every test here."""

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from small_models import small_graph, small_variants, write_small_package


@pytest.fixture(scope="session")
def make_graph() -> Callable[..., onnx.ModelProto]:
    return small_graph


@pytest.fixture(scope="session")
def make_variants() -> Callable[..., dict[str, bytes]]:
    return small_variants


@pytest.fixture(scope="session")
def make_package() -> Callable[..., Path]:
    """A function that writes a package of a small model and gives its path."""
    return write_small_package
