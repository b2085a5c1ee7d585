"""`Picture`: a drawn figure as PNG, to be embedded in a page that needs no other file."""

import base64
import io
from dataclasses import dataclass

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture and what it shows, in words."""

    title: str
    caption: str
    png: bytes

    @property
    def data_uri(self) -> str:
        """The picture as a `data:` address."""
        return "data:image/png;base64," + base64.b64encode(self.png).decode("ascii")


def drawn(figure: Figure, *, title: str, caption: str, dots_per_inch: int = 100) -> Picture:
    """Render a matplotlib figure; needs no display."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return Picture(title, caption, buffer.getvalue())
