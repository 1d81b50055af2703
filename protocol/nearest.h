/* protocol/nearest.h - the word that somebody probably meant. */
#ifndef PROTOCOL_NEAREST_H
#define PROTOCOL_NEAREST_H

#include <stddef.h>

#define NEAREST_MAX_BYTES 64 /* longer words are near nothing */

/* How far word is from candidate: insertions, deletions, changes and swaps of neighbours; a name that lacks
 * only its unit ("tau" for "tau_s") is 1 away.  (size_t)-1: too long, or not near enough to be meant. */
size_t nearest_distance(const char *word, const char *candidate);

#endif
