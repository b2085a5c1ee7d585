"""A graph becomes the bytes of a model file: checked, with its contract and its own digest inside."""

import onnx

from cinecor.errors import ModelRefused
from cinecor.failure import first_line
from cinecor.inference.package.contract import ModelContract, file_digest
from cinecor.inference.package.graph_file import graph_file, require_self_contained
from cinecor.message import Message
from cinecor_export.refusal import ExportRefused


def sealed(graph: onnx.ModelProto, contract: ModelContract) -> bytes:
    """Return the file of `graph` with `contract` in its metadata; `graph` stays as it is.

    Raises `ExportRefused` when ONNX's checker finds a fault, or the file would need other files or custom operators.
    """
    model = onnx.ModelProto()
    model.CopyFrom(graph)
    del model.metadata_props[:]
    for part in (*model.graph.node, *model.graph.value_info, model.graph):
        del part.metadata_props[:]  # the exporter's stack traces name folders of the machine it ran on
    blank = contract.model_copy(update={"digest": "0" * 64})
    for key, value in blank.to_metadata().items():
        model.metadata_props.add(key=key, value=value)
    try:
        onnx.checker.check_model(model, full_check=True)
        content: bytes = model.SerializeToString()
        name = f"the {contract.precision} graph"
        require_self_contained(graph_file(content, name=name), name=name)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError, ModelRefused) as error:
        reason = error.message if isinstance(error, ModelRefused) else first_line(error)
        raise ExportRefused(
            Message(
                "onnx_checker_refuses",
                "ONNX's checker refuses the {precision} graph ({reason}); nothing was written.",
                precision=contract.precision,
                reason=reason,
            )
        ) from error
    return content.replace(blank.digest.encode(), file_digest(content, claimed=blank.digest).encode())
