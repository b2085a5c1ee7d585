"""`PictureTurn`: a picture shown otherwise than it was taken: mirrored, turned by quarters."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PictureTurn:
    """The picture is mirrored left to right first, then turned clockwise."""

    quarters: int = 0  # 0 to 3
    mirrored: bool = False

    def turned(self) -> "PictureTurn":
        """Return the picture a quarter further clockwise, as it is seen."""
        return replace(self, quarters=(self.quarters + 1) % 4)

    def flipped(self) -> "PictureTurn":
        """Return the picture with left and right exchanged, as it is seen."""
        return PictureTurn(-self.quarters % 4, not self.mirrored)

    @property
    def degrees(self) -> int:
        """How far it is turned, clockwise."""
        return 90 * self.quarters

    @property
    def sideways(self) -> bool:
        """Whether rows run down the screen and columns across no more."""
        return self.quarters % 2 == 1

    @property
    def across(self) -> tuple[int, int]:
        """Where a step along a row of the picture goes on the screen: to the right, down."""
        right, down = ((1, 0), (0, 1), (-1, 0), (0, -1))[self.quarters]
        return (-right, -down) if self.mirrored else (right, down)

    @property
    def down(self) -> tuple[int, int]:
        """Where a step along a column of the picture goes on the screen: to the right, down."""
        return ((0, 1), (-1, 0), (0, -1), (1, 0))[self.quarters]


AS_TAKEN = PictureTurn()
