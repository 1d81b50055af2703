#!/usr/bin/python3
"""physics.py - two figures of PHYSICS.md: the twin networks, and the edges' rule against the gradient that nobody computes.

    python3 docs/figures/physics.py [FOLDER]

writes physics-twins.svg and physics-gradient.svg.  It has Kirchhoff's laws of its own, in numpy, and uses nothing of nudged but
a network's file.  Colours are those of Okabe and Ito, which colour-blind people tell apart.
"""

import csv
import os
import sys

import numpy

HERE = os.path.dirname(os.path.realpath(__file__))
BLUE, ORANGE, GREY = "#0072b2", "#d55e00", "#666666"
SOURCES, SOURCE_V = [0, 2, 7], numpy.array([5.0, 1.0, 0.0])
TARGETS, TARGET_V = [3, 5, 4], numpy.array([3.0, 3.0, 3.0])
NODES = [(0, 2), (1, 2), (2, 2), (0, 1), (1, 1), (2, 1), (0, 0), (1, 0), (2, 0)]
EDGES = [(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8), (0, 3), (1, 4), (2, 5), (3, 6), (4, 7), (5, 8), (1, 3), (1, 5), (3, 7), (5, 7)]


def voltages(r_ohm, held, volts):
    """Kirchhoff: every node that is not held has no net current."""
    n = len(NODES)
    laplace = numpy.zeros((n, n))
    for (a, b), r in zip(EDGES, r_ohm):
        laplace[[a, b], [a, b]] += 1 / r
        laplace[[a, b], [b, a]] -= 1 / r
    free = [i for i in range(n) if i not in held]
    v = numpy.zeros(n)
    v[held] = volts
    v[free] = numpy.linalg.solve(laplace[numpy.ix_(free, free)], -laplace[numpy.ix_(free, held)] @ v[held])
    return v


def drops(v):
    return numpy.array([v[a] - v[b] for a, b in EDGES])


def free_state(r_ohm):
    return voltages(r_ohm, SOURCES, SOURCE_V)


def clamped_state(r_ohm, eta, n=3):
    """With the first n targets held."""
    v_free = free_state(r_ohm)[TARGETS[:n]]
    return voltages(r_ohm, SOURCES + TARGETS[:n], numpy.concatenate([SOURCE_V, v_free + eta * (TARGET_V[:n] - v_free)]))


def rule(r_ohm, eta, n):
    """What each edge finds by its own two drops [Dillavou 2022, equation 2], without the learning rate."""
    return (drops(clamped_state(r_ohm, eta, n)) ** 2 - drops(free_state(r_ohm)) ** 2) / r_ohm ** 2


def gradient(r_ohm, n):
    """Minus the derivative of the squared error by each R, by differences: what an edge could never know."""
    found = []
    for j in range(len(r_ohm)):
        error = []
        for sign in (1, -1):
            moved = r_ohm.copy()
            moved[j] *= 1 + sign * 1e-5
            error.append(numpy.sum((free_state(moved)[TARGETS[:n]] - TARGET_V[:n]) ** 2))
        found.append(-(error[0] - error[1]) / (2e-5 * r_ohm[j]))
    return numpy.array(found)


class Picture:
    def __init__(self, width, height):
        self.size, self.parts = (width, height), []

    def line(self, x1, y1, x2, y2, colour="#000", width=1.0, dash=""):
        self.parts.append('<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%.1f"%s/>' %
                          (x1, y1, x2, y2, colour, width, ' stroke-dasharray="%s"' % dash if dash else ""))

    def circle(self, x, y, r, fill, stroke="#000", width=1.5):
        self.parts.append('<circle cx="%.1f" cy="%.1f" r="%.1f" fill="%s" stroke="%s" stroke-width="%.1f"/>' % (x, y, r, fill, stroke, width))

    def square(self, x, y, r, fill):
        self.parts.append('<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>' % (x - r, y - r, 2 * r, 2 * r, fill))

    def text(self, x, y, words, size=13, anchor="middle", colour="#000", turn=0):
        self.parts.append('<text x="%.1f" y="%.1f" font-size="%d" text-anchor="%s" fill="%s"%s>%s</text>' %
                          (x, y, size, anchor, colour, ' transform="rotate(%d %.1f %.1f)"' % (turn, x, y) if turn else "", words))

    def save(self, folder, name):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif">\n'
                    '<rect width="100%%" height="100%%" fill="white"/>\n%s\n</svg>\n' % (*self.size, "\n".join(self.parts)))


