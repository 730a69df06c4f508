"""Where things go on a 16:9 slide, in inches, and how large the type is, in points."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle on the slide, in inches from its top left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.top + self.height

    def columns(self, *shares: float, gap: float = 0.45) -> list["Box"]:
        """Cut the box into columns of the given relative widths."""
        free = self.width - gap * (len(shares) - 1)
        widths = [free * share / sum(shares) for share in shares]
        lefts = [self.left + sum(widths[:k]) + k * gap for k in range(len(widths))]
        return [
            Box(left, self.top, width, self.height)
            for left, width in zip(lefts, widths, strict=True)
        ]

    def rows(self, *shares: float, gap: float = 0.2) -> list["Box"]:
        """Cut the box into rows of the given relative heights."""
        free = self.height - gap * (len(shares) - 1)
        heights = [free * share / sum(shares) for share in shares]
        tops = [self.top + sum(heights[:k]) + k * gap for k in range(len(heights))]
        return [
            Box(self.left, top, self.width, height)
            for top, height in zip(tops, heights, strict=True)
        ]

    def above(self, height: float) -> "Box":
        """Return the upper part that is ``height`` inches high."""
        return Box(self.left, self.top, self.width, height)

    def below(self, height: float) -> "Box":
        """Return what is left under the upper ``height`` inches."""
        return Box(self.left, self.top + height, self.width, self.height - height)


WIDTH, HEIGHT = 13.333, 7.5
MARGIN = 0.65
TITLE = Box(MARGIN, 0.47, WIDTH - 2 * MARGIN, 0.85)
BODY = Box(MARGIN, 1.54, WIDTH - 2 * MARGIN, 5.22)
FOOTER = Box(MARGIN, 6.98, 9.0, 0.3)
NUMBER = Box(WIDTH - MARGIN - 1.2, 6.98, 1.2, 0.3)
LINKS = Box(WIDTH - MARGIN - 9.0, 0.14, 9.0, 0.22)
COVER_TITLE = Box(1.25, 2.0, 11.2, 1.6)
COVER_TEXT = Box(1.25, 3.85, 11.2, 1.9)

TITLE_SIZE = 24
COVER_SIZE = 40
COVER_TEXT_SIZE = 22
BODY_SIZE = 18
LEAD_SIZE = 20
TABLE_SIZE = 16
SMALL_SIZE = 14
LEAST_SIZE = 12
