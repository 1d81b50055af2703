/* daemon/authorized_keys.c - reads and rewrites the file of those who may come in over TCP. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/authorized_keys.h"

#define MOST_BYTES (1u << 20)

static const char name_characters[] =
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";

/* ---- one line ---- */

int authorized_key_make(const char *public_key, const char *name, const char *role,
			struct authorized_key *ret, struct problem *p)
{
	size_t n = strlen(name);

	if (!key_is_valid(public_key))
		return problem_set(p, PROBLEM_PARAMS, "/public_key",
				   "\"%.60s\" is no public key: expected %d characters of Z85, as "
				   "nudgectl key new prints them",
				   public_key, KEY_CHARS);
	if (n == 0 || n > KEY_NAME_MAX || strspn(name, name_characters) != n)
		return problem_set(
			p, PROBLEM_PARAMS, "/name",
			"\"%.60s\" is no name for a key: expected 1 to %d letters, digits "
			"and . _ @ -",
			name, KEY_NAME_MAX);
	if (role_of_word(role) == ROLE_NONE)
		return problem_set(p, PROBLEM_PARAMS, "/role",
				   "\"%.60s\" is no role: it is observer, operator or admin", role);
	memcpy(ret->public_key, public_key, KEY_CHARS + 1);
	memcpy(ret->name, name, n + 1);
	ret->role = role_of_word(role);
	return 0;
}

/* All that sscanf() skips within a line: what is read as a key must be found again when it is revoked */
static const char blanks[] = " \t\r\v\f";

static bool is_comment(const char *line)
{
	line += strspn(line, blanks);
	return !line[0] || line[0] == '#';
}

static int parse_line(const char *line, struct authorized_key *ret, struct problem *p)
{
	char key[64], name[64], role[64], rest[2];
	int n = sscanf(line, "%63s %63s %63s %1s", key, name, role, rest);

	if (n != 3)
		return problem_set(p, PROBLEM_PARAMS, "",
				   "expected PUBLIC-KEY NAME ROLE, and found %s words",
				   n < 0   ? "no"
				   : n < 3 ? "fewer than three"
					   : "more than three");
	return authorized_key_make(key, name, role, ret, p);
}

/* ---- the list ---- */

const struct authorized_key *authorized_keys_find(const struct authorized_keys *keys,
						  const char *public_key)
{
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->list[i].public_key, public_key) == 0)
			return &keys->list[i];
	return NULL;
}

const struct authorized_key *authorized_keys_named(const struct authorized_keys *keys,
						   const char *name)
{
	for (size_t i = 0; i < keys->n; i++)
		if (strcmp(keys->list[i].name, name) == 0)
			return &keys->list[i];
	return NULL;
}

static int append(struct authorized_keys *keys, const struct authorized_key *key, struct problem *p)
{
	struct authorized_key *list;

	if (authorized_keys_find(keys, key->public_key))
		return problem_set(p, PROBLEM_CONFLICT, "/public_key",
				   "the key of %s is there already, as that of %s", key->name,
				   authorized_keys_find(keys, key->public_key)->name);
	if (authorized_keys_named(keys, key->name))
		return problem_set(p, PROBLEM_CONFLICT, "/name",
				   "%s has a key already; revoke it first, or choose another name",
				   key->name);
	list = realloc(keys->list, (keys->n + 1) * sizeof(*list));
	if (!list)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for the keys");
	keys->list = list;
	list[keys->n++] = *key;
	return 0;
}

void authorized_keys_clear(struct authorized_keys *keys)
{
	free(keys->list);
	*keys = (struct authorized_keys){0};
}

static void say_where(struct problem *p, const char *file, unsigned number)
{
	char text[sizeof(p->message)];

	if (!p)
		return;
	snprintf(text, sizeof(text), "%s:%u: ", file, number);
	problem_cut(text + strlen(text), sizeof(text) - strlen(text), p->message);
	memcpy(p->message, text, sizeof(text));
}

int authorized_keys_parse(const char *text, const char *file, struct authorized_keys *ret,
			  struct problem *p)
{
	struct authorized_keys keys = {0};
	unsigned number = 0;

	while (*text) {
		size_t n = strcspn(text, "\n");
		char line[256];
		struct authorized_key key;
		int r = 0;

		number++;
		snprintf(line, sizeof(line), "%.*s", (int)(n < 255 ? n : 255), text);
		text += n + (text[n] == '\n');
		if (is_comment(line))
			continue;
		r = n < sizeof(line) ? parse_line(line, &key, p)
				     : problem_set(p, PROBLEM_PARAMS, "", "the line is too long");
		if (r == 0)
			r = append(&keys, &key, p);
		if (r < 0) {
			say_where(p, file, number);
			authorized_keys_clear(&keys);
			return -1;
		}
	}
	*ret = keys;
	return 0;
}

/* ---- the file ---- */

static int cannot(const char *file, const char *what, struct problem *p)
{
	return problem_set(p, PROBLEM_STORAGE, "", "%s cannot be %s: %s", file, what,
			   strerror(errno));
}

