/* drivers/rig_config.c - copies and frees what a rig is told when it is opened. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/rig_config.h"
#include "sim_backend/network.h"

static const char *const kind_names[] = {
	[DAQ_NONE] = "-", [DAQ_AO] = "ao", [DAQ_AI] = "ai", [DAQ_DIO] = "dio", [DAQ_DO] = "do"};

int daq_channel_parse(const char *name, struct daq_channel *ret)
{
	for (int kind = DAQ_AO; kind <= DAQ_DO; kind++) {
		size_t n = strlen(kind_names[kind]);
		char *end;
		unsigned long number;

		if (strncmp(name, kind_names[kind], n) || name[n] < '0' || name[n] > '9')
			continue;
		number = strtoul(name + n, &end, 10);
		if (*end || number > 9999)
			return -EINVAL;
		*ret = (struct daq_channel){(enum daq_kind)kind, (unsigned)number};
		return 0;
	}
	return -EINVAL;
}

const char *daq_channel_name(struct daq_channel channel, char ret[16])
{
	if (channel.kind == DAQ_NONE)
		return strcpy(ret, "-");
	snprintf(ret, 16, "%s%u", kind_names[channel.kind], channel.number % 10000);
	return ret;
}

/* The same bytes elsewhere; NULL for none.  *ok turns false when memory is out. */
static void *again(const void *list, size_t n, size_t size, bool *ok)
{
	void *copy = NULL;

	if (!list)
		return NULL;
	copy = calloc(n + 1, size);
	if (copy && n)
		memcpy(copy, list, n * size);
	*ok &= copy != NULL;
	return copy;
}

int rig_config_copy(const struct rig_config *config, struct rig_config **ret)
{
	struct rig_config *copy = malloc(sizeof(*copy));
	const struct daq_config *daq = &config->daq;
	const struct boards_config *boards = &config->boards;
	size_t n_nodes = config->network ? config->network->n_nodes : 0;
	bool ok = true;

	if (!copy)
		return -ENOMEM;
	*copy = *config;
	copy->network = config->network ? network_copy(config->network) : NULL;
	ok &= !config->network == !copy->network;
	copy->capacitance_F =
		again(config->capacitance_F, config->n_capacitance, sizeof(double), &ok);
	copy->bias = again(config->bias, config->n_bias, sizeof(*copy->bias), &ok);
	copy->sim.fault =
		again(config->sim.fault, config->sim.n_faults, sizeof(*copy->sim.fault), &ok);
	for (int side = 0; side < 2; side++)
		copy->daq.wire[side] =
			again(daq->wire[side], n_nodes, sizeof(struct daq_wire), &ok);
	copy->daq.gain = again(daq->gain, daq->n_gain, sizeof(*daq->gain), &ok);
	copy->boards.device =
		again(boards->device, boards->n_devices, sizeof(*boards->device), &ok);
	copy->boards.address = again(boards->address, boards->n_boards, 1, &ok);
	copy->boards.serial = again(boards->serial, boards->n_boards, sizeof(uint32_t), &ok);
	if (!ok) {
		rig_config_free(copy);
		return -ENOMEM;
	}
	*ret = copy;
	return 0;
}

void rig_config_free(struct rig_config *config)
{
	if (!config)
		return;
	network_free(config->network);
	free(config->capacitance_F);
	free(config->bias);
	free(config->sim.fault);
	free(config->daq.wire[0]);
	free(config->daq.wire[1]);
	free(config->daq.gain);
	free(config->boards.device);
	free(config->boards.address);
	free(config->boards.serial);
	free(config);
}
