/* protocol/nearest.c - edit distance for "did you mean". */
#include "config.h"

#include <stdbool.h>
#include <string.h>

#include "protocol/nearest.h"

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Optimal string alignment, three rows at a time. */
static size_t edits(const char *a, size_t n_a, const char *b, size_t n_b)
{
	size_t rows[3][NEAREST_MAX_BYTES + 1];

	for (size_t j = 0; j <= n_b; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n_a; i++) {
		size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *older = rows[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= n_b; j++) {
			now[j] = least(least(last[j], now[j - 1]) + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], older[j - 2] + 1);
		}
	}
	return rows[n_a % 3][n_b];
}

size_t nearest_distance(const char *word, const char *candidate)
{
	size_t n = strlen(word), n_candidate = strlen(candidate), far, distance;

	if (n == 0 || n > NEAREST_MAX_BYTES || n_candidate > NEAREST_MAX_BYTES)
		return (size_t)-1;
	if (n_candidate > n && strncmp(word, candidate, n) == 0 && candidate[n] == '_')
		return 1;
	far = n < 3 ? 1 : (n + 2) / 3;
	distance = edits(word, n, candidate, n_candidate);
	return distance <= far && distance < n ? distance : (size_t)-1;
}
