"""One table: a model of Cinecor beside the pip-installable peer, on the same patients and by the same code.

usage: python training/compare_with_peer.py --peer-wheel FILE --data FOLDER --sunnybrook FOLDER --out FOLDER

The wheel: `pip download --no-deps myopari==0.1.6`; what the peer needs: `pip install 'cinecor[peer]'`.
OUT gets side_by_side.md and both evaluation.json; no patient's image.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from cinecor import console
from cinecor.failure import DONE
from cinecor_resources import bundled_model

with console.extras_needed("compare_with_peer"):
    from cinecor_training.data.acdc_source import AcdcSource
    from cinecor_training.evaluation.judgement import judge, judged_cases
    from cinecor_training.evaluation.patient_result import PatientResult
    from cinecor_training.evaluation.peer import PEER_NOTE, open_peer
    from cinecor_training.evaluation.segmenter import PipelineSegmenter
    from cinecor_training.evaluation.side_by_side import side_by_side
    from cinecor_training.evaluation.trained_run import open_subject


def main() -> int:
    """Run the comparison; gives the exit code: 0 done, 1 bad input, 2 wrong usage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-wheel", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="ONNX file or folder of a training run (default: the bundled model)")
    parser.add_argument("--data", type=Path, required=True, help="ACDC training folder (patient001, …)")
    parser.add_argument("--sunnybrook", type=Path, help="folder with one study and its contours/")
    parser.add_argument("--patients", nargs="+", metavar="NAME")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    return console.run(lambda: _compare(options), program="compare_with_peer")


def _compare(options: argparse.Namespace) -> int:
    cases = judged_cases(AcdcSource(options.data), patients=options.patients or ())
    model = open_subject(options.model or bundled_model(), device="cpu")
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        peer = open_peer(options.peer_wheel, folder=Path(folder))
        records = []
        for name, identity, segmenter, provider in (
            ("cinecor", model.identity, PipelineSegmenter(model), model.provider_used),
            ("peer", peer.identity, peer, "CPUExecutionProvider"),
        ):
            record = judge(
                segmenter,
                cases=cases,
                identity=identity,
                provider_used=provider,
                sunnybrook=options.sunnybrook,
                listener=_tell,
            ).record
            record.write(options.out / f"{name}.json")
            records.append(record)
    table = side_by_side(records[0], records[1], note=PEER_NOTE).markdown()
    (options.out / "side_by_side.md").write_text(table, encoding="utf-8")
    console.say(table)
    return DONE


def _tell(patient: PatientResult) -> None:
    sys.stderr.write(f"{patient.patient}: {patient.seconds:.1f} s\n")


if __name__ == "__main__":
    sys.exit(main())
