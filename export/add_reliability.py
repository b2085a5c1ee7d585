"""Put what `training/measure_doubt.py` found of a model into its package; the graphs stay as they are.

usage: python export/add_reliability.py MODEL.cinecor RELIABILITY.json --out MODEL.cinecor [--notes FILE] [--sign KEY]

Refused as by `export-onnx` when an EF interval does not hold what it promises. The card gets a section on doubt, and
before it what `--notes` brings: a section of Markdown that begins with its heading, such as why this model ships.
"""

import argparse
import sys
from pathlib import Path

from cinecor import console
from cinecor.failure import DONE
from cinecor.inference.package.manifest import CARD
from cinecor.inference.package.model_package import read_package
from cinecor.inference.package.reliability import reliability_from_json

with console.extras_needed("add_reliability"):
    from cinecor_export.card import DOUBT_HEADING, doubt_section
    from cinecor_export.gates import interval_gates, require
    from cinecor_export.repacking import repacked


def _run() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("reliability", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--notes", type=Path, metavar="FILE.md", help="a section for the card, in place of one so headed"
    )
    parser.add_argument("--sign", type=Path, metavar="KEY", help="sign with this private key (PEM, Ed25519)")
    options = parser.parse_args()
    package = read_package(options.model)
    manifest = package.manifest
    reliability = reliability_from_json(options.reliability.read_bytes(), name=options.reliability.name)
    gates = interval_gates(reliability)
    require(gates, remedy="Measure the doubt again with more patients.")
    kept = tuple(gate for gate in manifest.gates if "EF interval" not in gate.name)
    card = None
    if CARD in manifest.parts:
        card = _with_notes(package.part(CARD).decode().split(DOUBT_HEADING)[0], options.notes)
    made = repacked(
        package,
        options.out,
        card=None if card is None else f"{card}\n{doubt_section(reliability)}",
        reliability=reliability,
        gates=(*kept, *gates),
        key=options.sign,
    )
    if CARD in made.manifest.parts:
        options.out.with_suffix(".md").write_bytes(made.part(CARD))
    sys.stdout.write(f"{options.out}\n")
    return DONE


def _with_notes(card: str, notes: Path | None) -> str:
    """Return a card that ends with the section in `notes`, which takes the place of an earlier one of its heading."""
    if notes is not None:
        section = notes.read_text("utf-8")
        heading = section.partition("\n")[0]
        card = card.partition(f"\n{heading}\n")[0].rstrip("\n") + f"\n\n{section}"
    return card.rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.exit(console.run(_run, program="add_reliability"))
