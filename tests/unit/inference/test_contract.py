"""Rules of the contract between a model file and the application."""

import json

import pytest

from cinecor.errors import ModelRefused
from cinecor.inference.package.contract import (
    CONTRACT_VERSION,
    EXPECTED_LABELS,
    METADATA_KEY,
    InputContract,
    ModelContract,
    TrainingRecord,
    contract_from_metadata,
)


def _contract() -> ModelContract:
    return ModelContract(
        contract_version=CONTRACT_VERSION,
        id="test",
        version="1",
        precision="fp32",
        input=InputContract(spacing_mm=1.5, size_px=160),
        labels=EXPECTED_LABELS,
        training=TrainingRecord(data="none", licence="none", patients=0, figures={}),
    )


def _changed(**values: object) -> dict[str, str]:
    raw = json.loads(_contract().to_metadata()[METADATA_KEY])
    return {METADATA_KEY: json.dumps(raw | values)}


def test_that_a_contract_survives_the_way_through_metadata() -> None:
    assert contract_from_metadata(_contract().to_metadata()) == _contract()


@pytest.mark.parametrize(
    ("metadata", "cause"),
    [
        ({}, "carries no Cinecor contract"),
        ({METADATA_KEY: "{"}, "unreadable"),
        ({METADATA_KEY: "[]"}, "unreadable"),
        (_changed(contract_version=CONTRACT_VERSION + 1), "update Cinecor"),
        (_changed(contract_version=CONTRACT_VERSION - 1), "export it again from its training run"),
        (_changed(input={"spacing_mm": -1, "size_px": 160}), "input.spacing_mm"),
        (_changed(surprise=1), "surprise"),
        (_changed(labels={0: "background", 1: "myocardium"}), "label map"),
    ],
)
def test_that_a_wrong_contract_is_refused_with_its_cause(metadata: dict[str, str], cause: str) -> None:
    with pytest.raises(ModelRefused, match=cause):
        contract_from_metadata(metadata)
