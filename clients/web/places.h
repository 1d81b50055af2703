/* clients/web/places.h - where the page's files and the shipped tasks are, if nobody says. */
#ifndef CLIENTS_WEB_PLACES_H
#define CLIENTS_WEB_PLACES_H

/*
 * The directory of the checkout in whose build tree `program` lies (path of an executable), with an allocated
 * "/NAME" behind it, which must be there: NULL of an installed program, and of a build tree outside its checkout.
 */
char *places_in_checkout(const char *program, const char *name);

/* The same of this program; else `installed`.  Never freed: asked once, at the start. */
const char *places_find(const char *name, const char *installed);

#endif
