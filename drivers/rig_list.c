/* drivers/rig_list.c - the rigs that are built in. */
#include "config.h"

#include <string.h>

#include "drivers/rig_impl.h"

const struct rig_ops *rig_list_find(const char *backend)
{
	static const struct rig_ops *const all[] = {&sim_rig_ops, &bench_rig_ops};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(all[i]->backend, backend))
			return all[i];
	return NULL;
}
