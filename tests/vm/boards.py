"""boards.py - edge boards over Modbus TCP whose clock is the VM's parallel port: each strobe that the emulated hardware saw
raises every wiper that learns by one tap.  Register map version 1, as a board's maker would write it.

usage: boards.py FOLDER N_BOARDS      prints its port, serves until it is killed; board i answers as unit i + 1
"""

import socketserver
import struct
import sys
import threading

from port import Port

MAGIC, MAP_VERSION, FIRMWARE, CLOCK_SEEN = 0x4E44, 1, 1, 4
MIDSCALE, END = 63, 127
CAPACITOR, WATCHDOG, COMMAND, STEP, EDGE = 0x08, 0x09, 0x0A, 0x20, 0x100
TAP, LAST, MODE, GO = range(4)  # of an edge
LEARN, HOLD, CUT = range(3)
UPDATED, RAISED, AT_END = 1, 2, 4
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3


class Refused(Exception):
    pass


class Board:
    """One board with one edge."""

    def __init__(self, serial):
        self.serial, self.boot, self.ticks = serial, 1, 0
        self.capacitor = self.watchdog = 0
        self.tap, self.last, self.mode, self.updated, self.raised = MIDSCALE, 0, LEARN, 0, 0

    def tick(self):
        self.ticks += 1
        self.last = 0
        if self.mode == LEARN:
            self.last = UPDATED | RAISED | (AT_END if self.tap == END else 0)
            self.tap = min(self.tap + 1, END)
            self.updated += 1
            self.raised += 1

    def registers(self):
        high, low = divmod(self.ticks & 0xFFFFFFFF, 65536)
        status = CLOCK_SEEN if self.ticks else 0
        held = {0: MAGIC, 1: MAP_VERSION, 2: FIRMWARE, 3: 1, 4: self.boot, 5: status, 6: high, 7: low,
                CAPACITOR: self.capacitor, WATCHDOG: self.watchdog, COMMAND: 0,
                0x0B: self.serial >> 16, 0x0C: self.serial & 0xFFFF,
                STEP: self.boot, STEP + 1: status, STEP + 2: low, STEP + 3: self.tap | self.last << 8,
                EDGE + TAP: self.tap, EDGE + LAST: self.last, EDGE + MODE: self.mode, EDGE + GO: self.tap}
        for at, value in ((4, self.updated), (6, self.raised)):
            held[EDGE + at], held[EDGE + at + 1] = divmod(value & 0xFFFFFFFF, 65536)
        return held

    def write(self, address, value):
        most = {CAPACITOR: 4, WATCHDOG: 65535, COMMAND: 3, EDGE + MODE: CUT, EDGE + GO: END}
        if address not in most:
            raise Refused(ILLEGAL_ADDRESS)
        if value > most[address] or (address == COMMAND and value == 0):
            raise Refused(ILLEGAL_VALUE)
        if address == CAPACITOR:
            self.capacitor = value
        elif address == WATCHDOG:
            self.watchdog = value
        elif address == EDGE + MODE:
            self.mode = value
        elif address == EDGE + GO:
            self.tap = value
        elif value == 1:
            self.ticks = self.updated = self.raised = 0
        elif value == 2:
            self.tap = MIDSCALE


class Bus:
    def __init__(self, folder, n):
        self.port = Port(folder)
        self.seen = self.port.strobes()
        self.boards = [Board(1000 + i) for i in range(n)]
        self.lock = threading.Lock()

    def answer(self, unit, request):
        """The answer's bytes; None: there is none."""
        with self.lock:
            return self.answer_alone(unit, request)

    def answer_alone(self, unit, request):
        strobes = self.port.strobes()
        for _ in range(strobes - self.seen):
            for board in self.boards:
                board.tick()
        self.seen = strobes
        try:
            if unit == 0:
                for board in self.boards:
                    self.serve(board, request)
                return None
            if unit > len(self.boards):
                return None
            return self.serve(self.boards[unit - 1], request)
        except Refused as refused:
            return bytes([request[0] | 0x80, refused.args[0]])

    @staticmethod
    def serve(board, request):
        function, address, n = struct.unpack(">BHH", request[:5])
        if function == 3:
            held = board.registers()
            if not 1 <= n <= 125 or any(address + i not in held for i in range(n)):
                raise Refused(ILLEGAL_ADDRESS)
            return struct.pack(">BB%dH" % n, 3, 2 * n, *(held[address + i] for i in range(n)))
        if function == 6:
            board.write(address, n)
            return request[:5]
        if function == 16:
            for i, value in enumerate(struct.unpack(">%dH" % n, request[6:6 + 2 * n])):
                board.write(address + i, value)
            return request[:5]
        raise Refused(ILLEGAL_FUNCTION)


class Connection(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            self.serve()
        except ConnectionError:
            return  # of a client that was killed

    def serve(self):
        while True:
            head = self.rfile.read(7)
            if len(head) < 7:
                return
            number, protocol, length, unit = struct.unpack(">HHHB", head)
            request = self.rfile.read(length - 1)
            if protocol != 0 or len(request) < length - 1:
                return
            answer = self.server.bus.answer(unit, request)
            if answer is not None:
                self.wfile.write(struct.pack(">HHHB", number, 0, len(answer) + 1, unit) + answer)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


def main():
    server = Server(("127.0.0.1", 0), Connection)
    server.bus = Bus(sys.argv[1], int(sys.argv[2]))
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
