"""What inputs that are made to hurt cost: processor seconds, memory and what is said of each, as a table.

usage: python tests/benchmarks/hostile_inputs.py [NAME …]

Each input is written, given to the program in a process of its own, and removed. Returns 1 when one takes more than
20 s of processor time or 1.5 GB, ends in anything but a sentence, or is believed.
"""

import argparse
import gzip
import hashlib
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import nibabel
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cinecor_resources import bundled_model

MOST_SECONDS: Final = 20.0
MOST_MB: Final = 1500.0
_NO_MORE_BYTES: Final = 6_000_000_000  # what a program that believes an input may take from the machine
_LONG: Final = (b"OB", b"OW", b"UN", b"SQ")
_EXPLICIT, _IMPLICIT, _DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99"
_JPEG_2000: Final = "1.2.840.10008.1.2.4.90"
_LABELS: Final = "labels"  # the graph's output


@dataclass(frozen=True, slots=True)
class Cost:
    """What one input cost, and the last line that was said."""

    code: int
    seconds: float
    peak_mb: float
    said: str

    @property
    def good(self) -> bool:
        """Whether it cost little and was refused in a sentence."""
        cheap = self.seconds <= MOST_SECONDS and self.peak_mb <= MOST_MB
        return cheap and self.code in (1, 3, 4) and "Traceback" not in self.said and "nexpected" not in self.said


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    """Return one explicit little-endian element."""
    value += b"\0" * (len(value) % 2)
    head = struct.pack("<HH", tag >> 16, tag & 0xFFFF) + vr
    return head + (b"\0\0" + struct.pack("<L", len(value)) if vr in _LONG else struct.pack("<H", len(value))) + value


def meta(syntax: str) -> bytes:
    """Return preamble and file meta information."""
    group = b"".join(
        (
            element(0x00020001, b"OB", b"\0\1"),
            element(0x00020002, b"UI", b"1.2.840.10008.5.1.4.1.1.4"),
            element(0x00020003, b"UI", b"1.2.3"),
            element(0x00020010, b"UI", syntax.encode()),
        )
    )
    return bytes(128) + b"DICM" + element(0x00020000, b"UL", struct.pack("<L", len(group))) + group


def image(syntax: str, pixels: bytes, *, frames: bytes = b"1", before: bytes = b"") -> bytes:
    """Return an image of 64 x 64 pixels by its header; `pixels` is its last element, `before` stands in the middle."""
    us = {0x00280002: 1, 0x00280010: 64, 0x00280011: 64, 0x00280100: 16, 0x00280101: 16, 0x00280102: 15, 0x00280103: 0}
    elements = {
        0x00080016: element(0x00080016, b"UI", b"1.2.840.10008.5.1.4.1.1.4"),
        0x00080060: element(0x00080060, b"CS", b"MR"),
        0x00091010: before,
        0x0020000E: element(0x0020000E, b"UI", b"1.2.4"),
        0x00200032: element(0x00200032, b"DS", b"0\\0\\0"),
        0x00200037: element(0x00200037, b"DS", b"0.7071\\0.5657\\0.4243\\0\\0.6\\-0.8"),
        0x00280004: element(0x00280004, b"CS", b"MONOCHROME2"),
        0x00280008: element(0x00280008, b"IS", frames),
        0x00280030: element(0x00280030, b"DS", b"1.5\\1.5"),
        **{tag: element(tag, b"US", struct.pack("<H", value)) for tag, value in us.items()},
    }
    return meta(syntax) + b"".join(elements[tag] for tag in sorted(elements)) + pixels


def _pixels() -> bytes:
    return element(0x7FE00010, b"OW", bytes(range(256)) * 32)


def many_frames(count: bytes) -> Callable[[Path], list[str]]:
    """Return a small file that claims many frames."""

    def write(folder: Path) -> list[str]:
        (folder / "image").write_bytes(image(_EXPLICIT, _pixels(), frames=count))
        return ["segment", str(folder)]

    return write


