"""Export SEG of the phantom and read it with cornerstone's adapters, as OHIF does; needs node, npm and their registry.

Prints how many frames came out bit for bit on the image they were drawn on. Research use only.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from cinecor.app.export_options import ExportOptions, Form
from cinecor.app.export_study import export_study
from cinecor.app.save_study import write_study
from cinecor.inference.outline.segmentation import ModelIdentity, Runtime, Segmentation
from cinecor.report.kept_results import read_results
from cinecor.review import Body, Review, review_result
from cinecor.study import open_input
from cinecor_phantom import make_phantom, write_dicom

PACKAGES = ("@cornerstonejs/adapters@5.14.0", "@babel/runtime", "dcmjs@0.51.1")


def main() -> None:
    """Write, export, read back, compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run(["npm", "install", "--silent", "--prefix", folder, *PACKAGES], check=True)
        script = folder / "read_seg.mjs"
        script.write_bytes(Path(__file__).with_name("read_seg.mjs").read_bytes())
        phantom = make_phantom()
        write_dicom(phantom, folder / "study", style="siemens")
        stack, audit = open_input(folder / "study")
        runtime = Runtime("cpu", "CPUExecutionProvider", {})
        sure = np.ones(phantom.labels.shape[:2], np.float32)
        truth = Segmentation(phantom.labels, sure, ModelIdentity("truth", "1", "0" * 64, "fp32"), runtime, ())
        review = Review(stack, audit, truth, body=Body(stack.heart_rate_bpm))
        result = review_result(review)
        assert result is not None
        results = write_study(review, result, input_path=folder / "study", out_dir=folder, name="results").folder.path
        labels = read_results(results).labels
        assert stack.frames is not None
        wanted = {
            str(frame.sop_instance_uid): hashlib.sha256(labels[index, phase].tobytes()).hexdigest()
            for index, row in enumerate(stack.frames)
            for phase, frame in enumerate(row)
            if frame is not None
        }
        for cine in (False, True):
            options = ExportOptions(frozenset({Form.SEG}), whole_cine=cine)
            out = export_study(results, out_dir=folder / "out", options=options).folder
            seg = sorted(out.rglob("*.dcm"))[len(list(out.rglob("*.dcm"))) // 2]
            told = subprocess.run(
                ["node", script, seg, folder / "study"], check=True, capture_output=True, text=True, cwd=folder
            )
            found = json.loads(told.stdout.strip().splitlines()[-1])
            right = sum(wanted[uid] == digest for uid, digest in found)
            sys.stdout.write(f"{seg.name}: {right} of {len(found)} frames bit for bit\n")


if __name__ == "__main__":
    main()
