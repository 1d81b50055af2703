/* sim_backend/network_shipped.h - the text of sim_backend/networks/, as embed.awk wrote it at build time. */
#ifndef SIM_BACKEND_NETWORK_SHIPPED_H
#define SIM_BACKEND_NETWORK_SHIPPED_H

extern const char *const network_shipped_name[]; /* NULL-terminated, "king9_16" */
extern const char *const network_shipped_text[]; /* the same order */

#endif
