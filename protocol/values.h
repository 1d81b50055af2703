/* protocol/values.h - the schemas of values that methods and files have in common. */
#ifndef PROTOCOL_VALUES_H
#define PROTOCOL_VALUES_H

#include "protocol/schema.h"

extern const struct schema value_any, value_bool, value_null;
extern const struct schema value_text;    /* any string of up to 4096 bytes */
extern const struct schema value_name;    /* 1 to 200 bytes */
extern const struct schema value_names;   /* a list of names */
extern const struct schema value_tags;    /* the same, or none */
extern const struct schema value_number;  /* any */
extern const struct schema value_numbers; /* a list of any */
extern const struct schema value_count;   /* an integer from 0 on */
extern const struct schema value_number1; /* an integer from 1 on */
extern const struct schema value_run, value_step, value_node, value_nodes, value_edge;
extern const struct schema value_volts, value_volts_list, value_volts_from_0, value_node_volts;
extern const struct schema value_volts_range; /* [least, greatest] */
extern const struct schema value_seconds;     /* from 0 on, at most a week */
extern const struct schema value_ohms, value_farads, value_fraction;
extern const struct schema value_mse_V2;
extern const struct schema value_tap, value_taps;
extern const struct schema value_seed;       /* 0 .. 2^53, so that any JSON reader keeps it */
extern const struct schema value_lease_loss; /* continue, pause, safe */
extern const struct schema value_utc;        /* "2026-11-22T03:51:31.123456Z" */

/* A change of parameters: any of eta, p, tau_s, capacitance_F, relaxation_rate_per_s, alpha_over_gamma, nearest. */
extern const struct schema value_params;
extern const struct schema_member params_members[], params_now_members[];
/* The parameters as they are. */
extern const struct schema value_params_now;

#endif
