/* drivers/daq_comedi_open.c - opens a card behind comedi and asks what it has; writes nothing to it. */
#include "config.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/daq_comedi.h"

/* Debian's udev rule gives the devices to group iocard. */
static int refuse_user(const struct comedi_port *port, const char *doing, struct rig_error *err)
{
	struct stat device;
	const struct group *group = stat(port->path, &device) == 0 ? getgrgid(device.st_gid) : NULL;
	const struct passwd *user = getpwuid(geteuid());
	const char *group_name = group ? group->gr_name : "iocard";
	const char *user_name = user ? user->pw_name : "this user";

	return rig_fail(err, -EACCES,
			"%s: %s: permission denied: it is for group %s, and %s runs without it; "
			"`adduser %s %s` as root and a new login give it",
			port->path, doing, group_name, user_name, user ? user_name : "USER",
			group_name);
}

int comedi_card_fail(const struct comedi_port *port, const char *doing, struct rig_error *err)
{
	int n = comedi_errno();

	/* libcomedi's own codes begin at 0x1000: a subdevice, channel or argument that is not there */
	if (n <= 0 || n >= 0x1000)
		return rig_fail(err, -EIO, "%s: %s: %s", port->path, doing,
				n > 0 ? comedi_strerror(n) : "no reason given");
	if (n == EACCES || n == EPERM)
		return refuse_user(port, doing, err);
	if (n == EBADF || n == EIO || n == ENXIO || n == ENODEV || n == ENOENT)
		return rig_fail(err, -ENODEV, "%s: %s: the card is not there (%s)", port->path,
				doing, strerror(n));
	return rig_fail(err, -n, "%s: %s: %s", port->path, doing, strerror(n));
}

static int open_port(struct comedi_port *port, const char *path, struct rig_error *err)
{
	size_t n = strlen(path);

	if (n >= sizeof(port->path))
		return rig_fail(err, -EINVAL, "%.40s...: a device's name of %zu characters", path,
				n);
	memcpy(port->path, path, n + 1);
	port->dev = comedi_open(path);
	return port->dev ? 0 : comedi_card_fail(port, "opening", err);
}

/* ---- subdevices ---- */

/* Has this channel the ranges and the resolution of channel 0? */
static bool alike(const struct comedi_part *part, unsigned channel)
{
	comedi_t *dev = part->port->dev;
	int n = comedi_get_n_ranges(dev, part->subdevice, 0);

	if (comedi_get_maxdata(dev, part->subdevice, channel) != part->maxdata ||
	    comedi_get_n_ranges(dev, part->subdevice, channel) != n)
		return false;
	for (int i = 0; i < n; i++) {
		const comedi_range *a = comedi_get_range(dev, part->subdevice, 0, (unsigned)i);
		const comedi_range *b =
			comedi_get_range(dev, part->subdevice, channel, (unsigned)i);

		if (!a || !b || a->min != b->min || a->max != b->max || a->unit != b->unit)
			return false;
	}
	return true;
}

/* Grounded wires where the card can measure so; a card whose inputs are differential only, differential. */
static unsigned reference_of(unsigned flags)
{
	if (flags & SDF_GROUND)
		return AREF_GROUND;
	if (flags & SDF_COMMON)
		return AREF_COMMON;
	return flags & SDF_DIFF ? AREF_DIFF : AREF_GROUND;
}

static void find_part(struct comedi_part *part, struct comedi_port *port, int type)
{
	int subdevice = comedi_find_subdevice_by_type(port->dev, type, 0), n;

	if (subdevice < 0)
		return;
	part->port = port;
	part->subdevice = (unsigned)subdevice;
	part->flags = (unsigned)comedi_get_subdevice_flags(port->dev, part->subdevice);
	part->aref = reference_of(part->flags);
	part->maxdata = comedi_get_maxdata(port->dev, part->subdevice, 0);
	n = comedi_get_n_channels(port->dev, part->subdevice);
	if (n <= 0 || part->maxdata == 0)
		return;
	part->n_channels = (unsigned)n;
	if (!comedi_range_is_chan_specific(port->dev, part->subdevice) &&
	    !comedi_maxdata_is_chan_specific(port->dev, part->subdevice))
		return;
	for (unsigned i = 1; i < part->n_channels; i++)
		if (!alike(part, i))
			part->n_channels = i;
}

/* ---- facts ---- */

static void tell_ranges(const struct comedi_part *part, enum daq_kind kind, struct daq_facts *facts)
{
	int n = comedi_get_n_ranges(part->port->dev, part->subdevice, 0);

	facts->analogue[kind].n = n < 0 ? 0 : n > DAQ_RANGES_MOST ? DAQ_RANGES_MOST : (unsigned)n;
	for (unsigned i = 0; i < facts->analogue[kind].n; i++) {
		const comedi_range *range =
			comedi_get_range(part->port->dev, part->subdevice, 0, i);
		bool volts = range && range->unit == UNIT_volt;

		facts->analogue[kind].range[i] = (struct daq_range){
			volts ? range->min : (double)NAN, volts ? range->max : (double)NAN};
	}
	facts->analogue[kind].bits = 0;
	for (lsampl_t most = part->maxdata; most; most >>= 1)
		facts->analogue[kind].bits++;
}

static bool reads_back(const struct comedi_part *part)
{
	lsampl_t code;

	return part->n_channels &&
	       comedi_data_read(part->port->dev, part->subdevice, 0, 0, part->aref, &code) == 1;
}

