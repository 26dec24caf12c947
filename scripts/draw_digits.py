"""Draws models/digits/0.png ... 9.png: ten digits as a hand with a pen would, for the demo and for tests.

Each digit is a few strokes, written down as points that a smooth curve passes through. The hand is not steady: every
digit gets its own slant, size, place, pen, ink and paper, and the pen's width follows pressure along the stroke. All
of it comes from one fixed seed, so that running this again draws the same pictures. Usage: draw_digits.py [FOLDER]
"""

import pathlib
import random
import sys

import numpy
from PIL import Image, ImageFilter

# Strokes in a box of x 0..1 and y 0..1 (down); a curve passes through all points of a stroke.
STROKES = {
    0: [[(0.58, 0.04), (0.30, 0.12), (0.14, 0.42), (0.20, 0.78), (0.48, 0.97), (0.78, 0.82), (0.88, 0.48), (0.76, 0.16), (0.54, 0.03)]],
    1: [[(0.36, 0.20), (0.48, 0.12), (0.56, 0.02), (0.54, 0.34), (0.51, 0.66), (0.49, 0.98)]],
    2: [[(0.18, 0.24), (0.34, 0.07), (0.58, 0.05), (0.74, 0.22), (0.66, 0.46), (0.40, 0.72), (0.16, 0.94)],
        [(0.16, 0.94), (0.38, 0.90), (0.62, 0.93), (0.86, 0.92)]],
    3: [[(0.20, 0.12), (0.44, 0.03), (0.70, 0.12), (0.70, 0.32), (0.44, 0.46)],
        [(0.44, 0.46), (0.70, 0.53), (0.80, 0.74), (0.62, 0.94), (0.36, 0.97), (0.16, 0.86)]],
    4: [[(0.34, 0.04), (0.27, 0.28), (0.18, 0.56), (0.40, 0.58), (0.86, 0.55)], [(0.68, 0.22), (0.66, 0.58), (0.62, 0.98)]],
    5: [[(0.32, 0.06), (0.30, 0.26), (0.26, 0.45), (0.50, 0.40), (0.74, 0.52), (0.76, 0.76), (0.56, 0.95), (0.30, 0.95), (0.16, 0.86)],
        [(0.31, 0.07), (0.54, 0.06), (0.80, 0.04)]],
    6: [[(0.66, 0.03), (0.42, 0.20), (0.25, 0.50), (0.24, 0.78), (0.42, 0.96), (0.66, 0.90), (0.74, 0.70), (0.58, 0.54), (0.38, 0.60), (0.26, 0.76)]],
    7: [[(0.16, 0.11), (0.38, 0.09), (0.60, 0.10), (0.82, 0.07)], [(0.82, 0.07), (0.68, 0.34), (0.52, 0.66), (0.42, 0.98)]],
    8: [[(0.72, 0.16), (0.50, 0.03), (0.28, 0.14), (0.32, 0.34), (0.54, 0.47), (0.74, 0.64), (0.70, 0.88), (0.46, 0.97), (0.24, 0.84),
         (0.30, 0.62), (0.54, 0.44), (0.70, 0.30), (0.72, 0.15)]],
    9: [[(0.74, 0.22), (0.58, 0.06), (0.34, 0.12), (0.25, 0.34), (0.42, 0.50), (0.64, 0.42), (0.75, 0.22), (0.72, 0.52), (0.66, 0.76), (0.60, 0.98)]],
}
OVERSAMPLE = 3
SEED = 28


def smoothCurve(points, steps=40):
    """A centripetal Catmull-Rom curve through the points, as an array [n, 2]."""
    padded = [points[0], *points, points[-1]]
    curve = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:]):
        a, b, c, d = map(numpy.array, (a, b, c, d))
        for t in numpy.linspace(0, 1, steps, endpoint=False):
            curve.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return numpy.array([*curve, points[-1]])


def inkCoverage(size, curve, widths):
    """How much ink each pixel of a size x size sheet got from round dabs along a curve, 0..1."""
    coverage = numpy.zeros((size, size), numpy.float32)
    for (x, y), width in zip(curve, widths):
        radius = width / 2
        left, right = int(x - radius - 2), int(x + radius + 3)
        top, bottom = int(y - radius - 2), int(y + radius + 3)
        rows, columns = numpy.mgrid[top:bottom, left:right]
        dab = numpy.clip(radius + 0.5 - numpy.hypot(columns - x, rows - y), 0, 1)
        coverage[top:bottom, left:right] = numpy.maximum(coverage[top:bottom, left:right], dab)
    return coverage


def drawDigit(digit, hand):
    """One digit on its own sheet, as an RGB picture."""
    side = hand.choice([240, 260, 280, 300, 320])
    height = side * hand.uniform(0.52, 0.70)
    width = height * hand.uniform(0.66, 0.82)
    slant = hand.uniform(-0.06, 0.20)
    left = (side - width) / 2 + side * hand.uniform(-0.08, 0.08)
    top = (side - height) / 2 + side * hand.uniform(-0.08, 0.08)
    pen = height * hand.uniform(0.055, 0.095)
    coverage = numpy.zeros((side * OVERSAMPLE,) * 2, numpy.float32)
    for stroke in STROKES[digit]:
        points = [(x + hand.gauss(0, 0.012), y + hand.gauss(0, 0.010)) for x, y in stroke]
        curve = smoothCurve(points)
        curve[:, 0] += slant * (0.5 - curve[:, 1])
        curve = (curve * (width, height) + (left, top)) * OVERSAMPLE
        # Close the gaps between dabs, then let the pressure swell and fade along the stroke.
        length = numpy.concatenate([[0], numpy.cumsum(numpy.hypot(*numpy.diff(curve, axis=0).T))])
        even = numpy.arange(0, length[-1], 1.0)
        curve = numpy.stack([numpy.interp(even, length, curve[:, axis]) for axis in (0, 1)], axis=1)
        along = even / length[-1]
        pressure = 0.80 + 0.25 * numpy.sin(numpy.pi * along**0.7) + 0.06 * numpy.sin(11 * along + hand.uniform(0, 6))
        coverage = numpy.maximum(coverage, inkCoverage(coverage.shape[0], curve, pen * pressure * OVERSAMPLE))

    paper = numpy.array([hand.randint(236, 252)] * 3) - numpy.array([0, hand.randint(0, 3), hand.randint(0, 10)])
    ink = numpy.array(hand.choice([(28, 34, 92), (24, 24, 28), (60, 60, 66), (18, 40, 120)]))
    noise = numpy.random.default_rng(SEED + digit)
    grain = Image.fromarray(noise.integers(0, 255, (side, side), numpy.uint8)).filter(ImageFilter.GaussianBlur(1.2))
    small = Image.fromarray((coverage * 255).astype(numpy.uint8)).resize((side, side), Image.Resampling.LANCZOS)
    amount = numpy.asarray(small, numpy.float32)[..., None] / 255
    texture = (numpy.asarray(grain, numpy.float32)[..., None] - 127) / 127
    shade = numpy.linspace(0, hand.uniform(-12, 4), side)[None, :, None]  # light falls from one side
    picture = (paper + shade + 3 * texture) * (1 - amount) + (ink + 26 * texture) * amount
    return Image.fromarray(numpy.clip(picture, 0, 255).astype(numpy.uint8))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for digit in STROKES:
        drawDigit(digit, random.Random(SEED + 100 * digit)).convert("L").quantize(24).save(folder / f"{digit}.png", optimize=True)


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here.parent / "models" / "digits")
