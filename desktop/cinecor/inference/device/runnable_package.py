"""Whether a package's graphs run here, before it takes another model's place."""

from cinecor.errors import ModelRefused
from cinecor.inference.device.onnx_runtime import CPU, OnnxRuntime
from cinecor.inference.device.probe import probe
from cinecor.inference.package.model_package import ModelPackage, part_name
from cinecor.message import Message


def require_runnable(package: ModelPackage) -> None:
    """Run every variant meant for the CPU on a frame of the probe. Raises `ModelRefused` when one fails."""
    engine = OnnxRuntime()
    for precision in package.manifest.precisions:
        if precision == "fp16":
            continue  # for CUDA only; there it is tried before it is chosen
        graph = package.checked(precision)
        runner = engine.start(
            graph.content, provider=CPU, contract=graph.contract.input, name=part_name(package.name, precision)
        )
        frames = probe(graph.contract.input)
        try:
            runner.run(frames.frames[:1], to_rows=frames.to_rows, to_columns=frames.to_columns)
        except Exception as error:
            raise ModelRefused(
                Message(
                    "graph_fails",
                    "{name}: its {precision} graph fails when it runs; export the model again.",
                    name=package.name,
                    precision=precision,
                )
            ) from error