static void tell_name(const struct comedi_port *port, char *ret, size_t size)
{
	const char *board = comedi_get_board_name(port->dev);

	snprintf(ret, size, "%.40s on %s", board ? board : "a card", port->path);
}

static void tell_facts(const struct comedi_card *card, struct daq_facts *facts)
{
	*facts = (struct daq_facts){0};
	tell_name(&card->analogue, facts->name, sizeof(facts->name));
	if (card->digital.dev)
		tell_name(&card->digital, facts->lines, sizeof(facts->lines));
	for (int kind = DAQ_AO; kind < DAQ_KINDS; kind++)
		facts->n_channels[kind] = card->part[kind].n_channels;
	for (int kind = DAQ_AO; kind <= DAQ_AI; kind++)
		if (card->part[kind].n_channels)
			tell_ranges(&card->part[kind], (enum daq_kind)kind, facts);
	facts->reads_back = reads_back(&card->part[DAQ_AO]);
}

/* ---- soft calibration ---- */

/* Cards that are calibrated in software say so; comedi_soft_calibrate(1) makes the file.  Without it the card is used as
 * its ranges say: calibrate.daq, or the rig file's gains, can still make it true. */
static int load_calibration(struct comedi_card *card, struct rig_error *err)
{
	if (!((card->part[DAQ_AO].flags | card->part[DAQ_AI].flags) & SDF_SOFT_CALIBRATED))
		return 0;
	card->calibration_path = comedi_get_default_calibration_path(card->analogue.dev);
	if (!card->calibration_path || access(card->calibration_path, F_OK) < 0)
		return 0;
	card->calibration = comedi_parse_calibration_file(card->calibration_path);
	if (card->calibration)
		return 0;
	return rig_fail(err, -EINVAL,
			"%s: cannot read the calibration in %s; make it anew by comedi_calibrate, "
			"or remove it",
			card->analogue.path, card->calibration_path);
}

static int calibrate_part(struct comedi_card *card, struct comedi_part *part)
{
	comedi_polynomial_t *to = calloc(part->n_channels + 1, sizeof(*to));
	comedi_polynomial_t *from = calloc(part->n_channels + 1, sizeof(*from));
	bool all = to && from;

	for (unsigned i = 0; all && i < part->n_channels; i++)
		all = comedi_get_softcal_converter(part->subdevice, i, part->range,
						   COMEDI_TO_PHYSICAL, card->calibration,
						   &to[i]) == 0 &&
		      comedi_get_softcal_converter(part->subdevice, i, part->range,
						   COMEDI_FROM_PHYSICAL, card->calibration,
						   &from[i]) == 0;
	if (!all) {
		int r = to && from ? 0 : -ENOMEM;

		free(to);
		free(from);
		return r;
	}
	part->to_phys = to;
	part->from_phys = from;
	return 0;
}

int comedi_card_calibrate(struct comedi_card *card, struct rig_error *err)
{
	for (int kind = DAQ_AO; kind <= DAQ_AI; kind++) {
		struct comedi_part *part = &card->part[kind];

		if (!card->calibration || !part->n_channels || !(part->flags & SDF_SOFT_CALIBRATED))
			continue;
		if (calibrate_part(card, part) < 0)
			return rig_fail(err, -ENOMEM, "out of memory");
	}
	return 0;
}

/* ---- open and close ---- */

static int open_card(struct comedi_card *card, const char *device, const char *digital,
		     struct rig_error *err)
{
	struct comedi_port *lines = digital[0] ? &card->digital : &card->analogue;
	int r = open_port(&card->analogue, device, err);

	if (r == 0 && digital[0])
		r = open_port(&card->digital, digital, err);
	if (r < 0)
		return r;
	find_part(&card->part[DAQ_AO], &card->analogue, COMEDI_SUBD_AO);
	find_part(&card->part[DAQ_AI], &card->analogue, COMEDI_SUBD_AI);
	find_part(&card->part[DAQ_DIO], lines, COMEDI_SUBD_DIO);
	find_part(&card->part[DAQ_DO], lines, COMEDI_SUBD_DO);
	return load_calibration(card, err);
}

int comedi_card_open(const char *device, const char *digital, void **ret, struct daq_facts *facts,
		     struct rig_error *err)
{
	struct comedi_card *card = calloc(1, sizeof(*card));
	int r;

	if (!card)
		return rig_fail(err, -ENOMEM, "out of memory");
	comedi_loglevel(0); /* what it has to say comes as a sentence */
	comedi_set_global_oor_behavior(COMEDI_OOR_NAN);
	r = open_card(card, device, digital, err);
	if (r < 0) {
		comedi_card_close(card);
		return r;
	}
	tell_facts(card, facts);
	*ret = card;
	return 0;
}

void comedi_card_close(void *self)
{
	struct comedi_card *card = self;

	for (int kind = 0; kind < DAQ_KINDS; kind++) {
		free(card->part[kind].to_phys);
		free(card->part[kind].from_phys);
	}
	if (card->calibration)
		comedi_cleanup_calibration(card->calibration);
	free(card->calibration_path);
	if (card->digital.dev)
		comedi_close(card->digital.dev);
	if (card->analogue.dev)
		comedi_close(card->analogue.dev);
	free(card->insn);
	free(card->data);
	free(card);
}