def deflated(folder: Path) -> list[str]:
    """Write 2 MB that unpack to 2.1 GB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    size = 2100 << 20
    out = packer.compress(element(0x00080060, b"CS", b"MR") + element(0x0020000E, b"UI", b"1.2.4"))
    out += packer.compress(struct.pack("<HH", 0x0029, 0x1010) + b"OB\0\0" + struct.pack("<L", size))
    for _ in range(size >> 20):
        out += packer.compress(bytes(1 << 20))
    (folder / "image").write_bytes(meta(_DEFLATED) + out + packer.flush())
    return ["segment", str(folder)]


def long_name(folder: Path) -> list[str]:
    """Write a sparse file whose patient has a name of 1.5 GB."""
    size = 1500 << 20
    with (folder / "image").open("wb") as file:
        file.write(meta(_IMPLICIT) + struct.pack("<HHL", 0x0010, 0x0010, size))
        file.truncate(file.tell() + size + 100)
    return ["segment", str(folder)]


def zeros(folder: Path) -> list[str]:
    """Write a header of 40 MB of zeros."""
    (folder / "image").write_bytes(bytes(128) + b"DICM" + bytes(40 << 20))
    return ["segment", str(folder)]


def nested(folder: Path) -> list[str]:
    """Write sequences within sequences, 50,000 deep."""
    depth = 50_000
    sequence = struct.pack("<HH", 0x0040, 0x0275) + b"SQ\0\0" + struct.pack("<L", 0xFFFFFFFF)
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    ends = struct.pack("<HHLHHL", 0xFFFE, 0xE00D, 0, 0xFFFE, 0xE0DD, 0)
    (folder / "image").write_bytes(image(_EXPLICIT, _pixels(), before=(sequence + item) * depth + ends * depth))
    return ["segment", str(folder)]


def code_stream(folder: Path) -> list[str]:
    """Write JPEG 2000 streams that claim 60,000 x 60,000 pixels under headers of 64 x 64."""
    side = 60_000
    siz = struct.pack(">HHHLLLLLLLLH", 0xFF51, 41, 0, side, side, 0, 0, side, side, 0, 0, 1) + b"\x0f\1\1"
    cod = struct.pack(">HHBBHBBBBBB", 0xFF52, 12, 0, 0, 1, 0, 5, 4, 4, 0, 1)
    qcd = struct.pack(">HHB", 0xFF5C, 19, 0x40) + bytes(16)
    sot = struct.pack(">HHHLBB", 0xFF90, 10, 0, 0, 0, 1) + b"\xff\x93"
    stream = b"\xff\x4f" + siz + cod + qcd + sot + bytes(64) + b"\xff\xd9"
    stream += b"\0" * (len(stream) % 2)
    parts = struct.pack("<HHL", 0xFFFE, 0xE000, 0) + struct.pack("<HHL", 0xFFFE, 0xE000, len(stream)) + stream
    pixels = struct.pack("<HH", 0x7FE0, 0x0010) + b"OB\0\0" + struct.pack("<L", 0xFFFFFFFF) + parts
    pixels += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    for number in range(12):
        trigger = element(0x00181060, b"DS", str(80 * number).encode())
        (folder / f"image{number}").write_bytes(image(_JPEG_2000, pixels, before=trigger))
    return ["segment", str(folder)]


def empty_pieces(folder: Path) -> list[str]:
    """Write a multi-frame image whose pixel data are five million empty fragments."""
    parts = struct.pack("<HHL", 0xFFFE, 0xE000, 0) * 5_000_000
    pixels = struct.pack("<HH", 0x7FE0, 0x0010) + b"OB\0\0" + struct.pack("<L", 0xFFFFFFFF) + parts
    pixels += struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
    (folder / "image").write_bytes(image(_JPEG_2000, pixels, frames=b"12"))
    return ["segment", str(folder)]


def packed_nifti(folder: Path) -> list[str]:
    """Write a `.nii.gz` of 1.3 MB that would take 2.6 GB of memory."""
    header = nibabel.Nifti1Header()
    header.set_data_shape((1024, 1024, 31, 20))
    header.set_data_dtype(np.int16)
    header.set_zooms((1.5, 1.5, 8.0, 0.04))
    header["magic"], header["vox_offset"] = b"n+1", 352
    with gzip.open(folder / "image.nii.gz", "wb", 9) as file:
        file.write(header.binaryblock + bytes(4))
        for _ in range(1240):
            file.write(bytes(1 << 20))
    return ["segment", str(folder / "image.nii.gz")]


def packed_zip(folder: Path) -> list[str]:
    """Write a zip of 2 MB that holds 2.1 GB."""
    block = bytes(1 << 24)
    with zipfile.ZipFile(folder / "study.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(10):
            with archive.open(f"image{number}", "w", force_zip64=True) as file:
                for _ in range(13):
                    file.write(block)
    return ["segment", str(folder / "study.zip")]


def sparse_model(folder: Path) -> list[str]:
    """Write a package of 10 GB that takes no room."""
    with (folder / "model.cinecor").open("wb") as file:
        file.write(b"PK\3\4")
        file.truncate(10 << 30)
    return ["model", "install", str(folder / "model.cinecor")]


def model(change: Callable[[onnx.ModelProto], None]) -> Callable[[Path], list[str]]:
    """Return the bundled model with its graph changed, and every hash as it must be."""

    def write(folder: Path) -> list[str]:
        with zipfile.ZipFile(bundled_model()) as archive:
            entries = {name: archive.read(name) for name in archive.namelist()}
        graph = onnx.load_model_from_string(entries["fp32.onnx"])
        change(graph)
        content = graph.SerializeToString()
        manifest = json.loads(entries["manifest.json"])
        part = {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        manifest["parts"] = {"fp32.onnx": {**manifest["parts"]["fp32.onnx"], **part}}
        with zipfile.ZipFile(folder / "model.cinecor", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.json", json.dumps(manifest))
            archive.writestr("fp32.onnx", content)
        return ["model", "install", str(folder / "model.cinecor")]

    return write


def _weights(value: float) -> Callable[[onnx.ModelProto], None]:
    def change(graph: onnx.ModelProto) -> None:
        for tensor in graph.graph.initializer:
            if tensor.data_type == TensorProto.FLOAT and len(tensor.dims) == 4:
                tensor.CopyFrom(numpy_helper.from_array(np.full(tuple(tensor.dims), value, np.float32), tensor.name))

    return change


def _before_labels(graph: onnx.ModelProto, *nodes: onnx.NodeProto, **constants: np.ndarray) -> None:
    """Put nodes between what gives the labels, then called raw, and the output."""
    for node in graph.graph.node:
        for at, output in enumerate(node.output):
            if output == _LABELS:
                node.output[at] = "raw"
    graph.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    graph.graph.node.extend(nodes)


def swapped_labels(graph: onnx.ModelProto) -> None:
    """Exchange the left and the right ventricle."""
    _before_labels(
        graph,
        helper.make_node("Cast", ["raw"], ["raw64"], to=TensorProto.INT64),
        helper.make_node("Gather", ["order", "raw64"], [_LABELS]),
        order=np.array([0, 3, 2, 1], np.uint8),
    )


def endless(graph: onnx.ModelProto) -> None:
    """Put a loop before the labels that goes round 2^62 times."""
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["c2"]), helper.make_node("Identity", ["v"], ["v2"])],
        "body",
        [value("i", TensorProto.INT64, []), value("c", TensorProto.BOOL, []), value("v", TensorProto.UINT8, None)],
        [value("c2", TensorProto.BOOL, []), value("v2", TensorProto.UINT8, None)],
    )
    loop = helper.make_node("Loop", ["many", "yes", "raw"], [_LABELS], body=body)
    _before_labels(graph, loop, many=np.array(2**62, np.int64), yes=np.array(True))


def huge_tensor(graph: onnx.ModelProto) -> None:
    """Let the graph ask for 64 GiB."""
    _before_labels(
        graph,
        helper.make_node("ConstantOfShape", ["size"], ["zeros"]),
        helper.make_node("ReduceMin", ["zeros"], ["zero"], keepdims=0),
        helper.make_node("Cast", ["zero"], ["none"], to=TensorProto.UINT8),
        helper.make_node("Add", ["raw", "none"], [_LABELS]),
        size=np.array([1 << 34], np.int64),
    )


def padded(graph: onnx.ModelProto) -> None:
    """Add weights of zeros that make 9 MB of 1 GB."""
    graph.graph.initializer.append(numpy_helper.from_array(np.zeros(240 << 20, np.float32), "padding"))


INPUTS: Final[Mapping[str, Callable[[Path], list[str]]]] = {
    "3,000,000 frames in 8 kB": many_frames(b"3000000"),
    "1e30 frames": many_frames(b"1e30"),
    "deflated, 2 MB of 2.1 GB": deflated,
    "a name of 1.5 GB": long_name,
    "40 MB of zeros": zeros,
    "sequences 50,000 deep": nested,
    "JPEG 2000 of 60,000 x 60,000": code_stream,
    "5,000,000 empty fragments": empty_pieces,
    ".nii.gz, 1.3 MB of 2.6 GB": packed_nifti,
    "zip, 2 MB of 2.1 GB": packed_zip,
    "package, sparse 10 GB": sparse_model,
    "package, 9 MB of 1 GB": model(padded),
    "model that does not end": model(endless),
    "model that asks for 64 GiB": model(huge_tensor),
    "model of NaN": model(_weights(float("nan"))),
    "model of zeros": model(_weights(0.0)),
    "model with LV and RV exchanged": model(swapped_labels),
}


def written(name: str, folder: Path) -> list[str]:
    """Write an input, and return the arguments that give it to the program."""
    return INPUTS[name](folder)


def cost(name: str, folder: Path) -> Cost:
    """Write an input into a folder, give it to the program, and return what it cost."""
    given = folder / "in"
    given.mkdir()
    # Written by another process: what a process has taken counts as its children's as well.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as writer:
        arguments = writer.submit(written, name, given).result()
    if arguments[0] == "segment":
        arguments += ["--out", str(folder / "out"), "--device", "cpu"]
    with (folder / "said").open("w+b") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "cinecor", *arguments],
            stdout=said,
            stderr=subprocess.STDOUT,
            env={**os.environ, "CINECOR_HOME": str(folder / "home")},
        )
        resource.prlimit(process.pid, resource.RLIMIT_DATA, (_NO_MORE_BYTES, _NO_MORE_BYTES))
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        lines = said.read().decode("utf-8", "replace").strip().splitlines()
    return Cost(process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, " ".join(lines[-2:]))


def main() -> int:
    """Measure the inputs named, or all, and print the table."""
    parser = argparse.ArgumentParser(description="What inputs that are made to hurt cost.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a name in the table; default: all")
    wanted = parser.parse_args().names
    sys.stdout.write("| input | exit | processor s | peak MB | what is said |\n|---|---|---|---|---|\n")
    good = True
    for name in INPUTS:
        if wanted and not any(one in name for one in wanted):
            continue
        with tempfile.TemporaryDirectory(prefix="cinecor-hostile-") as folder:
            taken = cost(name, Path(folder))
            said = taken.said.replace(folder, "…")
        good &= taken.good
        sys.stdout.write(f"| {name} | {taken.code} | {taken.seconds:.1f} | {taken.peak_mb:.0f} | {said} |\n")
        sys.stdout.flush()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
