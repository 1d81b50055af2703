/* sim_backend/network_shipped.c - the networks that need no file, by name. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim_backend/network.h"
#include "sim_backend/network_make.h"
#include "sim_backend/network_shipped.h"

const char *const *network_shipped_names(void)
{
	return network_shipped_name;
}

static int not_shipped(const char *name, struct network_error *err)
{
	size_t size = sizeof(err->text), n;

	n = (size_t)snprintf(err->text, size, "no built-in network '%.64s'; there are", name);
	for (size_t i = 0; network_shipped_name[i] && n < size; i++)
		n += (size_t)snprintf(err->text + n, size - n, "%s %s", i ? "," : "",
				      network_shipped_name[i]);
	if (n < size)
		snprintf(err->text + n, size - n, "; or " NETWORK_MAKE_NAMES);
	return -ENOENT;
}

int network_shipped(const char *name, struct network **ret, struct network_error *err)
{
	for (size_t i = 0; network_shipped_name[i]; i++)
		if (!strcmp(name, network_shipped_name[i]))
			return network_parse(name, network_shipped_text[i],
					     strlen(network_shipped_text[i]), ret, err);
	return strchr(name, ':') ? network_make(name, ret, err) : not_shipped(name, err);
}
