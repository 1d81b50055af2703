/* protocol/record.h - the step record: its row in memory, and its pages on the wire.
 *
 * Inside the daemon a step is one row of fixed size (struct record_layout says where each array begins).
 * On the wire a page of n rows is one multipart message, one frame an array, little-endian, leading axis n.
 */
#ifndef PROTOCOL_RECORD_H
#define PROTOCOL_RECORD_H

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
		   RECORD_NOT_CLAMPED = 4,   /* the clamped targets floated */
		   RECORD_LATE = 8,          /* began later than its budget */
		   RECORD_WIPER_UNREAD = 16, /* the taps were not read at this step */
		   RECORD_DISCREPANCY = 32,  /* measured minus commanded beyond discrepancy_V */
};

/* The head of a row; arrays follow at the layout's offsets. */
struct record_head {
	uint64_t step;     /* counts from 0: step k is made when k steps have been */
	int64_t t_mono_ns; /* the rig's clock when the step ended */
	int64_t t_apply_ns, t_free_ns, t_clamped_ns, t_tick_ns;
	int64_t lateness_ns;
	uint32_t example, rev, flags, reserved;
	double mse_V2; /* mean over targets of (V_D - V_F)^2 */
};

struct record_layout {
	size_t n_sources, n_targets, n_measured, n_edges;
	size_t mask_bytes;                  /* (n_edges + 7) / 8 */
	size_t source_V, target_V, clamp_V; /* offsets of f8 arrays in the row */
	size_t free_V, clamped_V;           /* f8 [n_measured], targets first */
	size_t wiper, updated;              /* u1 [n_edges], u1 [mask_bytes] */
	size_t row_bytes;                   /* of a whole row, a multiple of 8 */
	size_t page_rows;                   /* rows that fit into a page */
};

void record_layout(size_t n_sources, size_t n_targets, size_t n_measured, size_t n_edges,
		   struct record_layout *ret);

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
};

#define RECORD_ARRAYS 9
void record_arrays(const struct record_layout *layout, struct record_array ret[RECORD_ARRAYS]);

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
	int64_t t_utc_ns; /* since 1970, of the last row */
};
size_t record_header(const struct record_page *page, char *text, size_t size);

/* "2026-11-22T03:51:31.123456Z"; text holds 28 bytes or more. */
char *record_utc(int64_t t_utc_ns, char *text, size_t size);

#endif
