/* protocol/record.h - the step record: its row in memory, and its pages on the wire.
 *
 * Inside the daemon a step is one row of fixed size (struct record_layout says where each array begins).
 * On the wire a page of n rows is one multipart message, one frame an array, little-endian, leading axis n.
 */
#ifndef PROTOCOL_RECORD_H
#define PROTOCOL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define PROTOCOL_VERSION 1
#define RECORD_MAX_ROWS  256u
#define RECORD_MAX_BYTES (256u * 1024u)

enum record_flag {                           /* the column `flags` */
		   RECORD_CLAMP_LIMITED = 1, /* a V_C was set to a limit (measure_slack_V) */
		   RECORD_NOT_LEARNT =
			   2, /* shown and measured, not ticked: learn false, or update_when said no */
		   RECORD_NOT_CLAMPED = 4, /* the clamped targets floated */
		   RECORD_LATE = 8,        /* began later than its budget */
		   RECORD_WIPER_UNREAD =
			   16, /* wiper, updated and r_ohm were not read, or the run's log leaves them out: they are 0 */
		   RECORD_DISCREPANCY = 32,   /* measured minus commanded beyond discrepancy_V */
		   RECORD_TICK_MISMATCH = 64, /* a board counted another number of clock edges */
};

/* A replay has no row of what the run's log left out: another stands in its place, and is not published. */
enum record_absent { RECORD_PRESENT, RECORD_REPEATED, RECORD_EMPTY };

/* The head of a row; arrays follow at the layout's offsets. */
struct record_head {
	uint64_t step;     /* counts from 0: step k is made when k steps have been */
	int64_t t_mono_ns; /* the rig's clock when the step ended */
	int64_t t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns;
	int64_t lateness_ns;
	uint32_t example, rev, flags;
	uint32_t absent;           /* enum record_absent */
	double mse_V2;             /* mean over targets of (V_D - V_F)^2 */
	double mse_equilibrium_V2; /* the same where the free network would come to rest; NAN: not known */
};

/* What a run's rows hold, and which of them its log keeps. */
struct record_shape {
	size_t n_sources, n_targets, n_measured, n_edges;
	bool continuous;      /* edges have r_ohm and no taps */
	bool equilibrium;     /* mse_equilibrium_V2 is published */
	uint64_t keep_every;  /* steps kept: those that this divides; 0 counts as 1 */
	uint64_t wiper_every; /* steps with wiper, updated and r_ohm: likewise; UINT64_MAX: none */
};

struct record_layout {
	size_t n_sources, n_targets, n_measured, n_edges;
	size_t n_wipers, n_r_ohm; /* n_edges of the one that the edges have, 0 of the other */
	bool equilibrium;
	uint64_t keep_every, wiper_every;   /* 1 or more */
	size_t mask_bytes;                  /* (n_edges + 7) / 8 */
	size_t source_V, target_V, clamp_V; /* offsets of f8 arrays in the row */
	size_t free_V, clamped_V;           /* f8 [n_measured], targets first */
	size_t r_ohm;                       /* f8 [n_r_ohm] */
	size_t wiper, updated;              /* u1 [n_wipers], u1 [mask_bytes] */
	size_t row_bytes;                   /* of a whole row, a multiple of 8 */
	size_t page_rows;                   /* rows that fit into a page */
};

void record_layout(const struct record_shape *shape, struct record_layout *ret);

static inline bool record_is_kept(const struct record_layout *layout, uint64_t step)
{
	return step % layout->keep_every == 0;
}

/* Are taps and resistances of this step published and kept? */
static inline bool record_has_edges(const struct record_layout *layout, uint64_t step)
{
	return layout->wiper_every != UINT64_MAX && step % layout->wiper_every == 0;
}

static inline struct record_head *record_head(void *row)
{
	return row;
}

static inline double *record_reals(void *row, size_t offset)
{
	return (double *)((char *)row + offset);
}

static inline uint8_t *record_bytes(void *row, size_t offset)
{
	return (uint8_t *)row + offset;
}

/* One array of a step record as published. */
struct record_array {
	const char *name, *dtype, *unit; /* "v_free_V", "<f8", "V" */
	size_t width;                    /* values a row: 1, or the second axis */
	int axes;                        /* 1: [n]; 2: [n, width] */
	size_t item_bytes;
	size_t offset; /* in the row */
	bool of_edges; /* 0 in rows with the flag RECORD_WIPER_UNREAD */
};

#define RECORD_ARRAYS 11 /* at the most */
size_t record_arrays(const struct record_layout *layout,
		     struct record_array ret[RECORD_ARRAYS]); /* how many */

/* The descriptor: {"desc":7,"run":42,"arrays":[{name,dtype,shape,unit,nodes|edges}],...}; measured lists nodes. */
json_t *record_descriptor(const struct record_layout *layout, uint64_t desc, uint64_t run,
			  const uint32_t *measured, const uint32_t *targets,
			  const uint32_t *sources);

/* Gathers column i of n rows (row_stride bytes apart) into out (n * width * item_bytes). */
void record_gather(const struct record_array *array, const void *rows, size_t row_stride, size_t n,
		   void *out);

/* Header text of a page; writes at most size bytes, returns the length or 0 if it does not fit. */
struct record_page {
	const char *boot;
	uint64_t seq, prev, durable_seq; /* seq 0: fetched rows, which carry none (left out) */
	uint64_t run, step, desc;
	size_t n;
	bool left_out;    /* the run's log leaves these steps out: "kept": false */
	int64_t t_utc_ns; /* since 1970, of the last row */
};
size_t record_header(const struct record_page *page, char *text, size_t size);

/* "2026-11-22T03:51:31.123456Z"; text holds 28 bytes or more. */
char *record_utc(int64_t t_utc_ns, char *text, size_t size);
/* The other way, with as many decimals as there are; false: no such text. */
bool record_utc_read(const char *text, int64_t *ret_ns);

#endif
