"""story.py - what vm.test runs in the VM, in its work directory: the devices, then the card driver, then the daemon."""

from card import card
from daemon import daemon
from comedi import AI, AO, CODES, DO, Device, volts
from port import CONTROL, DATA, Port
from tap import note, run, same


def devices(port):
    """Are the VM's devices what the tests count on?  Without a line of ours."""
    test, parport = Device("/dev/comedi0"), Device("/dev/comedi1")
    for channel, code in enumerate((0, 1, 9999, 32767, 32768, 50000, CODES - 1, CODES)):
        test.set_code(AO, channel, code)
    same(test.codes(AI), [0, 1, 9999, 32767, 32768, 50000, CODES - 1, CODES], "comedi_test loops its outputs to its inputs")
    same([volts(0, (-5, 5)), volts(CODES, (-5, 5))], [-5, 5], "codes are volts from end to end of a range")
    before, since = port.strobes(), len(port.writes())
    for line in (3, 2):
        parport.set_line(DO, line, True)
    same(port.strobes() - before, 0, "putting the port on line makes no strobe")
    for high in (True, False) * 3:
        parport.set_line(DO, 0, high)
    same(port.strobes() - before, 3, "the port counts three strobes of line do0")
    same(port.edges(CONTROL, 0, since), (3, 3), "the port's log has their edges")
    same(port.edges(DATA, 0, since), (0, 0), "and none of line dio0")
    test.close()
    parport.close()


def story():
    port = Port()
    devices(port)
    card(port)
    daemon(port)
    note("%d strobes in all" % port.strobes())


if __name__ == "__main__":
    run(story)
