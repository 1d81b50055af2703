/* sim_backend/network.h - the graph of a network: nodes with places, edges with ends.
 *
 * Files have rows `node,id,x,y` and `edge,id,a,b` (`#` comments, one header line `kind,id,a,b`).
 * Ids count from 0 without holes.  x and y are for pictures only.
 */
#ifndef SIM_BACKEND_NETWORK_H
#define SIM_BACKEND_NETWORK_H

#include <stddef.h>
#include <stdint.h>

struct network {
	size_t n_nodes, n_edges;
	uint32_t *a, *b; /* [n_edges]; the drop of edge j is v[a[j]] - v[b[j]] */
	double *x, *y;   /* [n_nodes] */
};

struct network_error {
	char text[256]; /* "king9.csv:14: edge 3 joins node 9, but the nodes are 0 to 8" */
};

/* All: 0 or -errno (-ENOENT, -EINVAL, -ENOMEM); *ret is for network_free(). */
int network_read(const char *path, struct network **ret, struct network_error *err);
int network_parse(const char *name, const char *text, size_t n, struct network **ret,
		  struct network_error *err);
/* "king9_16", built in, or made on the spot:
 *   square:NxM           N rows of M nodes, each joined to the next in its row and in its column
 *   torus:NxM            the same, periodic, N and M 3 or more; torus:4x4 is torus16_32
 *   cubic:N              N x N x N nodes
 *   disordered:N,z       N relaxed random points in a periodic box, joined to the nearest, mean degree z, connected
 *   disordered:N,z,seed  another of those; without it seed 1
 */
int network_shipped(const char *name, struct network **ret, struct network_error *err);
int network_from_edges(const uint32_t (*ends)[2], size_t n_edges, struct network **ret,
		       struct network_error *err); /* nodes on a circle */
const char *const *network_shipped_names(void);    /* NULL-terminated; of those that are built in */
struct network *network_alloc(size_t n_nodes, size_t n_edges); /* all zero; NULL: out of memory */
struct network *network_copy(const struct network *net);
void network_free(struct network *net); /* accepts NULL */

#endif
