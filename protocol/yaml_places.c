/* protocol/yaml_places.c - where each value of a file stood. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/yaml.h"
#include "protocol/yaml_places.h"

struct place {
	char *path;
	size_t line, column; /* from 0 */
};

struct yaml_places {
	struct place *all;
	size_t n, room;
};

struct yaml_places *yaml_places_new(void)
{
	return calloc(1, sizeof(struct yaml_places));
}

void yaml_places_free(struct yaml_places *places)
{
	if (!places)
		return;
	for (size_t i = 0; i < places->n; i++)
		free(places->all[i].path);
	free(places->all);
	free(places);
}

void yaml_places_add(struct yaml_places *places, const char *path, size_t line, size_t column)
{
	struct place *grown;
	char *copy;

	/* a member's key came right before its value */
	if (places->n > 0 && strcmp(places->all[places->n - 1].path, path) == 0)
		return;
	if (places->n == places->room) {
		size_t room = places->room ? 2 * places->room : 64;

		grown = realloc(places->all, room * sizeof(*grown));
		if (!grown)
			return;
		places->all = grown;
		places->room = room;
	}
	copy = strdup(path);
	if (!copy)
		return;
	places->all[places->n++] = (struct place){copy, line, column};
}

static const struct place *find(const struct yaml_places *places, const char *path, size_t n)
{
	for (size_t i = 0; i < places->n; i++)
		if (strncmp(places->all[i].path, path, n) == 0 && !places->all[i].path[n])
			return &places->all[i];
	return NULL;
}

bool yaml_place(const struct yaml_places *places, const char *path, int *line, int *column)
{
	const struct place *place = NULL;
	size_t n = strlen(path);

	if (!places)
		return false;
	while (!(place = find(places, path, n)) && n > 0)
		while (n > 0 && path[--n] != '/')
			;
	if (!place)
		return false;
	*line = (int)place->line + 1;
	*column = (int)place->column + 1;
	return true;
}

void yaml_locate(const char *file, const struct yaml_places *places, struct problem *p)
{
	char text[2 * sizeof(p->message)];
	int line, column;

	if (!p)
		return;
	if (yaml_place(places, p->path, &line, &column))
		snprintf(text, sizeof(text), "%.400s:%d:%d: %s", file, line, column, p->message);
	else
		snprintf(text, sizeof(text), "%.400s: %s", file, p->message);
	problem_cut(p->message, sizeof(p->message), text);
}
