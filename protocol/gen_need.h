/* protocol/gen_need.h - what the generated documents say of a member that must be there. */
#ifndef PROTOCOL_GEN_NEED_H
#define PROTOCOL_GEN_NEED_H

#include "protocol/schema.h"

/* "": it may be left out. */
static inline const char *gen_need(const struct schema_member *m)
{
	if (m->required)
		return "needed";
	switch (m->choice) {
	case SCHEMA_FREE:
		return "";
	case SCHEMA_ONE:
		return "one of these";
	case SCHEMA_UP_TO_ONE:
		return "at most one of these";
	}
	return "";
}

#endif
