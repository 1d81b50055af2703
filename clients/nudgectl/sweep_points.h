/* clients/nudgectl/sweep_points.h - what a sweep goes through: points, seeds, their order and their names. */
#ifndef CLIENTS_NUDGECTL_SWEEP_POINTS_H
#define CLIENTS_NUDGECTL_SWEEP_POINTS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "protocol/problem.h"

/* Of a checked sweep file: a list of points {path: value}, the first path of a grid slowest; and of each where its values stand,
 * {path: JSON pointer}.  Without grid and list one empty point.  0, or -1 and *p: too many. */
int sweep_points(const json_t *sweep, json_t **ret_points, json_t **ret_origins, struct problem *p);

uint64_t *sweep_seeds(const json_t *seeds, size_t *ret_n); /* N: 1 to N; NULL: no memory */

/* A permutation of 0 .. n - 1, the same for the same seed on every machine.  NULL: no memory. */
size_t *sweep_order(size_t n, uint64_t seed);

/* A value as people would type it: as few digits as bring it back.  Long ones are "#3" after the point's number i. */
char *sweep_value_text(const json_t *value, size_t i);

json_t *sweep_group(const char *sweep); /* "group:NAME", the tag of all its runs */
/* ["group:NAME", "params.p=0.5", ...] */
json_t *sweep_point_tags(const char *sweep, const json_t *point, size_t i);
/* {"params.p": 0.5}: what the tags say */
json_t *sweep_tags_point(const json_t *tags);
/* "NAME p=0.5 seed=3" */
char *sweep_cell_name(const char *sweep, const json_t *point, size_t i, uint64_t seed);

#endif
