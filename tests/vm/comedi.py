"""comedi.py - a second pair of eyes on a comedi device: libcomedi by ctypes, raw codes, no code of ours between."""

import ctypes

_lib = ctypes.CDLL("libcomedi.so.0")
_device, _number, _result = ctypes.c_void_p, ctypes.c_uint, ctypes.POINTER(ctypes.c_uint)
_lib.comedi_open.restype = _device
_lib.comedi_strerror.restype = ctypes.c_char_p
_lib.comedi_close.argtypes = [_device]
_lib.comedi_data_read.argtypes = [_device, _number, _number, _number, _number, _result]
_lib.comedi_data_write.argtypes = [_device, _number, _number, _number, _number, _number]
_lib.comedi_dio_read.argtypes = [_device, _number, _number, _result]
_lib.comedi_dio_write.argtypes = [_device, _number, _number, _number]

CODES = 65535  # of comedi_test's 16 bits, over either range
RANGES = ((-10.0, 10.0), (-5.0, 5.0))
AI, AO = 0, 1  # subdevices of comedi_test
DIO, DI, DO = 0, 1, 2  # subdevices of comedi_parport


def volts(code, low_high):
    low, high = low_high
    return low + (high - low) * code / CODES


def lsb(low_high):
    return (low_high[1] - low_high[0]) / CODES


class Device:
    def __init__(self, path):
        self.path = path
        self.handle = _lib.comedi_open(path.encode())
        if not self.handle:
            raise OSError("%s: %s" % (path, _lib.comedi_strerror(_lib.comedi_errno()).decode()))

    def close(self):
        _lib.comedi_close(self.handle)

    def _done(self, name, *arguments):
        if getattr(_lib, "comedi_" + name)(self.handle, *arguments) != 1:
            raise OSError("%s: %s%r: %s" % (self.path, name, arguments[:3],
                                            _lib.comedi_strerror(_lib.comedi_errno()).decode()))

    def code(self, subdevice, channel):
        """An input's code now, or the one an output holds."""
        value = ctypes.c_uint()
        self._done("data_read", subdevice, channel, 0, 0, ctypes.byref(value))
        return value.value

    def codes(self, subdevice, n=8):
        return [self.code(subdevice, channel) for channel in range(n)]

    def set_code(self, subdevice, channel, code):
        self._done("data_write", subdevice, channel, 0, 0, code)

    def set_line(self, subdevice, line, high):
        self._done("dio_write", subdevice, line, int(high))

    def line(self, subdevice, line):
        value = ctypes.c_uint()
        self._done("dio_read", subdevice, line, ctypes.byref(value))
        return value.value
