/* clients/web/pages.c - the page's files. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clients/web/answer.h"
#include "clients/web/pages.h"

static const char *type_of(const char *name)
{
	static const char *const types[][2] = {
		{".html", "text/html; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".mjs", "text/javascript; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
		{".ico", "image/x-icon"},
		{".json", "application/json"},
		{".woff2", "font/woff2"},
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(dot, types[i][0]))
			return types[i][1];
	return "text/plain; charset=utf-8";
}

/* Words between slashes, none of which begins with a dot: nothing above, nothing hidden */
static bool is_inside(const char *name)
{
	const char *at = name;

	if (name[strspn(name,
			"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/")])
		return false;
	for (;;) {
		if (*at == '.' || *at == '/' || *at == '\0')
			return false;
		at = strchr(at, '/');
		if (!at)
			return true;
		at++;
	}
}

void pages_file(const char *dir, const char *name, struct http_answer *ret)
{
	struct stat status;
	int from, fd = -1;

	if (is_inside(name)) {
		from = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (from >= 0) {
			fd = openat(from, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
			close(from);
		}
	}
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
		if (fd >= 0)
			close(fd);
		answer_text(ret, 404, "There is no such file.\n");
		return;
	}
	ret->status = 200;
	ret->type = type_of(name);
	if (status.st_size > 0) {
		ret->file = fd;
		ret->file_n = (size_t)status.st_size;
	} else {
		close(fd);
	}
}

/* "/", "/history", "/run/N" */
static bool is_page(const char *path)
{
	const char *run = strncmp(path, "/run/", 5) ? NULL : path + 5;

	if (!strcmp(path, "/") || !strcmp(path, "/history"))
		return true;
	return run && *run && run[strspn(run, "0123456789")] == '\0';
}

bool pages_index(const char *dir, const char *path, struct http_answer *ret)
{
	if (!is_page(path))
		return false;
	pages_file(dir, "index.html", ret);
	if (ret->status == 404) {
		http_release(ret);
		answer_text(ret, 500, "The page's files are not where --pages says.\n");
	}
	return true;
}