def twins(folder):
    picture, r_ohm, eta = Picture(780, 400), numpy.full(len(EDGES), 50e3), 0.5
    states = [("free: what it answers", free_state(r_ohm), 60), ("clamped: a little nearer to what is wanted", clamped_state(r_ohm, eta), 440)]
    difference = numpy.abs(drops(states[1][1])) - numpy.abs(drops(states[0][1]))
    for title, v, left in states:
        place = [(left + 130 * x, 310 - 120 * y) for x, y in NODES]
        picture.text(left + 130, 28, title, 15)
        for (a, b), d in zip(EDGES, difference):
            colour, width = GREY, 1.5
            if v is states[1][1]:
                colour = ORANGE if d > 0 else BLUE
                width = 1.5 + 12 * abs(d)
            picture.line(*place[a], *place[b], colour, width, "" if d > 0 or v is states[0][1] else "7 3")
        for i, (x, y) in enumerate(place):
            fill = "#222" if i in SOURCES else "#ffffff"
            picture.circle(x, y, 19, fill, ORANGE if i in TARGETS else "#222", 4 if i in TARGETS else 1.5)
            picture.text(x, y + 4, "%.2f" % v[i], 12, colour="#fff" if i in SOURCES else "#000")
    picture.text(390, 365, "black: sources; orange ring: targets, wanted at 3 V; numbers: volts, all R 50 kohm, eta 0.5", 13)
    picture.text(390, 386, "right: orange: the larger drop is the clamped one, R goes up; dashed blue: R goes down; width: difference of the drops", 13)
    picture.save(folder, "physics-twins.svg")


def panel(picture, left, n, eta):
    """The rule of every edge over minus the gradient, each over its largest value; returns their correlation."""
    r_ohm = numpy.random.default_rng(1).uniform(10e3, 90e3, len(EDGES))
    wanted, got = gradient(r_ohm, n), rule(r_ohm, eta, n)
    size, top, right = 230, 66, numpy.corrcoef(wanted, got)[0, 1]
    picture.line(left, top + size, left + size, top + size)
    picture.line(left, top, left, top + size)
    picture.line(left, top + size, left + size, top, GREY, 1, "4 4")
    for tick in (-1, 0, 1):
        at = size / 2 * (1 + tick / 1.2)
        picture.line(left + at, top + size, left + at, top + size + 5)
        picture.line(left - 5, top + size - at, left, top + size - at)
        picture.text(left + at, top + size + 19, "%d" % tick, 12)
        picture.text(left - 9, top + size - at + 4, "%d" % tick, 12, "end")
    for x, y in zip(wanted / numpy.max(numpy.abs(wanted)), got / numpy.max(numpy.abs(got))):
        at = (left + size / 2 * (1 + x / 1.2), top + size / 2 * (1 - y / 1.2))
        if x * y > 0:
            picture.circle(*at, 4.5, BLUE, "none")
        else:
            picture.square(*at, 4.5, ORANGE)
    picture.text(left + size / 2, 28, "%d target%s, eta = %g" % (n, "s" if n > 1 else "", eta), 15)
    picture.text(left + size / 2, 50, "correlation %.3f, %d of %d signs agree" % (right, numpy.sum(wanted * got > 0), len(got)), 13)
    return right


def against_gradient(folder):
    picture = Picture(960, 360)
    right = [panel(picture, 75 + 305 * i, n, eta) for i, (n, eta) in enumerate([(1, 0.01), (3, 0.01), (3, 1.0)])]
    picture.text(495, 345, "minus the gradient of the squared error, over its largest value", 13)
    picture.text(24, 181, "what the edges do, over its largest value", 13, turn=-90)
    picture.save(folder, "physics-gradient.svg")
    return right


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else HERE
    network = os.path.join(HERE, "..", "..", "sim_backend", "networks", "king9_16.csv")
    if os.path.exists(network):  # the picture is that of the network which the other documents speak of
        with open(network, encoding="utf-8") as f:
            rows = [row for row in csv.reader(f) if row and row[0] == "edge"]
        assert [(int(a), int(b)) for _, _, a, b in rows] == EDGES
    twins(folder)
    print("correlation of the rule with minus the gradient: %.3f for one target, %.3f for three, %.3f at eta 1" %
          tuple(against_gradient(folder)))


main()
