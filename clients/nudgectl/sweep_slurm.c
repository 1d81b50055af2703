/* clients/nudgectl/sweep_slurm.c - a sweep as a Slurm job array. */
#include "config.h"

#include "clients/nudgectl/sweep.h"

int sweep_on_slurm(struct sweep_run *run)
{
	return say_failed("%s: --slurm is not there yet", run->sweep->file);
}
