/* protocol/role.c - the roles' words. */
#include "config.h"

#include <string.h>

#include "protocol/role.h"

static const char *const words[] = {
	[ROLE_NONE] = "none",
	[ROLE_OBSERVER] = "observer",
	[ROLE_OPERATOR] = "operator",
	[ROLE_ADMIN] = "admin",
};

const char *role_word(enum role role)
{
	return words[role];
}

enum role role_of_word(const char *word)
{
	for (int i = ROLE_OBSERVER; i <= ROLE_ADMIN; i++)
		if (strcmp(words[i], word) == 0)
			return (enum role)i;
	return ROLE_NONE;
}
