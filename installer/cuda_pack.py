"""Build the CUDA pack: a folder `cuda` that the installed program finds beside itself. Run by `make cuda-pack`.

It holds ONNX Runtime's CUDA build for the program's own Python, and the CUDA and cuDNN libraries of NVIDIA's packages
(some gigabytes; `--without-nvidia` leaves them out, for machines that have CUDA and cuDNN installed).
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from archive import pack
from build import write_sums
from payload import PYTHON, make_environment, settle
from release import BUILD, DIST, ROOT, Release, this_release

PIN = "1.31.1"  # of onnxruntime-gpu, which comes out later than onnxruntime
_UNUSED = ("bin", "onnxruntime/tools", "onnxruntime/transformers", "onnxruntime/quantization", "onnxruntime/backend",
           "onnxruntime/datasets", "onnxruntime/capi/libonnxruntime_providers_tensorrt.so")  # fmt: skip
_LIBRARIES = ("nvidia",)  # distributions beside ONNX Runtime whose files stay


def main() -> None:
    """Build dist/cinecor-<version>-cuda-pack-linux-x86_64.tar.gz."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-nvidia", action="store_true", help="ONNX Runtime alone; CUDA comes from the system")
    parser.add_argument("--unpacked", action="store_true", help="stop at build/installer/cuda-pack/cuda")
    options = parser.parse_args()
    release = this_release()
    if not PYTHON.exists():
        make_environment()
    folder = collect(release, with_nvidia=not options.without_nvidia)
    if not options.unpacked:
        DIST.mkdir(exist_ok=True)
        pack(folder, release.cuda_pack, release)
        write_sums(DIST)
        sys.stdout.write(f"{release.cuda_pack.relative_to(ROOT)}: unpack it beside the program\n")


def collect(release: Release, *, with_nvidia: bool) -> Path:
    """Let pip install what belongs into the pack, leave out what is never loaded, and give the folder."""
    folder = BUILD / "cuda-pack" / "cuda"
    shutil.rmtree(folder, ignore_errors=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--target", str(folder)]
    runtime = f"onnxruntime-gpu=={PIN}"
    if with_nvidia:  # numpy and the like come from the program
        subprocess.run([*pip, f"onnxruntime-gpu[cuda,cudnn]=={PIN}"], check=True)
        for path in folder.iterdir():
            if not path.name.startswith(("onnxruntime", *_LIBRARIES)):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    else:
        subprocess.run([*pip, "--no-deps", runtime], check=True)
    for place in _UNUSED:
        path = folder / place
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in [*folder.rglob("__pycache__"), *folder.glob("nvidia/*/include"), *folder.glob("nvidia/*/*/include")]:
        shutil.rmtree(path, ignore_errors=True)
    tag = subprocess.run(
        [str(PYTHON), "-c", "import sys; print(sys.implementation.cache_tag)"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    brought = sorted(path.name.removesuffix(".dist-info") for path in folder.glob("*.dist-info"))
    # The program of another version does not take it: it brings another ONNX Runtime.
    said = {"format": 2, "cinecor": release.version, "python": tag, "holds": brought}
    (folder / "pack.json").write_text(json.dumps(said, indent=2) + "\n")
    settle(folder, executables=frozenset(), epoch=release.epoch)
    return folder


if __name__ == "__main__":
    main()
