/* clients/web/pages.h - the page's files. */
#ifndef CLIENTS_WEB_PAGES_H
#define CLIENTS_WEB_PAGES_H

#include "clients/web/http.h"

/* index.html for the page's own addresses; false: path is none of them. */
bool pages_index(const char *dir, const char *path, struct http_answer *ret);
/* A file below dir; name is what stands behind "/app/". */
void pages_file(const char *dir, const char *name, struct http_answer *ret);

#endif
