/* daemon/pending.c - a hash table with chains; tokens count up. */
#include "config.h"

#include <stdlib.h>

#include "daemon/pending.h"

#define N_CHAINS 256

struct pending_table {
	struct pending *chains[N_CHAINS];
	uint64_t last_token;
	size_t count, most;
};

struct pending_table *pending_table_new(size_t most)
{
	struct pending_table *table = calloc(1, sizeof(*table));

	if (table)
		table->most = most;
	return table;
}

static void drop(void *table, struct pending *pending)
{
	pending_free(table, pending);
}

void pending_table_free(struct pending_table *table)
{
	if (!table)
		return;
	pending_each(table, drop, table);
	free(table);
}

struct pending *pending_new(struct pending_table *table)
{
	struct pending *pending;
	struct pending **chain;

	if (table->count >= table->most)
		return NULL;
	pending = calloc(1, sizeof(*pending));
	if (!pending)
		return NULL;
	pending->token = ++table->last_token;
	chain = &table->chains[pending->token % N_CHAINS];
	pending->next = *chain;
	*chain = pending;
	table->count++;
	return pending;
}

struct pending *pending_find(struct pending_table *table, uint64_t token)
{
	struct pending *pending = table->chains[token % N_CHAINS];

	while (pending && pending->token != token)
		pending = pending->next;
	return pending;
}

void pending_free(struct pending_table *table, struct pending *pending)
{
	struct pending **at = &table->chains[pending->token % N_CHAINS];

	while (*at != pending)
		at = &(*at)->next;
	*at = pending->next;
	table->count--;
	if (pending->work && pending->free_work)
		pending->free_work(pending->work);
	envelope_clear(&pending->envelope);
	request_clear(&pending->request);
	free(pending);
}

size_t pending_count(const struct pending_table *table)
{
	return table->count;
}

void pending_each(struct pending_table *table, void (*function)(void *, struct pending *),
		  void *context)
{
	for (size_t i = 0; i < N_CHAINS; i++) {
		struct pending *pending = table->chains[i];

		while (pending) {
			struct pending *next = pending->next;

			function(context, pending);
			pending = next;
		}
	}
}