/* The file's text, "" if there is no file.  free() it; NULL and *p. */
static char *read_text(const char *file, struct problem *p)
{
	FILE *f = fopen(file, "re");
	struct stat st;
	char *text = NULL;
	size_t n;

	if (!f && errno == ENOENT)
		return calloc(1, 1);
	if (!f || fstat(fileno(f), &st) < 0) {
		cannot(file, "read", p);
	} else if (st.st_mode & 022) {
		problem_set(p, PROBLEM_STORAGE, "",
			    "%s: others may write to it (mode %04o); chmod 644 %s, and look at "
			    "who is in it",
			    file, (unsigned)(st.st_mode & 07777), file);
	} else if (st.st_size > MOST_BYTES) {
		problem_set(p, PROBLEM_STORAGE, "", "%s: longer than %u bytes", file, MOST_BYTES);
	} else {
		text = calloc(1, MOST_BYTES + 1);
		n = text ? fread(text, 1, MOST_BYTES, f) : 0;
		if (text && strlen(text) != n) {
			problem_set(p, PROBLEM_STORAGE, "", "%s: a NUL byte is no text", file);
			free(text);
			text = NULL;
		}
	}
	if (f)
		fclose(f);
	return text;
}

int authorized_keys_read(const char *file, struct authorized_keys *ret, struct problem *p)
{
	char *text = read_text(file, p);
	int r;

	if (!text)
		return -1;
	r = authorized_keys_parse(text, file, ret, p);
	free(text);
	return r;
}

static int write_and_rename(const char *file, const char *temporary, const char *text,
			    struct problem *p)
{
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t n = strlen(text);
	bool good;

	if (fd < 0)
		return cannot(temporary, "made", p);
	good = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	close(fd);
	if (good && rename(temporary, file) == 0)
		return 0;
	cannot(file, "written", p);
	unlink(temporary);
	return -1;
}

/* So that the new name survives a power cut; the file itself is on disk. */
static void sync_directory(const char *file)
{
	char *copy = strdup(file);
	int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (fd >= 0) {
		(void)fsync(fd);
		close(fd);
	}
	free(copy);
}

static int replace(const char *file, const char *text, struct problem *p)
{
	char *temporary;
	int r;

	if (asprintf(&temporary, "%s.new", file) < 0)
		return problem_set(p, PROBLEM_INTERNAL, "", "no memory for a file's name");
	r = write_and_rename(file, temporary, text, p);
	free(temporary);
	if (r == 0)
		sync_directory(file);
	return r;
}

/* The text and the list of a file that is good; free() and authorized_keys_clear() them. */
static int open_list(const char *file, char **ret_text, struct authorized_keys *ret,
		     struct problem *p)
{
	char *text = read_text(file, p);

	if (!text)
		return -1;
	if (authorized_keys_parse(text, file, ret, p) < 0) {
		free(text);
		return -1;
	}
	*ret_text = text;
	return 0;
}

int authorized_keys_add(const char *file, const struct authorized_key *key, struct problem *p)
{
	struct authorized_keys keys = {0};
	const struct authorized_key *same;
	char *text, *whole = NULL;
	size_t n;
	int r;

	if (open_list(file, &text, &keys, p) < 0)
		return -1;
	same = authorized_keys_find(&keys, key->public_key);
	n = strlen(text);
	if (same && strcmp(same->name, key->name) == 0 && same->role == key->role)
		r = 0;
	else
		r = append(&keys, key, p);
	if (r == 0 && !same) {
		if (asprintf(&whole, "%s%s%s %s %s\n", text, n && text[n - 1] != '\n' ? "\n" : "",
			     key->public_key, key->name, role_word(key->role)) < 0)
			whole = NULL;
		r = whole ? replace(file, whole, p)
			  : problem_set(p, PROBLEM_INTERNAL, "", "no memory for the keys");
	}
	free(whole);
	free(text);
	authorized_keys_clear(&keys);
	return r;
}

/* Takes the line of this key out of text; false: it has none. */
static bool cut_line(char *text, const char *public_key)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		size_t blank = strspn(text, blanks);

		n += text[n] == '\n';
		if (strncmp(text + blank, public_key, KEY_CHARS) == 0) {
			memmove(text, text + n, strlen(text + n) + 1);
			return true;
		}
		text += n;
	}
	return false;
}

int authorized_keys_remove(const char *file, const char *name, struct authorized_key *ret_old,
			   struct problem *p)
{
	struct authorized_keys keys = {0};
	const struct authorized_key *key;
	char *text;
	int r;

	if (open_list(file, &text, &keys, p) < 0)
		return -1;
	key = authorized_keys_named(&keys, name);
	if (!key) {
		r = problem_set(p, PROBLEM_NOT_FOUND, "/name",
				"%.60s has no key here; see key.list", name);
	} else {
		r = cut_line(text, key->public_key)
			    ? replace(file, text, p)
			    : problem_set(p, PROBLEM_INTERNAL, "",
					  "%s: the line of %s was read, and is not found again",
					  file, name);
		if (r == 0 && ret_old)
			*ret_old = *key;
	}
	free(text);
	authorized_keys_clear(&keys);
	return r;
}
